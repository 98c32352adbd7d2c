"""What is stored. Answers, identity, notes and PDFs are in encrypted columns; see crypto.py."""

from screening.models.amendment import CaseAssessment
from screening.models.audit import AuditEvent, AuditHead
from screening.models.base import db
from screening.models.coming_back import Attempt, HeldPost, PatientMail, ReturnCode
from screening.models.data_export import DataExport
from screening.models.handing import Handover, ReferralLetter
from screening.models.invitation import Invitation, Kiosk
from screening.models.outbox import Alert, OutboxMessage
from screening.models.patient import Patient, SearchToken
from screening.models.person import IdentityCorrection, PatientJoin
from screening.models.printing import PrintJob, PrintPiece
from screening.models.retention import ForgottenForms, LegalHold, SpentId, Tombstone
from screening.models.review import Decision, StoredPdf
from screening.models.rule_set import (
    FindingMark,
    ReReview,
    RuleSetActivation,
    RuleSetSignature,
    StoredRuleSet,
    WhatIfCase,
    WhatIfRun,
)
from screening.models.screening import Case, CaseFinding, Draft, Notice
from screening.models.second_factor import Passkey, RecoveryCode, StaffMail
from screening.models.settings import ClinicSetting
from screening.models.tally import Tally
from screening.models.translation import TranslationApproval
from screening.models.user import Role, User, WebSession
from screening.models.worker import WorkerBeat

__all__ = [
    "Alert",
    "Attempt",
    "AuditEvent",
    "AuditHead",
    "Case",
    "CaseAssessment",
    "CaseFinding",
    "ClinicSetting",
    "DataExport",
    "Decision",
    "Draft",
    "FindingMark",
    "ForgottenForms",
    "Handover",
    "HeldPost",
    "IdentityCorrection",
    "Invitation",
    "Kiosk",
    "LegalHold",
    "Notice",
    "OutboxMessage",
    "Passkey",
    "Patient",
    "PatientJoin",
    "PatientMail",
    "PrintJob",
    "PrintPiece",
    "ReReview",
    "RecoveryCode",
    "ReferralLetter",
    "ReturnCode",
    "Role",
    "RuleSetActivation",
    "RuleSetSignature",
    "SearchToken",
    "SpentId",
    "StaffMail",
    "StoredPdf",
    "StoredRuleSet",
    "Tally",
    "Tombstone",
    "TranslationApproval",
    "User",
    "WebSession",
    "WhatIfCase",
    "WhatIfRun",
    "WorkerBeat",
    "db",
]
