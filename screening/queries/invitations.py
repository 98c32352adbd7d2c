"""Invitations in a list: who was invited, and how far they have come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, exists, or_, select, tuple_

from screening import clock, journey
from screening.clinic import current_clinic
from screening.invited import Progress, progress_of, reminder_due
from screening.models import Case, Draft, Invitation, PatientMail, ReturnCode, db
from screening.models.base import UtcDateTime
from screening.queries.cases import PAGE_ROWS, Page
from screening.questions import PAGES


class InvitationFilter(StrEnum):
    OPEN = "open"
    TO_PRINT = "to_print"
    SUBMITTED = "submitted"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ALL = "all"

    @property
    def staff_name(self) -> str:
        return self.value.replace("_", " ").capitalize()


class Word(StrEnum):
    """How the person gets word of the invitation."""

    TO_PRINT = "to print"
    PRINTED = "printed"
    WAITING = "e-mail waiting"
    FAILED = "e-mail failed, trying again"
    DELIVERED = "e-mailed"
    NOT_SENT = "e-mail not sent"


@dataclass(frozen=True)
class InvitationRow:
    id: int
    identity: dict[str, Any]
    """full_name, date_of_birth, phone and email; empty texts where not given."""
    language: str
    progress: Progress
    place: str
    """Where the person is in the form; empty before it was opened and after it was sent."""
    word: Word
    reminder_due: bool
    """Whether staff are to print the sheet again, since no e-mail reminds the person."""
    created_at: datetime
    created_name: str
    until: datetime | None
    """How long the code lasts; None once there is none any more."""
    printed_at: datetime | None
    reminded_at: datetime | None
    revoked_at: datetime | None
    revoked_name: str | None
    reference: str | None
    """The case, once the form was submitted."""

    @property
    def can_remind(self) -> bool:
        """Whether an e-mail may remind the person; it needs the clinic's mail settings too."""
        return self.progress.open and self.reminded_at is None and bool(self.identity.get("email"))


def invitation_list(shown: InvitationFilter, after: int | None) -> Page[InvitationRow]:
    """Invitations, newest first."""
    query = _listed().where(*_conditions(shown, clock.now()))
    last = None if after is None else db.session.get(Invitation, after)
    if last is not None:
        moment = tuple_(last.created_at, last.id, types=(UtcDateTime(), Integer()))
        query = query.where(tuple_(Invitation.created_at, Invitation.id) < moment)
    query = query.order_by(Invitation.created_at.desc(), Invitation.id.desc()).limit(PAGE_ROWS + 1)
    found = db.session.execute(query).all()
    rows = _rows(found[:PAGE_ROWS])
    return Page(rows, rows[-1].id if len(found) > PAGE_ROWS else None)


def invitation_row(invitation_id: int) -> InvitationRow | None:
    rows = _rows(db.session.execute(_listed().where(Invitation.id == invitation_id)).all())
    return rows[0] if rows else None


def _listed() -> Select[Invitation, datetime, str | None, datetime | None, str]:
    return (
        select(Invitation, ReturnCode.expires_at, Draft.reached, Draft.closed_at, Case.reference)
        .outerjoin(ReturnCode, ReturnCode.invitation_id == Invitation.id)
        .outerjoin(Draft, Invitation.draft_id == Draft.id)
        .outerjoin(Case, Case.draft_id == Draft.id)
    )


def _conditions(shown: InvitationFilter, now: datetime) -> list[ColumnElement[bool]]:
    submitted = Draft.closed_at.is_not(None)
    unsent = or_(Invitation.draft_id.is_(None), Draft.closed_at.is_(None))
    revoked = Invitation.revoked_at.is_not(None)
    expired = or_(ReturnCode.id.is_(None), ReturnCode.expires_at <= now)
    still_open = [unsent, ~revoked, ~expired]
    mailed = exists().where(PatientMail.invitation_id == Invitation.id)
    conditions: dict[InvitationFilter, list[ColumnElement[bool]]] = {
        InvitationFilter.OPEN: still_open,
        InvitationFilter.TO_PRINT: [*still_open, Invitation.printed_at.is_(None), ~mailed],
        InvitationFilter.SUBMITTED: [submitted],
        InvitationFilter.EXPIRED: [unsent, ~revoked, expired],
        InvitationFilter.REVOKED: [unsent, revoked],
        InvitationFilter.ALL: [],
    }
    return conditions[shown]


def _rows(found: Sequence[Any]) -> tuple[InvitationRow, ...]:
    mails = _latest_mails([row.Invitation.id for row in found])
    return tuple(_row(row, mails.get(row.Invitation.id)) for row in found)


def _latest_mails(invitations: Sequence[int]) -> dict[int, PatientMail]:
    query = select(PatientMail).where(PatientMail.invitation_id.in_(invitations)).order_by(PatientMail.id)
    return {mail.invitation_id: mail for mail in db.session.scalars(query) if mail.invitation_id is not None}


def _row(found: Any, mail: PatientMail | None) -> InvitationRow:
    invitation: Invitation = found.Invitation
    now = clock.now()
    progress = progress_of(invitation, until=found.expires_at, submitted=found.closed_at is not None, now=now)
    return InvitationRow(
        id=invitation.id,
        identity=invitation.identity,
        language=invitation.language,
        progress=progress,
        place="" if invitation.opened_at is None or found.reference else _place(found.reached),
        word=_word(invitation, mail),
        reminder_due=progress.open and mail is None and reminder_due(invitation, current_clinic(), now),
        created_at=invitation.created_at,
        created_name=invitation.created_name,
        until=found.expires_at,
        printed_at=invitation.printed_at,
        reminded_at=invitation.reminded_at,
        revoked_at=invitation.revoked_at,
        revoked_name=invitation.revoked_name,
        reference=found.reference,
    )


def _word(invitation: Invitation, mail: PatientMail | None) -> Word:
    if mail is None:
        return Word.TO_PRINT if invitation.printed_at is None else Word.PRINTED
    if mail.delivered_at is not None:
        return Word.NOT_SENT if mail.last_error else Word.DELIVERED
    return Word.FAILED if mail.last_error else Word.WAITING


def _place(reached: str | None) -> str:
    """Where a form stands, in the words of the patient's own pages."""
    page = PAGES.get(reached or "")
    if page is None:
        return "All answered, not sent"
    at = journey.progress(page)
    return f"Step {at.step_number} of {at.steps}: {at.step_title}"
