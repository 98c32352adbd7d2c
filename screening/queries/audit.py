"""The audit list: what was done, by whom, to what and when, searched and read on a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from screening.clock import midnight
from screening.models import AuditEvent, Case, User, db
from screening.queries.cases import Page

AUDIT_ROWS = 50
BATCH = 1000
NOT_STAFF = {"patient": "Patients", "system": "The system", "stranger": "Somebody not signed in"}
"""Who acts beside staff, by actor."""


@dataclass(frozen=True)
class AuditRow:
    at: datetime
    who: str
    action: str
    subject: str
    detail: str


@dataclass(frozen=True)
class AuditSearch:
    """What the list is narrowed to; None is no narrowing."""

    action: str | None = None
    actor: str | None = None
    """As AuditEvent.actor."""
    reference: str | None = None
    """Of a case: what was done to it, and to the form that it was made from."""
    first_day: date | None = None
    last_day: date | None = None
    """Both included, as the clinic counts days."""


def audit_actions() -> tuple[str, ...]:
    """Every action that has happened, found one after the other in the index rather than by reading all events."""
    found: list[str] = []
    while (action := db.session.scalar(_first_action(found))) is not None:
        found.append(action)
    return tuple(found)


def audit_actors() -> dict[str, str]:
    """Who may have acted, by actor, with the names that staff know them by."""
    staff = db.session.execute(select(User.id, User.full_name).order_by(User.full_name, User.id))
    return NOT_STAFF | {f"staff:{user_id}": name for user_id, name in staff}


def audit_list(search: AuditSearch, zone: ZoneInfo, after: int | None) -> Page[AuditRow]:
    """Events, newest first."""
    events = db.session.scalars(_events(search, zone, after).limit(AUDIT_ROWS + 1)).all()
    shown = events[:AUDIT_ROWS]
    return Page(tuple(_rows(shown)), shown[-1].id if len(events) > AUDIT_ROWS else None)


def audit_batches(search: AuditSearch, zone: ZoneInfo) -> Iterator[list[AuditRow]]:
    """All that a search finds, newest first. No transaction stays open between two batches."""
    after: int | None = None
    while events := db.session.scalars(_events(search, zone, after).limit(BATCH)).all():
        after, rows = events[-1].id, _rows(events)
        db.session.rollback()
        db.session.expunge_all()
        yield rows
    db.session.rollback()


def _events(search: AuditSearch, zone: ZoneInfo, after: int | None) -> Select[AuditEvent]:
    query = select(AuditEvent).where(*_conditions(search, zone)).order_by(AuditEvent.id.desc())
    return query if after is None else query.where(AuditEvent.id < after)


def _conditions(search: AuditSearch, zone: ZoneInfo) -> Iterator[ColumnElement[bool]]:
    if search.action:
        yield AuditEvent.action == search.action
    if search.actor:
        yield AuditEvent.actor == search.actor
    if search.reference:
        yield _about(search.reference)
    if search.first_day:
        yield AuditEvent.at >= midnight(search.first_day, zone)
    if search.last_day:
        yield AuditEvent.at < midnight(search.last_day + timedelta(days=1), zone)


def _about(reference: str) -> ColumnElement[bool]:
    row = db.session.execute(select(Case.id, Case.draft_id).where(Case.reference == reference)).one_or_none()
    if row is None:
        return false()
    subjects = (("case", row.id), ("draft", row.draft_id))
    return or_(*(and_(AuditEvent.subject_kind == kind, AuditEvent.subject_id == key) for kind, key in subjects))


def _first_action(after: list[str]) -> Any:
    query = select(func.min(AuditEvent.action))
    return query.where(AuditEvent.action > after[-1]) if after else query


def _rows(events: Sequence[AuditEvent]) -> list[AuditRow]:
    names = _names({event.actor for event in events})
    references = _references({event.subject_id for event in events if event.subject_kind == "case"})
    return [_audit_row(event, names, references) for event in events]


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
