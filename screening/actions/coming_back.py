"""A person comes back: a code and a date of birth open a form, an invitation, or the copy of what was sent.

A wrong, an expired and a used code, and a wrong date of birth, are all refused alike.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from screening.actions import return_codes
from screening.actions.attempts import ADDRESS, Limit, Refused, network, one_try, take
from screening.actions.open_draft import lock_open
from screening.actions.unit import Actor, Missing, unit_of_work
from screening.clinic import current_clinic
from screening.models import Case, Draft, PatientMail, ReturnCode, db

CODE = "code"
LONGEST = timedelta(days=14)
"""For as long failures are counted."""

OFTEN_AIMED_AT = Limit((CODE,), 60, LONGEST)
LIMITS = (
    Limit((CODE, ADDRESS), 30, LONGEST),
    Limit((CODE, ADDRESS), 10, timedelta(hours=1)),
    Limit((CODE, ADDRESS), 3, LONGEST, beyond=OFTEN_AIMED_AT),
    Limit((ADDRESS,), 60, timedelta(hours=1)),
    Limit((ADDRESS,), 300, timedelta(days=1)),
)
"""Failures. No limit counts what others do elsewhere alone: see docs/adr/0004."""

MAIL_LIMITS = (Limit((ADDRESS,), 30, timedelta(hours=1)), Limit(("draft",), 3, timedelta(days=1)))
"""E-mails with a code: from one address, and of one form."""

COME_BACK = "come_back"
"""The kind of e-mail that brings the code."""
NOBODY = "0000-00-00"
"""Compared where there is nobody to compare with."""


@dataclass(frozen=True)
class Subject:
    """What a code opens: one of these ids is set."""

    date_of_birth: str
    """ISO."""
    draft_id: int | None = None
    invitation_id: int | None = None
    case_id: int | None = None


Finder = Callable[[ReturnCode, datetime], Subject | None]
"""What a code that has not run out opens at a moment; None if nothing any more."""


def _form(code: ReturnCode, _now: datetime) -> Subject | None:
    draft = None if code.draft_id is None else db.session.get(Draft, code.draft_id)
    if draft is None or draft.closed_at is not None:
        return None
    return Subject(draft.identity.get("date_of_birth", NOBODY), draft_id=draft.id)


def _copy(code: ReturnCode, _now: datetime) -> Subject | None:
    case = db.session.scalar(select(Case).where(Case.draft_id == code.draft_id))
    return None if case is None else Subject(case.patient.identity.get("date_of_birth", NOBODY), case_id=case.id)


FORMS: list[Finder] = [_form]
"""Asked in turn by come_back(). Invitations put a finder of their own before this one."""


def come_back(*, code: str, date_of_birth: str, address: str | None, by: Actor) -> Subject:
    """The form or invitation that a code (as codes.read_code gives it) and a date of birth (ISO) open.

    Raises attempts.Refused, or attempts.TooMany.
    """
    subject = _looked_up("come back", FORMS, code, date_of_birth, address, by)
    if subject.draft_id is not None:
        with unit_of_work(by) as unit:
            draft = lock_open(unit, subject.draft_id)
            _renew(draft.id, unit.now)
            unit.audit("draft.reopened", draft)
    return subject


def find_copy(*, code: str, date_of_birth: str, address: str | None, by: Actor) -> int:
    """The id of the case that was sent from the form of this code. Raises attempts.Refused, or attempts.TooMany."""
    case_id = _looked_up("copy", [_copy], code, date_of_birth, address, by).case_id
    if case_id is None:
        raise Missing("a copy without a case")
    return case_id


def _looked_up(
    purpose: str, finders: list[Finder], code: str, date_of_birth: str, address: str | None, by: Actor
) -> Subject:
    parts = {CODE: code, ADDRESS: network(address)}
    with one_try(purpose=purpose, parts=parts, limits=LIMITS, by=by) as now:
        row = return_codes.find(code)
        lasting = row is not None and row.expires_at > now
        found = [subject for finder in finders if row is not None and lasting and (subject := finder(row, now))]
        born = found[0].date_of_birth if found else NOBODY
        if not hmac.compare_digest(born.encode(), date_of_birth.encode()) or not found:
            raise Refused
        return found[0]


def stop(*, draft_id: int, email: str, address: str | None, by: Actor) -> None:
    """The person stops for now: the code lasts its whole time again, and is sent by e-mail if an address is given.

    Raises Missing, or attempts.TooMany if too many e-mails were asked for; then nothing is written.
    """
    if email:
        take(
            purpose="code mail",
            parts={"draft": str(draft_id), ADDRESS: network(address)},
            limits=MAIL_LIMITS,
            by=by,
        )
    with unit_of_work(by) as unit:
        draft = lock_open(unit, draft_id)
        _renew(draft.id, unit.now)
        if email:
            mail = PatientMail(
                kind=COME_BACK, to=email, language=draft.language, draft_id=draft.id, due_at=unit.now, attempts=0
            )
            db.session.add(mail)
        unit.audit("draft.stopped", draft, mailed=bool(email))


def _renew(draft_id: int, now: datetime) -> None:
    """A code that is in use does not run out. One that was ended stays so, and one that lasts longer keeps its time."""
    until = now + timedelta(days=current_clinic().draft_days)
    in_use = select(ReturnCode).where(ReturnCode.draft_id == draft_id, ReturnCode.expires_at > now)
    for code in db.session.scalars(in_use):
        code.expires_at = max(code.expires_at, until)
