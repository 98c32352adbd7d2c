"""Alerts: someone needs a clinician now or today. They are raised, raised again and acknowledged, never withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from rules import Assessment, Tier
from screening.actions.open_draft import assess_so_far, lock_open
from screening.actions.unit import Actor, Unit, unit_of_work
from screening.models import Alert, Draft, OutboxMessage, RuleSetActivation, db
from screening.notices import rules_at

BATCH = 500


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


class Risen(NamedTuple):
    """A form sent long ago that other rules find time-critical, and which of them do."""

    draft_id: int
    tier: Tier
    rules: tuple[str, ...]


def raise_for_new_rules(unit: Unit, activation: RuleSetActivation, risen: Sequence[Risen]) -> None:
    """Raise an alert for each form, again where it had one and this is news, with one message for them all."""
    raised: list[Alert] = []
    told = {0}
    for start in range(0, len(risen), BATCH):
        batch = risen[start : start + BATCH]
        drafts = [rise.draft_id for rise in batch]
        before = select(Alert).where(Alert.draft_id.in_(drafts)).options(selectinload(Alert.messages))
        known = {alert.draft_id: alert for alert in db.session.scalars(before)}
        forms = select(Draft.id, Draft.origin, Draft.contact).where(Draft.id.in_(drafts))
        rows = {row.id: row for row in db.session.execute(forms)}
        for rise in batch:
            alert = known.get(rise.draft_id)
            if alert is None:
                row = rows[rise.draft_id]
                alert = Alert(draft_id=row.id, tier=rise.tier, rules=[], origin=row.origin, contact=row.contact)
                db.session.add(alert)
            elif not _is_news(alert, rise):
                continue
            else:
                told |= {message.contact_position for message in alert.messages}
            _open(unit, alert, rise.tier, rise.rules)
            alert.changed_back_at, alert.activation_id = None, activation.id
            raised.append(alert)
    unit.audit_each("alert.raised", [(a, {"tier": Tier(a.tier).name, "activation": activation.id}) for a in raised])
    if raised:
        first = max(raised, key=lambda alert: alert.tier)
        db.session.add_all(
            OutboxMessage(alert=first, contact_position=position, activation_id=activation.id, due_at=unit.now)
            for position in sorted(told)
        )


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
    _open(unit, alert, tier, rules)
    for position in {message.contact_position for message in alert.messages}:
        db.session.add(OutboxMessage(alert=alert, contact_position=position, due_at=unit.now))
    unit.audit("alert.raised", alert, tier=tier.name, rules=rules)


def _open(unit: Unit, alert: Alert, tier: Tier, rules: Sequence[str]) -> None:
    alert.tier = max(tier, alert.tier)
    alert.rules = [*alert.rules, *(rule for rule in rules if rule not in alert.rules)]
    alert.raised_at = unit.now
    alert.acknowledged_at = alert.acknowledged_by_id = alert.acknowledged_name = None


def _is_news(alert: Alert, rise: Risen) -> bool:
    higher, more = rise.tier > alert.tier, not set(rise.rules) <= set(alert.rules)
    return higher or more or alert.changed_back_at is not None
