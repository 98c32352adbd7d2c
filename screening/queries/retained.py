"""What the retention page shows: what the next night forgets, legal holds, and what was forgotten."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from screening.clinic import Clinic
from screening.models import AuditEvent, Case, LegalHold, Tombstone, User, db
from screening.queries.people import joined_records
from screening.queries.retention import RULES

COUNTED_MAX = 10_000
LISTED = 20
PURGED = "retention.purged"
ERASED = "person.erased"
ERASED_AGAIN = "person.erased_again"
DONE = {PURGED: "Period over", ERASED: "Erased", ERASED_AGAIN: "Erased again, from a backup"}
"""What the page calls the events that it lists."""


@dataclass(frozen=True)
class Due:
    """What the next night forgets by one rule. `n` is at most COUNTED_MAX + 1, which stands for more."""

    title: str
    period: str
    n: int

    @property
    def count(self) -> str:
        return f"{self.n:,}" if self.n <= COUNTED_MAX else f"more than {COUNTED_MAX:,}"


@dataclass(frozen=True)
class Hold:
    """A legal hold, standing or lifted, by the references of the person's cases."""

    id: int
    references: tuple[str, ...]
    reason: str
    placed_at: datetime
    placed_name: str
    lift_reason: str | None
    lifted_at: datetime | None
    lifted_name: str | None


@dataclass(frozen=True)
class Done:
    """One purge or erasure: how many rows of which kind went."""

    at: datetime
    who: str
    what: str
    rows: dict[str, int]
    reason: str | None
    """An admin's, for an erasure."""


def next_night(clinic: Clinic, now: datetime) -> tuple[Due, ...]:
    """What would be forgotten now, rule by rule."""
    return tuple(Due(rule.title, rule.period(clinic), _number(rule.due(clinic, now))) for rule in RULES)


def holds() -> tuple[Hold, ...]:
    """All holds, standing ones first, then newest first."""
    query = select(LegalHold).order_by(LegalHold.lifted_at.is_not(None), LegalHold.id.desc())
    return tuple(
        Hold(
            id=row.id,
            references=_references(joined_records(row.patient_id)),
            reason=row.reason,
            placed_at=row.placed_at,
            placed_name=row.placed_name,
            lift_reason=row.lift_reason,
            lifted_at=row.lifted_at,
            lifted_name=row.lifted_name,
        )
        for row in db.session.scalars(query)
    )


def done() -> tuple[Done, ...]:
    """The latest purges and erasures, newest first."""
    query = select(AuditEvent).where(AuditEvent.action.in_(DONE)).order_by(AuditEvent.id.desc()).limit(LISTED)
    events = db.session.scalars(query).all()
    reasons = select(Tombstone.erased_at, Tombstone.reason).where(Tombstone.erased_at.in_({one.at for one in events}))
    why = {row.erased_at: row.reason for row in db.session.execute(reasons)}
    names = {f"staff:{row.id}": row.full_name for row in db.session.execute(select(User.id, User.full_name))}
    return tuple(
        Done(one.at, names.get(one.actor, "The system"), DONE[one.action], one.detail["rows"], why.get(one.at))
        for one in events
    )


def _number(due: Select[int] | None) -> int:
    if due is None:
        return 0
    return db.session.scalar(select(func.count()).select_from(due.limit(COUNTED_MAX + 1).subquery())) or 0


def _references(patients: Collection[int]) -> tuple[str, ...]:
    return tuple(db.session.scalars(select(Case.reference).where(Case.patient_id.in_(patients)).order_by(Case.id)))
