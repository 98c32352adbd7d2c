"""All rows that belong to a person: of which table, and what they hang on of what is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, func, or_, select

from screening.models import (
    Alert,
    Case,
    CaseAssessment,
    CaseFinding,
    Decision,
    Draft,
    FindingMark,
    Handover,
    HeldPost,
    IdentityCorrection,
    Invitation,
    LegalHold,
    Notice,
    OutboxMessage,
    Patient,
    PatientJoin,
    PatientMail,
    PrintJob,
    PrintPiece,
    ReferralLetter,
    ReReview,
    ReturnCode,
    SearchToken,
    StoredPdf,
    WhatIfCase,
    db,
)
from screening.models.base import Model

Ids = frozenset[int]
NONE: Ids = frozenset()


@dataclass(frozen=True)
class Roots:
    """What is forgotten, by ids: all else goes with one of these."""

    drafts: Ids = NONE
    cases: Ids = NONE
    patients: Ids = NONE
    invitations: Ids = NONE

    @property
    def references(self) -> list[str]:
        return list(db.session.scalars(select(Case.reference).where(Case.id.in_(self.cases))))

    @property
    def print_jobs(self) -> list[int]:
        """Files of many summaries, of which one is among these cases. They are of a day, so all are looked at."""
        jobs = db.session.execute(select(PrintJob.id, PrintJob.sheets)) if self.cases else ()
        return [job.id for job in jobs if any(sheet["case"] in self.cases for sheet in job.sheets)]


@dataclass(frozen=True)
class Belonging:
    """Rows of one table that go with what is forgotten. `title` is what staff call them."""

    model: type[Model]
    title: str
    where: Callable[[Roots], ColumnElement[bool]]

    @property
    def table(self) -> Table:
        return self.model.metadata.tables[self.model.__tablename__]


BELONGINGS = (
    Belonging(
        FindingMark,
        "findings marked as not relevant",
        lambda of: FindingMark.decision_id.in_(select(Decision.id).where(Decision.case_id.in_(of.cases))),
    ),
    Belonging(Handover, "notes of physicians", lambda of: Handover.case_id.in_(of.cases)),
    Belonging(ReferralLetter, "letters to referrers", lambda of: ReferralLetter.case_id.in_(of.cases)),
    Belonging(Decision, "decisions", lambda of: Decision.case_id.in_(of.cases)),
    Belonging(CaseAssessment, "earlier assessments", lambda of: CaseAssessment.case_id.in_(of.cases)),
    Belonging(CaseFinding, "findings", lambda of: CaseFinding.case_id.in_(of.cases)),
    Belonging(ReReview, "reviews for new rules", lambda of: ReReview.case_id.in_(of.cases)),
    Belonging(StoredPdf, "stored summaries", lambda of: StoredPdf.case_id.in_(of.cases)),
    Belonging(WhatIfCase, "lines of what-if runs", lambda of: WhatIfCase.reference.in_(of.references)),
    Belonging(PrintPiece, "pieces of these files", lambda of: PrintPiece.job_id.in_(of.print_jobs)),
    Belonging(PrintJob, "files of many summaries", lambda of: PrintJob.id.in_(of.print_jobs)),
    Belonging(Case, "submitted screenings", lambda of: Case.id.in_(of.cases)),
    Belonging(IdentityCorrection, "corrections of identity", lambda of: IdentityCorrection.patient_id.in_(of.patients)),
    Belonging(
        PatientJoin,
        "joins with other records",
        lambda of: or_(PatientJoin.first_id.in_(of.patients), PatientJoin.second_id.in_(of.patients)),
    ),
    Belonging(LegalHold, "legal holds that were lifted", lambda of: LegalHold.patient_id.in_(of.patients)),
    Belonging(SearchToken, "search entries", lambda of: SearchToken.patient_id.in_(of.patients)),
    Belonging(Patient, "identities", lambda of: Patient.id.in_(of.patients)),
    Belonging(
        OutboxMessage,
        "words of alerts",
        lambda of: OutboxMessage.alert_id.in_(select(Alert.id).where(Alert.draft_id.in_(of.drafts))),
    ),
    Belonging(Alert, "alerts", lambda of: Alert.draft_id.in_(of.drafts)),
    Belonging(Notice, "messages that were shown", lambda of: Notice.draft_id.in_(of.drafts)),
    Belonging(HeldPost, "pages typed but not saved", lambda of: HeldPost.draft_id.in_(of.drafts)),
    Belonging(
        PatientMail,
        "e-mails to the person",
        lambda of: or_(PatientMail.draft_id.in_(of.drafts), PatientMail.invitation_id.in_(of.invitations)),
    ),
    Belonging(
        ReturnCode,
        "codes to come back",
        lambda of: or_(ReturnCode.draft_id.in_(of.drafts), ReturnCode.invitation_id.in_(of.invitations)),
    ),
    Belonging(Invitation, "invitations", lambda of: Invitation.id.in_(of.invitations)),
    Belonging(Draft, "forms", lambda of: Draft.id.in_(of.drafts)),
)
"""In an order in which they can be deleted: nothing before what names it."""


def counted(roots: Roots) -> dict[str, int]:
    """How many rows would go, by what staff call them; without those of which there is none."""
    found = {
        one.title: db.session.scalar(select(func.count()).select_from(one.table).where(one.where(roots))) or 0
        for one in BELONGINGS
    }
    return {title: n for title, n in found.items() if n}


def whole(*, drafts: Collection[int] = (), patients: Collection[int] = (), invitations: Collection[int] = ()) -> Roots:
    """These with all that is of the same record: an invitation's form, a form's case, a case's person."""
    forms, people, asked = set(drafts), set(patients), set(invitations)
    forms |= _ids(select(Invitation.draft_id).where(Invitation.id.in_(asked), Invitation.draft_id.is_not(None)))
    cases: set[int] = set()
    while True:
        hangs_on = or_(Case.draft_id.in_(forms), Case.patient_id.in_(people))
        rows = db.session.execute(select(Case.id, Case.draft_id, Case.patient_id).where(hangs_on)).all()
        forms |= {row.draft_id for row in rows}
        people |= {row.patient_id for row in rows}
        if cases == {row.id for row in rows}:
            break
        cases = {row.id for row in rows}
    asked |= _ids(select(Invitation.id).where(Invitation.draft_id.in_(forms)))
    return Roots(*(frozenset(ids) for ids in (forms, cases, people, asked)))


def of_forms(ids: Collection[int]) -> Roots:
    """Forms that no case was made of, with their invitations."""
    asked = _ids(select(Invitation.id).where(Invitation.draft_id.in_(ids)))
    return Roots(drafts=frozenset(ids), invitations=frozenset(asked))


def of_cases(ids: Collection[int]) -> Roots:
    """Cases with their forms and invitations, and those people of whom there is no other case."""
    rows = db.session.execute(select(Case.draft_id, Case.patient_id).where(Case.id.in_(ids))).all()
    people = {row.patient_id for row in rows}
    kept = _ids(select(Case.patient_id).where(Case.patient_id.in_(people), Case.id.not_in(ids)))
    forms = of_forms([row.draft_id for row in rows])
    return Roots(forms.drafts, frozenset(ids), frozenset(people - kept), forms.invitations)


def of_invitations(ids: Collection[int]) -> Roots:
    """Invitations alone: a form that came of one stays."""
    return Roots(invitations=frozenset(ids))


def _ids(query: object) -> set[int]:
    return set(db.session.scalars(query))  # type: ignore[call-overload]
