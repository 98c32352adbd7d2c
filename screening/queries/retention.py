"""What is forgotten, and when: one table, which the night's job walks and the retention page shows."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, text

from rules.model import Tier
from screening.clinic import Clinic
from screening.models import (
    Alert,
    Case,
    DataExport,
    Draft,
    Invitation,
    LegalHold,
    PatientMail,
    ReferralLetter,
    ReReview,
    ReturnCode,
    StaffMail,
    WhatIfCase,
    WhatIfRun,
    db,
)
from screening.models.screening import PUT_AWAY
from screening.queries.belongings import Roots, of_cases, of_forms, of_invitations
from screening.queries.people import joined_records

GRACE = timedelta(hours=1)
"""Longer than any request lasts: a code that was good when a page came in is not forgotten under it."""
WHAT_IF_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Rule:
    """Rows that are forgotten once a period is over.

    `due` gives the ids of `model` that are to go at a moment; None keeps them all. `roots` is what goes with them;
    None where that is nothing.
    """

    id: str
    title: str
    model: Any
    period: Callable[[Clinic], str]
    due: Callable[[Clinic, datetime], Select[int] | None]
    roots: Callable[[Collection[int]], Roots] | None = None


def held_patients() -> frozenset[int]:
    """The ids of all patients of whom nothing may be forgotten, joined ones among them."""
    standing = db.session.scalars(select(LegalHold.patient_id).where(LegalHold.lifted_at.is_(None))).all()
    return frozenset(record for patient in standing for record in joined_records(patient))


def no_open_alert(since: datetime | None = None) -> ColumnElement[bool]:
    """That nobody waits for somebody to take a form's alert up, and that this was done before a moment."""
    open_one: ColumnElement[bool] = Alert.acknowledged_at.is_(None)
    waiting = open_one if since is None else or_(open_one, Alert.acknowledged_at > since)
    return ~exists().where(Alert.draft_id == Draft.id, waiting)


def _left(clinic: Clinic, now: datetime) -> ColumnElement[bool]:
    """A form that was left, and that no code opens any more."""
    living = exists().where(ReturnCode.draft_id == Draft.id, ReturnCode.expires_at > now - GRACE)
    since = Draft.last_activity_at <= now - timedelta(days=clinic.draft_days)
    return and_(Draft.closed_at.is_(None), since, ~living)


def _alerted() -> ColumnElement[bool]:
    return exists().where(Alert.draft_id == Draft.id)


def _forms(clinic: Clinic, now: datetime) -> Select[int]:
    return select(Draft.id).where(_left(clinic, now), Draft.tier < Tier.URGENT, ~_alerted())


def _forms_with_alert(clinic: Clinic, now: datetime) -> Select[int]:
    """An answer at URGENT without an alert is left to the job that raises it."""
    settled = no_open_alert(now - timedelta(days=clinic.alert_draft_days))
    return select(Draft.id).where(_left(clinic, now), _alerted(), settled)


def _put_away(clinic: Clinic, now: datetime) -> Select[int]:
    settled = no_open_alert(now - timedelta(days=clinic.alert_draft_days))
    return select(Draft.id).where(
        text(PUT_AWAY),
        Draft.closed_at <= now - timedelta(days=clinic.draft_days),
        ~exists().where(Case.draft_id == Draft.id),
        or_(Draft.tier < Tier.URGENT, _alerted()),
        settled,
    )


def _cases(clinic: Clinic, now: datetime) -> Select[int] | None:
    """Nothing that somebody still has to do something about, and nothing of a person on hold."""
    if not clinic.case_years:
        return None
    before = _years_before(now, clinic.case_years)
    open_alert = exists().where(Alert.draft_id == Case.draft_id, Alert.acknowledged_at.is_(None))
    return select(Case.id).where(
        Case.submitted_at <= before,
        or_(Case.changed_at.is_(None), Case.changed_at <= before),
        or_(Case.reviewed_at <= before, and_(Case.reviewed_at.is_(None), ~Case.flagged)),
        Case.opinion_asked_at.is_(None),
        ~exists().where(ReReview.case_id == Case.id, ReReview.resolved_at.is_(None)),
        ~exists().where(ReferralLetter.case_id == Case.id, ReferralLetter.signed_at > before),
        ~open_alert,
        Case.patient_id.not_in(held_patients()),
    )


def _invitations(clinic: Clinic, now: datetime) -> Select[int]:
    """Not while its form is open: it goes with that."""
    before = now - timedelta(days=clinic.invitation_kept_days)
    sent = select(Draft.id).where(Draft.id == Invitation.draft_id, Draft.closed_at.is_not(None))
    return select(Invitation.id).where(
        Invitation.created_at <= before,
        ~exists().where(ReturnCode.invitation_id == Invitation.id, ReturnCode.expires_at > before),
        or_(Invitation.draft_id.is_(None), sent.exists()),
        _not_held(Invitation.draft_id),
    )


def _codes(_clinic: Clinic, now: datetime) -> Select[int]:
    """An invitation's code goes with the invitation, which says by it that it ran out."""
    return select(ReturnCode.id).where(ReturnCode.invitation_id.is_(None), ReturnCode.expires_at <= now - GRACE)


def _patient_mail(clinic: Clinic, now: datetime) -> Select[int]:
    """Not while a reminder may still follow: that goes to those whose first e-mail was delivered."""
    reminder = exists().where(
        Invitation.id == PatientMail.invitation_id,
        Invitation.reminded_at.is_(None),
        ReturnCode.invitation_id == Invitation.id,
        ReturnCode.expires_at > now,
    )
    invited = select(Invitation.id).where(Invitation.draft_id.in_(_held_forms()))
    return select(PatientMail.id).where(
        PatientMail.delivered_at <= now - timedelta(days=clinic.mail_days),
        ~reminder,
        _not_held(PatientMail.draft_id),
        or_(PatientMail.invitation_id.is_(None), PatientMail.invitation_id.not_in(invited)),
    )


def _staff_mail(clinic: Clinic, now: datetime) -> Select[int]:
    return select(StaffMail.id).where(StaffMail.delivered_at <= now - timedelta(days=clinic.mail_days))


def _exports(clinic: Clinic, now: datetime) -> Select[int]:
    return select(DataExport.id).where(DataExport.exported_at <= _years_before(now, clinic.export_years))


def _what_if(_clinic: Clinic, now: datetime) -> Select[int]:
    return select(WhatIfCase.id).join(WhatIfRun).where(WhatIfRun.requested_at <= now - WHAT_IF_KEPT)


def _held_forms() -> Select[int]:
    return select(Case.draft_id).where(Case.patient_id.in_(held_patients()))


def _not_held(draft_id: Any) -> ColumnElement[bool]:
    return or_(draft_id.is_(None), draft_id.not_in(_held_forms()))


def _years_before(now: datetime, years: int) -> datetime:
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        # 29 February.
        return now.replace(year=now.year - years, day=28)


def _case_period(clinic: Clinic) -> str:
    if not clinic.case_years:
        return "until the clinic sets a period"
    return f"{_count(clinic.case_years, 'year')} after it was sent, changed, decided on or a letter was signed"


def _count(n: int, unit: str) -> str:
    return f"{n} {unit}" if n == 1 else f"{n} {unit}s"


RULES: tuple[Rule, ...] = (
    Rule(
        "forms",
        "Unfinished forms",
        Draft,
        lambda clinic: f"{_count(clinic.draft_days, 'day')} after the person was last at it, or its code was used",
        _forms,
        of_forms,
    ),
    Rule(
        "forms_with_alert",
        "Unfinished forms that raised an alert",
        Draft,
        lambda clinic: f"{_count(clinic.alert_draft_days, 'day')} after somebody acknowledged the alert",
        _forms_with_alert,
        of_forms,
    ),
    Rule(
        "forms_put_away",
        "Forms that staff began and put away",
        Draft,
        lambda clinic: _count(clinic.draft_days, "day"),
        _put_away,
        of_forms,
    ),
    Rule("cases", "Cases, with their summaries and letters", Case, _case_period, _cases, of_cases),
    Rule(
        "invitations",
        "Invitations",
        Invitation,
        lambda clinic: f"{_count(clinic.invitation_kept_days, 'day')} after they ran out or were revoked",
        _invitations,
        of_invitations,
    ),
    Rule("codes", "Codes to come back", ReturnCode, lambda _clinic: "until they run out", _codes),
    Rule(
        "patient_mail",
        "E-mails to patients",
        PatientMail,
        lambda clinic: f"{_count(clinic.mail_days, 'day')} after delivery",
        _patient_mail,
    ),
    Rule(
        "staff_mail",
        "E-mails to staff about their accounts",
        StaffMail,
        lambda clinic: f"{_count(clinic.mail_days, 'day')} after delivery",
        _staff_mail,
    ),
    Rule(
        "exports",
        "The list of exports",
        DataExport,
        lambda clinic: _count(clinic.export_years, "year"),
        _exports,
    ),
    Rule("what_if", "Cases named by what-if runs", WhatIfCase, lambda _clinic: f"{WHAT_IF_KEPT.days} days", _what_if),
)
"""In the order in which they are walked."""
