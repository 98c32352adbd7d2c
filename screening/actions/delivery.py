"""What the job worker does: raises alerts for forms that were left, sends word of alerts, tells the next contact."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, exists, func, select

from rules.model import Tier
from screening.actions.alerts import raise_for_left_draft
from screening.actions.sending import host_of, send_due
from screening.actions.unit import SYSTEM, Actor, unit_of_work
from screening.clinic import Clinic
from screening.mail import Mail, Sender
from screening.models import Alert, Draft, OutboxMessage, RuleSetActivation, WebSession, db

BATCH = 100


class _Words(NamedTuple):
    subject: str
    body: str


ONE_CASE = _Words("A case needs review", "A case needs review now. Sign in to see it and to say that you have it:")
NEW_RULES = _Words(
    "Cases need review: new rules",
    "New rules are in force. By them, one or more cases sent earlier need review now. "
    "Sign in to see them and to say that you have them:",
)


def raise_left_alerts(*, clinic: Clinic, now: datetime, by: Actor) -> int:
    """Raise the alert of each form with an URGENT answer that was left. Returns how many."""
    left_before = now - timedelta(minutes=clinic.left_form_minutes)
    waiting = select(Draft.id).where(
        Draft.closed_at.is_(None),
        Draft.tier >= Tier.URGENT,
        Draft.last_activity_at <= left_before,
        ~exists().where(Alert.draft_id == Draft.id, Alert.tier >= Draft.tier),
    )
    drafts = db.session.scalars(waiting.limit(BATCH)).all()
    for draft_id in drafts:
        raise_for_left_draft(draft_id=draft_id, by=by)
    return len(drafts)


def deliver_due(*, clinic: Clinic, now: datetime, send: Sender, base_url: str, by: Actor) -> int:
    """Send each word of an alert that is due. Returns how many were delivered."""

    def write(message: OutboxMessage) -> Mail | None:
        if message.contact_position >= len(clinic.escalation):
            message.last_error = "The clinic's list names no one to tell."
            return None
        return _mail(message, clinic.escalation[message.contact_position], base_url)

    return send_due(OutboxMessage, write, now=now, send=send, by=by)


def _mail(message: OutboxMessage, to: str, base_url: str) -> Mail:
    words = ONE_CASE if message.activation_id is None else NEW_RULES
    lines = [words.body, f"{base_url}/staff/alerts"]
    if message.attempts > 1:
        lines.append(f"This is attempt {message.attempts}: you may have had it before.")
    return Mail(
        to=to,
        subject=words.subject,
        body="\n\n".join(lines),
        message_id=f"<message-{message.id}@{host_of(base_url)}>",
    )


def escalate(*, clinic: Clinic, now: datetime, by: Actor) -> int:
    """Tell the next contact of each alert that nobody acknowledged in the clinic's time. Returns how many."""
    told = 0
    for tier_name, minutes in clinic.acknowledge_minutes.items():
        last = func.max(OutboxMessage.contact_position)
        overdue = (
            select(Alert.id, last)
            .join(OutboxMessage)
            .where(Alert.acknowledged_at.is_(None), Alert.tier == Tier[tier_name], Alert.activation_id.is_(None))
            .group_by(Alert.id, Alert.raised_at)
        )
        for alert_id, position in db.session.execute(overdue).all():
            told += _tell_next(alert_id, position + 1, timedelta(minutes=minutes), clinic=clinic, now=now, by=by)
        together = select(RuleSetActivation.id).where(
            exists().where(
                Alert.activation_id == RuleSetActivation.id,
                Alert.acknowledged_at.is_(None),
                Alert.tier == Tier[tier_name],
            )
        )
        for activation_id in db.session.scalars(together).all():
            told += _tell_next_of_new_rules(
                activation_id, Tier[tier_name], timedelta(minutes=minutes), clinic=clinic, now=now, by=by
            )
    return told


def _tell_next(alert_id: int, position: int, after: timedelta, *, clinic: Clinic, now: datetime, by: Actor) -> int:
    if position >= len(clinic.escalation):
        return 0
    with unit_of_work(by) as unit:
        alert = unit.lock(Alert, alert_id)
        taken = any(message.contact_position >= position for message in alert.messages)
        if taken or alert.acknowledged_at is not None or now < alert.raised_at + after * position:
            return 0
        db.session.add(OutboxMessage(alert=alert, contact_position=position, due_at=now))
        unit.audit("alert.escalated", alert, contact=position)
    return 1


def _tell_next_of_new_rules(
    activation_id: int, tier: Tier, after: timedelta, *, clinic: Clinic, now: datetime, by: Actor
) -> int:
    """New rules may have raised thousands of alerts: one message tells the next contact of all that wait."""
    with unit_of_work(by) as unit:
        unit.lock(RuleSetActivation, activation_id)
        waiting = select(Alert).where(
            Alert.activation_id == activation_id, Alert.tier == tier, Alert.acknowledged_at.is_(None)
        )
        oldest = db.session.scalar(waiting.order_by(Alert.raised_at, Alert.id).limit(1))
        if oldest is None:
            return 0
        told = select(func.max(OutboxMessage.contact_position)).where(
            OutboxMessage.activation_id == activation_id, OutboxMessage.due_at >= oldest.raised_at
        )
        last = db.session.scalar(told)
        position = 0 if last is None else last + 1
        if position >= len(clinic.escalation) or now < oldest.raised_at + after * position:
            return 0
        db.session.add(OutboxMessage(alert=oldest, contact_position=position, activation_id=activation_id, due_at=now))
        unit.audit("alert.escalated", oldest, contact=position, activation=activation_id)
    return 1


def purge_sessions(*, now: datetime) -> None:
    """Forget web sessions that have run out."""
    with unit_of_work(SYSTEM):
        db.session.execute(delete(WebSession).where(WebSession.expires_at <= now))
