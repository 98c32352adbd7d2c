"""What is stored. Answers, identity, notes and PDFs are in encrypted columns; see crypto.py."""

from screening.models.audit import AuditEvent
from screening.models.base import db
from screening.models.outbox import Alert, OutboxMessage
from screening.models.patient import Patient, SearchToken
from screening.models.review import Decision, StoredPdf
from screening.models.rule_set import (
    FindingMark,
    ReReview,
    RuleSetActivation,
    RuleSetSignature,
    StoredRuleSet,
    WhatIfRun,
)
from screening.models.screening import Case, CaseFinding, Draft, Notice
from screening.models.settings import ClinicSetting
from screening.models.user import Role, User, WebSession

__all__ = [
    "Alert",
    "AuditEvent",
    "Case",
    "CaseFinding",
    "ClinicSetting",
    "Decision",
    "Draft",
    "FindingMark",
    "Notice",
    "OutboxMessage",
    "Patient",
    "ReReview",
    "Role",
    "RuleSetActivation",
    "RuleSetSignature",
    "SearchToken",
    "StoredPdf",
    "StoredRuleSet",
    "User",
    "WebSession",
    "WhatIfRun",
    "db",
]
