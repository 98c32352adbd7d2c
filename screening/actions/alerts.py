"""Alerts: someone needs a clinician now or today. They are raised, raised again and acknowledged, never withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from rules import Assessment, Tier
from screening.actions.open_draft import assess_so_far, lock_open
from screening.actions.unit import Actor, Unit, unit_of_work
from screening.models import Alert, Draft, OutboxMessage, db
from screening.notices import rules_at


def raise_alert(unit: Unit, draft: Draft, assessment: Assessment, at_least: Tier = Tier.EMERGENCY) -> Alert | None:
    """Raise the draft's alert, raise it again for something new, or mark it when the answers no longer give it.

    An alert that was acknowledged is open again when its tier rises, when a rule is added, or when there is an
    emergency that the person was not told of. Call this before the person is told.
    """
    alert = db.session.scalar(select(Alert).where(Alert.draft_id == draft.id))
    if alert is not None:
        _mark_change(unit, alert, assessment)
    rules = [finding.rule for finding in assessment.findings if finding.tier >= at_least]
    if not rules:
        return alert
    if alert is None:
        return _first(unit, draft, assessment.tier, rules)
    untold = set(rules_at(assessment, Tier.EMERGENCY)) - set(draft.told.get("emergency", ()))
    if untold or assessment.tier > alert.tier or not set(rules) <= set(alert.rules):
        _again(unit, alert, assessment.tier, rules)
    return alert


def raise_for_left_draft(*, draft_id: int, by: Actor) -> Alert | None:
    """Raise the alert of a form that was left with an answer at URGENT or above. None if it was sent meanwhile."""
    with unit_of_work(by) as unit:
        draft = unit.lock(Draft, draft_id)
        if draft.closed_at is not None:
            return None
        return raise_alert(unit, draft, assess_so_far(draft), at_least=Tier.URGENT)


def acknowledge(*, alert_id: int, by: Actor) -> Alert:
    """A member of staff has seen the alert and acts on it. The first one counts. Raises Missing."""
    with unit_of_work(by) as unit:
        alert = unit.lock(Alert, alert_id)
        if alert.acknowledged_at is None:
            alert.acknowledged_at = unit.now
            alert.acknowledged_by_id = by.user_id
            alert.acknowledged_name = by.name
            unit.audit("alert.acknowledged", alert)
        return alert


def add_contact(*, draft_id: int, contact: Mapping[str, Any], by: Actor) -> None:
    """Keep the name, phone and place given on the emergency page. Staff see them at once. Raises Missing."""
    with unit_of_work(by) as unit:
        draft = lock_open(unit, draft_id)
        draft.contact = dict(contact)
        draft.last_activity_at = unit.now
        for alert in draft.alerts:
            alert.contact = dict(contact)
        unit.audit("alert.contact_added", draft)


def _mark_change(unit: Unit, alert: Alert, assessment: Assessment) -> None:
    if assessment.tier >= alert.tier:
        alert.changed_back_at = None
    elif alert.changed_back_at is None:
        alert.changed_back_at = unit.now
        unit.audit("alert.changed_back", alert)


def _first(unit: Unit, draft: Draft, tier: Tier, rules: list[str]) -> Alert:
    alert = Alert(
        draft_id=draft.id, tier=tier, rules=rules, origin=draft.origin, contact=draft.contact, raised_at=unit.now
    )
    db.session.add(alert)
    db.session.add(OutboxMessage(alert=alert, contact_position=0, due_at=unit.now))
    unit.audit("alert.raised", alert, tier=tier.name, rules=rules)
    return alert


def _again(unit: Unit, alert: Alert, tier: Tier, rules: list[str]) -> None:
    """Open the alert again, and tell everyone who was told before."""
    alert.tier = max(tier, alert.tier)
    alert.rules = [*alert.rules, *(rule for rule in rules if rule not in alert.rules)]
    alert.raised_at = unit.now
    alert.acknowledged_at = alert.acknowledged_by_id = alert.acknowledged_name = None
    for position in {message.contact_position for message in alert.messages}:
        db.session.add(OutboxMessage(alert=alert, contact_position=position, due_at=unit.now))
    unit.audit("alert.raised", alert, tier=tier.name, rules=rules)
