"""What an admin looks after: accounts, and the audit list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from screening.models import AuditEvent, Case, User, db
from screening.queries.cases import Page

AUDIT_ROWS = 50


@dataclass(frozen=True)
class AuditRow:
    at: datetime
    who: str
    action: str
    subject: str
    detail: str


def accounts() -> tuple[User, ...]:
    """All accounts, those in use first, by name."""
    query = select(User).options(selectinload(User.roles)).order_by(User.active.desc(), User.full_name, User.id)
    return tuple(db.session.scalars(query))


def account(user_id: int) -> User | None:
    return db.session.get(User, user_id)


def audit_actions() -> tuple[str, ...]:
    """Every action that has happened, found one after the other in the index rather than by reading all events."""
    found: list[str] = []
    while (action := db.session.scalar(_first_action(found))) is not None:
        found.append(action)
    return tuple(found)


def audit_list(action: str | None, after: int | None) -> Page[AuditRow]:
    """Events, newest first."""
    query = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(AUDIT_ROWS + 1)
    if action:
        query = query.where(AuditEvent.action == action)
    if after is not None:
        query = query.where(AuditEvent.id < after)
    events = db.session.scalars(query).all()
    shown = events[:AUDIT_ROWS]
    names = _names({event.actor for event in shown})
    references = _references({event.subject_id for event in shown if event.subject_kind == "case"})
    rows = tuple(_audit_row(event, names, references) for event in shown)
    return Page(rows, shown[-1].id if len(events) > AUDIT_ROWS else None)


def _first_action(after: list[str]) -> Any:
    query = select(func.min(AuditEvent.action))
    return query.where(AuditEvent.action > after[-1]) if after else query


def _names(actors: Collection[str]) -> dict[str, str]:
    ids = [int(actor.removeprefix("staff:")) for actor in actors if actor.startswith("staff:")]
    query = select(User.id, User.full_name).where(User.id.in_(ids))
    return {f"staff:{user_id}": name for user_id, name in db.session.execute(query)}


def _references(case_ids: Collection[int | None]) -> dict[int, str]:
    query = select(Case.id, Case.reference).where(Case.id.in_(list(case_ids)))
    return {row.id: row.reference for row in db.session.execute(query)}


def _audit_row(event: AuditEvent, names: dict[str, str], references: dict[int, str]) -> AuditRow:
    subject = f"{event.subject_kind} {event.subject_id or ''}".strip()
    if event.subject_kind == "case" and event.subject_id in references:
        subject = f"case {references[event.subject_id]}"
    detail = ", ".join(f"{name}: {_plain(value)}" for name, value in event.detail.items())
    return AuditRow(event.at, names.get(event.actor, event.actor), event.action, subject, detail)


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
