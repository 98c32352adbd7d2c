"""One transaction with its author: what every action is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from screening import clock
from screening.actions.audit_chain import append
from screening.models import db
from screening.models.base import Model

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Actor:
    """Who writes: a member of staff, a patient at their own draft, or the system's jobs."""

    kind: str
    user_id: int | None = None
    name: str = ""

    @property
    def label(self) -> str:
        return f"staff:{self.user_id}" if self.kind == "staff" else self.kind


PATIENT = Actor("patient")
SYSTEM = Actor("system")


class Missing(LookupError):
    """The row that an action is about is not there, or no longer open."""


class Database:
    """What an event is about that is about no row: the whole of what is kept."""


class Unit:
    """A transaction under way: its moment, its author, and the events it leaves."""

    def __init__(self, by: Actor, now: datetime) -> None:
        self.by = by
        self.now = now
        self.events: list[dict[str, Any]] = []

    def lock(self, model: type[Row], key: int) -> Row:
        """The row as it stands now, held against other writers until the commit. Raises Missing."""
        row = db.session.get(model, key, with_for_update=True, populate_existing=True)
        if row is None:
            raise Missing(f"{model.__name__} {key}")
        return row

    def audit(self, action: str, subject: Model | Database, **detail: Any) -> None:
        """Leave an event. `detail` holds ids and codes alone, never a person's words."""
        self.audit_each(action, [(subject, detail)])

    def audit_row(self, action: str, model: type[Model], key: int, **detail: Any) -> None:
        """As `audit`, about a row that was not read whole."""
        self.events.append(self._event(action, model, key, detail))

    def audit_each(self, action: str, subjects: Iterable[tuple[Model | Database, Mapping[str, Any]]]) -> None:
        """Leave an event for each of many (subject, detail), at the cost of one. They are written with the commit."""
        db.session.flush()
        self.events += (
            self._event(action, type(subject), getattr(subject, "id", None), detail) for subject, detail in subjects
        )

    def _event(self, action: str, of: type, key: int | None, detail: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "at": self.now,
            "actor": self.by.label,
            "action": action,
            "subject_kind": of.__name__.lower(),
            "subject_id": key,
            "detail": dict(detail),
        }


@contextmanager
def unit_of_work(by: Actor) -> Iterator[Unit]:
    """One write transaction: commits at the end of the block, or leaves nothing behind."""
    db.session.rollback()
    db.session.connection(execution_options={"write": True})
    unit = Unit(by, clock.now())
    try:
        yield unit
        append(unit.events)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
