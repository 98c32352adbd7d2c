"""The physicians' queue: flagged cases without a decision that counts, and those that have one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_

from rules.model import Tier
from screening.call_list import CallList
from screening.models import Case, CaseFinding, db
from screening.queries.cases import CaseRow, Lane, Page, listed, moment, page_of
from screening.queries.handing import assigned_to, awaiting_opinion, handed

REASONS_SHOWN = 3


class Held(StrEnum):
    """Whose cases the queue is narrowed to."""

    ALL = "all"
    FREE = "free"
    MINE = "mine"
    ASSIGNED = "assigned"

    @property
    def staff_name(self) -> str:
        names = {"all": "All", "free": "Not claimed", "mine": "Claimed by me", "assigned": "Assigned to me"}
        return names[self.value]


@dataclass(frozen=True)
class QueueFilter:
    held: Held = Held.ALL
    tier: Tier | None = None
    user_id: int | None = None
    """Who looks, for Held.MINE and Held.ASSIGNED."""

    def conditions(self) -> list[ColumnElement[bool]]:
        held: dict[Held, list[ColumnElement[bool]]] = {
            Held.ALL: [],
            Held.FREE: [Case.claimed_by_id.is_(None)],
            Held.MINE: [Case.claimed_by_id == self.user_id],
            Held.ASSIGNED: [Case.assigned_to_id == self.user_id],
        }
        return held[self.held] + ([] if self.tier is None else [Case.tier == self.tier])


def queue(lane: Lane, after: int | None, narrowed: QueueFilter = QueueFilter()) -> Page[CaseRow]:
    """The waiting cases of one lane: by tier, A04 first, then longest waiting."""
    query = _waiting(listed()).where(Case.tier >= min(lane.tiers), Case.tier <= max(lane.tiers))
    query = query.where(*narrowed.conditions())
    if last := _last_shown(after):
        query = query.where(_behind(last))
    return _with_calls(_with_handed(_with_reasons(page_of(query))))


def assigned(user_id: int, after: int | None) -> Page[CaseRow]:
    """The cases that this physician is asked to take up, of any tier."""
    query = assigned_to(user_id, listed())
    if last := _last_shown(after):
        query = query.where(_behind(last))
    return _with_handed(_with_reasons(page_of(query)))


def awaiting_opinions(after: int | None) -> Page[CaseRow]:
    """The cases that wait for a second opinion, decided or not, of any tier, the longest first."""
    query = awaiting_opinion(listed())
    if (last := _last_shown(after)) and last.opinion_asked_at is not None:
        query = query.where(tuple_(Case.opinion_asked_at, Case.id) > moment(last.opinion_asked_at, last.id))
    return _with_handed(_with_reasons(page_of(query)))


def next_case(after: int | None, user_id: int) -> str | None:
    """The reference of the case to take up, that nobody else has claimed.

    Those assigned to this physician come first, then the queue; after one that is still to do, what comes behind it.
    """
    # Not said as IS NULL OR =, for which SQLite would look up both and sort what it finds.
    free = func.coalesce(Case.claimed_by_id, user_id) == user_id
    own = assigned_to(user_id, select(Case.reference)).where(free)
    rest = _waiting(select(Case.reference)).where(Case.tier >= min(Lane.PLANNING.tiers), Case.tier <= max(Tier))
    rest = rest.where(free, func.coalesce(Case.assigned_to_id, 0) != user_id)
    last = _last_shown(after)
    if last is None:
        turns = [own, rest]
    elif last.assigned_to_id == user_id:
        turns = [own.where(_behind(last)), rest, own]
    elif last.reviewed_at is None:
        turns = [rest.where(_behind(last)), own, rest]
    else:
        turns = [own, rest.where(_behind(last)), rest]
    found = (db.session.scalar(turn.where(Case.id != (after or 0)).limit(1)) for turn in turns)
    return next((reference for reference in found if reference), None)


def reviewed(after: int | None) -> Page[CaseRow]:
    """The cases with a decision that counts, the latest decision first."""
    query = listed().where(Case.reviewed_at.is_not(None)).order_by(Case.reviewed_at.desc(), Case.id.desc())
    if (last := _last_shown(after)) and last.reviewed_at is not None:
        query = query.where(tuple_(Case.reviewed_at, Case.id) < moment(last.reviewed_at, last.id))
    return _with_handed(_with_reasons(page_of(query)))


def _waiting(query: Select[Any]) -> Select[Any]:
    return query.where(Case.reviewed_at.is_(None)).order_by(
        Case.tier.desc(), Case.a04.desc(), Case.submitted_at, Case.id
    )


def _last_shown(after: int | None) -> Any:
    if after is None:
        return None
    place = (
        Case.id,
        Case.tier,
        Case.a04,
        Case.submitted_at,
        Case.reviewed_at,
        Case.assigned_to_id,
        Case.opinion_asked_at,
    )
    return db.session.execute(select(*place).where(Case.id == after)).one_or_none()


def _behind(last: Any) -> ColumnElement[bool]:
    """What comes after a case in the queue's order, whose parts run in two directions."""
    return or_(
        Case.tier < last.tier,
        and_(Case.tier == last.tier, Case.a04 < literal(last.a04)),
        and_(
            Case.tier == last.tier,
            Case.a04 == last.a04,
            tuple_(Case.submitted_at, Case.id) > moment(last.submitted_at, last.id),
        ),
    )


def _with_reasons(page: Page[CaseRow]) -> Page[CaseRow]:
    reasons = _reasons([row.id for row in page.rows])
    return Page(tuple(replace(row, reasons=reasons.get(row.id, ())) for row in page.rows), page.next)


def _with_handed(page: Page[CaseRow]) -> Page[CaseRow]:
    state = handed([row.id for row in page.rows])
    return Page(tuple(replace(row, handed=state[row.id]) for row in page.rows), page.next)


def _with_calls(page: Page[CaseRow]) -> Page[CaseRow]:
    query = select(Case.id, Case.assessment).where(Case.id.in_([row.id for row in page.rows]))
    calls = {row.id: len(CallList.of(row.assessment)) for row in db.session.execute(query)}
    return Page(tuple(replace(row, calls=calls[row.id]) for row in page.rows), page.next)


def _reasons(case_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The titles, as worded on the day, of each case's findings that weigh most."""
    query = select(CaseFinding.case_id, CaseFinding.position, CaseFinding.detail).where(
        CaseFinding.case_id.in_(case_ids), CaseFinding.position < REASONS_SHOWN, CaseFinding.tier >= Tier.CONSULT
    )
    titles: dict[int, tuple[str, ...]] = {}
    for row in sorted(db.session.execute(query), key=lambda row: row.position):
        titles[row.case_id] = (*titles.get(row.case_id, ()), row.detail["title"])
    return titles
