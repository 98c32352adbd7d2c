"""Alerts: who needs a clinician now or today, and how to reach them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from rules.model import Tier
from screening.models import Alert, Case, Draft, Patient, db
from screening.rulebook import ruleset

SEEN_SHOWN = 20


@dataclass(frozen=True)
class AlertRow:
    id: int
    tier: Tier
    titles: tuple[str, ...]
    """What the rules that raised it are called."""
    origin: str
    raised_at: datetime
    changed_back_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_name: str | None
    contact: dict[str, Any]
    """What was given on the emergency page: name, phone, place."""
    identity: dict[str, Any]
    """What the form holds of the person so far, or the patient's identity once it was submitted."""
    from_new_rules: bool
    """Whether rules put in force after the form was sent raised it."""
    reference: str | None
    """The case, once the form was submitted."""


@dataclass(frozen=True)
class OpenAlerts:
    count: int
    tier: Tier
    """The highest of them."""
    oldest: datetime


def open_alerts() -> OpenAlerts | None:
    """The alerts that nobody has acknowledged; None where there are none."""
    query = select(func.count(), func.max(Alert.tier), func.min(Alert.raised_at)).where(Alert.acknowledged_at.is_(None))
    count, tier, oldest = db.session.execute(query).one()
    return OpenAlerts(count, Tier(tier), oldest) if count else None


def alerts_to_acknowledge() -> tuple[AlertRow, ...]:
    """All of them, whatever their number: the most urgent first, then the longest waiting."""
    return _rows(
        _alerts().where(Alert.acknowledged_at.is_(None)).order_by(Alert.tier.desc(), Alert.raised_at, Alert.id)
    )


def alerts_acknowledged() -> tuple[AlertRow, ...]:
    """The last ones that somebody has taken on."""
    seen = _alerts().where(Alert.acknowledged_at.is_not(None)).order_by(Alert.acknowledged_at.desc(), Alert.id.desc())
    return _rows(seen.limit(SEEN_SHOWN))


def _alerts() -> Select[Any]:
    return (
        select(Alert, Draft.contact, Draft.identity, Case.reference, Patient.identity.label("patient"))
        .join(Draft, Alert.draft_id == Draft.id)
        .outerjoin(Case, Case.draft_id == Draft.id)
        .outerjoin(Patient, Case.patient_id == Patient.id)
    )


def _rows(query: Select[Any]) -> tuple[AlertRow, ...]:
    return tuple(_row(row) for row in db.session.execute(query))


def _row(row: Row[Any]) -> AlertRow:
    alert: Alert = row.Alert
    rules = ruleset().rules
    return AlertRow(
        id=alert.id,
        tier=Tier(alert.tier),
        titles=tuple(rules[rule].title for rule in alert.rules if rule in rules),
        origin=alert.origin,
        raised_at=alert.raised_at,
        changed_back_at=alert.changed_back_at,
        acknowledged_at=alert.acknowledged_at,
        acknowledged_name=alert.acknowledged_name,
        contact=alert.contact or row.contact or {},
        identity=row.patient or row.identity or {},
        from_new_rules=alert.activation_id is not None,
        reference=row.reference,
    )
