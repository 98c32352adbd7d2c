"""The forms that staff are keying in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from rules.model import Tier
from screening.models import Draft, User, db
from screening.provenance import Channel

LISTED_MAX = 100


@dataclass(frozen=True)
class EntryRow:
    id: int
    identity: dict[str, Any]
    origin: str
    filled_on: date | None
    started_at: datetime
    last_activity_at: datetime
    entered_name: str
    reached: str | None
    """The page that is next; None once all are keyed in."""
    tier: Tier


def open_entries() -> tuple[EntryRow, ...]:
    """The forms that were begun and not sent, the latest one first."""
    own = [channel for channel in Channel if channel.by_staff]
    query = (
        select(Draft, User.full_name)
        .outerjoin(User, Draft.entered_by_id == User.id)
        .where(Draft.closed_at.is_(None), Draft.channel.in_(own))
        .order_by(Draft.last_activity_at.desc(), Draft.id.desc())
        .limit(LISTED_MAX)
    )
    return tuple(_row(draft, name or "") for draft, name in db.session.execute(query))


def _row(draft: Draft, name: str) -> EntryRow:
    return EntryRow(
        id=draft.id,
        identity=draft.identity,
        origin=draft.origin,
        filled_on=draft.filled_on,
        started_at=draft.started_at,
        last_activity_at=draft.last_activity_at,
        entered_name=name,
        reached=draft.reached,
        tier=Tier(draft.tier),
    )
