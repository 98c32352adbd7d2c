"""What physicians handed to each other: on one case, and in the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, select

from screening.access import GRANTS, Permission
from screening.access import Role as RoleName
from screening.actions import opinions
from screening.actions.review import counting, decisions_of, standing
from screening.models import Case, Handover, Role, User, db


@dataclass(frozen=True)
class Handed:
    """What to know of a case in the queue."""

    assigned_name: str | None = None
    """Who is to take it up: the name of an account in use that decides on cases; None for everyone."""
    assigned_to_id: int | None = None
    opinion_asked_at: datetime | None = None


NOT_HANDED = Handed()


@dataclass(frozen=True)
class HandingSheet:
    """What was handed over of one case, and what the physician who looks may do about it."""

    state: Handed
    rows: tuple[Handover, ...]
    """Newest first."""
    asked_by: tuple[Handover, ...]
    """The requests for a second opinion that nobody else has answered, oldest first."""
    agree_with: int | None
    """The decision that this physician may sign as the second one."""
    why_not: str
    """Why not, where a second opinion is awaited."""

    @property
    def last_seen(self) -> int:
        return self.rows[0].id if self.rows else 0


def handing_sheet(case: Case, user_id: int) -> HandingSheet:
    rows = opinions.handovers(case.id)
    decisions = decisions_of(case)
    asked = opinions.requests_open(rows, standing(decisions))
    valid = counting(case, decisions)
    why_not = ""
    if asked and not valid:
        why_not = "No decision counts yet. Sign one: it is the second opinion if somebody else asked."
    elif asked and all(row.user_id == user_id for row in asked):
        why_not = "You asked for it: another physician signs."
    elif asked and valid[-1].user_id == user_id:
        why_not = "The decision that counts is yours: another physician signs."
    return HandingSheet(
        state=handed([case.id])[case.id],
        rows=tuple(reversed(rows)),
        asked_by=tuple(asked),
        agree_with=valid[-1].id if asked and not why_not else None,
        why_not=why_not,
    )


def handed(case_ids: Sequence[int]) -> Mapping[int, Handed]:
    """What was handed over of these cases, by id."""
    query = select(Case.id, assigned_name().label("name"), Case.assigned_to_id, Case.opinion_asked_at)
    rows = db.session.execute(query.where(Case.id.in_(case_ids)))
    return {row.id: Handed(row.name, row.assigned_to_id if row.name else None, row.opinion_asked_at) for row in rows}


def physicians(but: int | None = None) -> list[User]:
    """The accounts in use that decide on cases, by name, without the one whose id is `but`."""
    query = select(User).where(*_deciding()).order_by(User.full_name, User.id)
    return [user for user in db.session.scalars(query) if user.id != but]


def assigned_name() -> ScalarSelect[Any]:
    """The name of whoever a case is assigned to; nothing where that account cannot decide on it any more."""
    query = select(User.full_name).where(User.id == Case.assigned_to_id, *_deciding())
    return query.correlate(Case).scalar_subquery()


def assigned_to(user_id: int, query: Select[Any]) -> Select[Any]:
    """Of the cases that a query reads, those that this physician is asked to take up, in the queue's order."""
    order = Case.tier.desc(), Case.a04.desc(), Case.submitted_at, Case.id
    return query.where(Case.assigned_to_id == user_id).order_by(*order)


def awaiting_opinion(query: Select[Any]) -> Select[Any]:
    """Of the cases that a query reads, those that wait for a second opinion, decided or not, the longest first."""
    return query.where(Case.opinion_asked_at.is_not(None)).order_by(Case.opinion_asked_at, Case.id)


def _deciding() -> tuple[ColumnElement[bool], ...]:
    roles = [role.value for role in RoleName if Permission.DECIDE in GRANTS[role]]
    return User.active.is_(True), User.roles.any(Role.name.in_(roles))
