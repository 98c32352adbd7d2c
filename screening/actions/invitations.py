"""Invitations: one person is asked to fill in one form, by e-mail, on paper or by phone, and can be told no more."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import exists, or_, select

from screening import clock
from screening.actions import coming_back, return_codes
from screening.actions.drafts import begin, first_unfinished
from screening.actions.unit import Actor, Missing, Unit, unit_of_work
from screening.clinic import Clinic, current_clinic
from screening.config import Settings
from screening.invitation_sheet import invitation_sheet
from screening.invited import progress_of, reminder_due
from screening.models import Draft, Invitation, PatientMail, ReturnCode, db
from screening.pdf import Prepared
from screening.provenance import Channel

INVITATION = "invitation"
REMINDER = "reminder"
"""The kinds of mail that an invitation leads to."""

ORIGIN = "Invitation"
BATCH = 100


class NotOpen(Missing):
    """The invitation was revoked, has expired, or its form was sent."""


def create(*, identity: Mapping[str, Any], language: str, by: Actor) -> Invitation:
    """Invite a person: full_name, date_of_birth (ISO), and email or phone, which may be empty.

    An e-mail goes out where there is an address and the clinic can send mail.
    """
    with unit_of_work(by) as unit:
        invitation = Invitation(
            identity=dict(identity),
            language=language,
            created_at=unit.now,
            created_by_id=by.user_id,
            created_name=by.name,
        )
        db.session.add(invitation)
        db.session.flush()
        until = unit.now + timedelta(days=current_clinic().invitation_days)
        return_codes.issue(unit, invitation_id=invitation.id, expires_at=until)
        mailed = _mail(unit, invitation, INVITATION)
        unit.audit("invitation.created", invitation, mailed=mailed)
        return invitation


def revoke(*, invitation_id: int, by: Actor) -> None:
    """Let the code lead nowhere from now on. What was answered stays, and a form that is open somewhere goes on.

    Raises Missing or NotOpen.
    """
    with unit_of_work(by) as unit:
        invitation = _lock_open(unit, invitation_id)
        invitation.revoked_at = unit.now
        invitation.revoked_name = by.name
        code_of(invitation).expires_at = unit.now
        unit.audit("invitation.revoked", invitation)


def remind(*, invitation_id: int, by: Actor) -> bool:
    """Send the one reminder now. Returns whether one goes out. Raises Missing or NotOpen."""
    with unit_of_work(by) as unit:
        invitation = _lock_open(unit, invitation_id)
        if invitation.reminded_at is not None or not _mail(unit, invitation, REMINDER):
            return False
        invitation.reminded_at = unit.now
        unit.audit("invitation.reminded", invitation, way="e-mail")
        return True


def remind_due(*, by: Actor) -> int:
    """Remind, once, everyone who had an e-mail the clinic's number of days ago and sent no form. Returns how many."""
    if not can_mail():
        return 0
    now, wait = clock.now(), timedelta(days=current_clinic().remind_days)
    waiting = (
        select(Invitation.id)
        .join(ReturnCode, ReturnCode.invitation_id == Invitation.id)
        .outerjoin(Draft, Invitation.draft_id == Draft.id)
        .where(
            Invitation.reminded_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.created_at <= now - wait,
            ReturnCode.expires_at > now,
            or_(Invitation.draft_id.is_(None), Draft.closed_at.is_(None)),
            exists().where(PatientMail.invitation_id == Invitation.id, PatientMail.delivered_at.is_not(None)),
        )
    )
    due = db.session.scalars(waiting.order_by(Invitation.id).limit(BATCH)).all()
    reminded = 0
    for invitation_id in due:
        with suppress(NotOpen):
            # Somebody may have revoked it, or sent the form, a moment ago.
            reminded += remind(invitation_id=invitation_id, by=by)
    return reminded


def print_sheet(*, invitation_id: int, by: Actor) -> bytes:
    """The sheet as a PDF. It is made anew each time, and not kept: it holds the code. Raises Missing or NotOpen."""
    clinic, invitation = current_clinic(), db.session.get(Invitation, invitation_id)
    if invitation is None or not is_open(invitation):
        raise NotOpen(f"Invitation {invitation_id}")
    pdf = _sheet(invitation, clinic).to_pdf()
    with unit_of_work(by) as unit:
        invitation = _lock_open(unit, invitation_id)
        invitation.printed_at = unit.now
        unit.audit("invitation.printed", invitation)
        if reminder_due(invitation, clinic, unit.now):
            invitation.reminded_at = unit.now
            unit.audit("invitation.reminded", invitation, way="sheet")
    return pdf


def show_code(*, invitation_id: int, by: Actor) -> str:
    """The code, to read it out to the person. Raises Missing or NotOpen."""
    with unit_of_work(by) as unit:
        invitation = _lock_open(unit, invitation_id)
        unit.audit("invitation.code_shown", invitation)
        return return_codes.text_of(code_of(invitation))


def open_invitation(
    *,
    invitation_id: int,
    language: str,
    by: Actor,
    channel: str = Channel.ONLINE,
    origin: str = ORIGIN,
    kiosk_id: int | None = None,
) -> Draft:
    """Begin the form with the person's consent, or find the one that was begun. Raises Missing or NotOpen."""
    with unit_of_work(by) as unit:
        invitation = _lock_open(unit, invitation_id)
        if invitation.draft_id is not None:
            return unit.lock(Draft, invitation.draft_id)
        known = {part: value for part, value in invitation.identity.items() if value}
        draft = begin(unit, identity=known, channel=channel, origin=origin, language=language)
        draft.kiosk_id = kiosk_id
        first = first_unfinished(draft)
        draft.reached = first.id if first else None
        invitation.opened_at = unit.now
        invitation.draft_id = draft.id
        _keep_as_long_as_the_draft(unit, invitation)
        unit.audit("invitation.opened", invitation, draft=draft.id)
        return draft


def come_back_address() -> str:
    """The page that takes a code. The same for everyone."""
    settings: Settings = current_app.extensions["settings"]
    return f"{settings.base_url}/come-back"


def can_mail() -> bool:
    """Whether this clinic can send e-mail."""
    settings: Settings = current_app.extensions["settings"]
    return settings.smtp_url is not None


def is_open(invitation: Invitation) -> bool:
    """Whether its code still leads to the form."""
    draft = None if invitation.draft_id is None else db.session.get(Draft, invitation.draft_id, populate_existing=True)
    submitted = draft is not None and draft.closed_at is not None
    code = _code(invitation)
    until = None if code is None else code.expires_at
    return progress_of(invitation, until=until, submitted=submitted, now=clock.now()).open


def _lock_open(unit: Unit, invitation_id: int) -> Invitation:
    invitation = unit.lock(Invitation, invitation_id)
    if not is_open(invitation):
        raise NotOpen(f"Invitation {invitation_id}")
    return invitation


def _mail(unit: Unit, invitation: Invitation, kind: str) -> bool:
    """Put one mail on its way, where there is an address and a way."""
    to = invitation.identity.get("email")
    if not to or not can_mail():
        return False
    db.session.add(
        PatientMail(kind=kind, to=to, language=invitation.language, invitation_id=invitation.id, due_at=unit.now)
    )
    return True


def _keep_as_long_as_the_draft(unit: Unit, invitation: Invitation) -> None:
    """Whoever begins on the last day has as long as anyone else; the code of the sheet becomes that of the form."""
    code = code_of(invitation)
    code.draft_id = invitation.draft_id
    code.expires_at = max(code.expires_at, unit.now + timedelta(days=current_clinic().draft_days))


def code_of(invitation: Invitation) -> ReturnCode:
    """The code of its sheet. Raises Missing."""
    row = _code(invitation)
    if row is None:
        raise Missing(f"code of Invitation {invitation.id}")
    return row


def _code(invitation: Invitation) -> ReturnCode | None:
    return db.session.scalar(select(ReturnCode).where(ReturnCode.invitation_id == invitation.id))


def _sheet(invitation: Invitation, clinic: Clinic) -> Prepared:
    code = code_of(invitation)
    return invitation_sheet(
        invitation,
        code=return_codes.text_of(code),
        until=code.expires_at,
        clinic=clinic,
        come_back=come_back_address(),
    )


def _as_subject(code: ReturnCode, _now: datetime) -> coming_back.Subject | None:
    """The invitation that a code opens, until its form was begun: then the code is that of the form."""
    invitation = None if code.invitation_id is None else db.session.get(Invitation, code.invitation_id)
    if invitation is None or invitation.draft_id is not None or invitation.revoked_at is not None:
        return None
    return coming_back.Subject(invitation.identity["date_of_birth"], invitation_id=invitation.id)


coming_back.FORMS.insert(0, _as_subject)
