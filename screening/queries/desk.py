"""What the front desk has before it: the forms that patients still fill in, and the lists of submitted cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, func, select, text, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from rules.model import Tier
from screening.models import Case, Draft, db
from screening.models.screening import PRINTED, REVIEWED, TO_CALL, TO_PRINT
from screening.queries.cases import PAGE_ROWS, CaseRow, Page, case_rows, listed, moment, page_of
from screening.queries.tallies import Tallies
from screening.questions import PAGES, STEPS, step_of
from screening.search import searches

COUNTED_MAX = 1000
"""A day's cases are counted no further than this."""


class Tab(StrEnum):
    """The front desk's lists, in the order shown."""

    TODAY = "today"
    WAITING = "waiting"
    SUBMITTED = "submitted"
    TO_PRINT = "to_print"
    TO_CALL = "to_call"
    PRINTED = "printed"
    REVIEWED = "reviewed"

    @property
    def staff_name(self) -> str:
        return "Waiting for the patient" if self is Tab.WAITING else self.value.replace("_", " ").capitalize()


@dataclass(frozen=True)
class _List:
    where: str | None
    """The condition, word for word as the list's indexes have it."""
    newest: InstrumentedAttribute[Any]
    count: Callable[[Tallies, Tier | None], int]


_LISTS = {
    Tab.SUBMITTED: _List(None, Case.submitted_at, Tallies.submitted),
    Tab.TO_PRINT: _List(TO_PRINT, Case.submitted_at, Tallies.to_print),
    Tab.TO_CALL: _List(TO_CALL, Case.submitted_at, Tallies.to_call),
    Tab.PRINTED: _List(PRINTED, Case.submitted_at, Tallies.printed),
    Tab.REVIEWED: _List(REVIEWED, Case.reviewed_at, Tallies.reviewed),
}


@dataclass(frozen=True)
class FormRow:
    """A form that is still being filled in: who, and how far. Nothing that was answered."""

    id: int
    identity: dict[str, Any]
    origin: str
    started_at: datetime
    last_activity_at: datetime
    step: int | None
    """Which step the person is at, from 1; None once all is answered."""
    step_title: str
    """The step alone is told: a page that opens for some answers only would give them away."""


def tab_counts(tallies: Tallies, today_began: datetime, tier: Tier | None) -> dict[Tab, int]:
    """How many each list holds. Today's are counted to COUNTED_MAX, one more standing for all above."""
    today = select(Case.id).where(*_narrowed(tier), Case.submitted_at >= today_began).limit(COUNTED_MAX + 1)
    counts = {tab: shown.count(tallies, tier) for tab, shown in _LISTS.items()}
    counts[Tab.TODAY] = db.session.scalars(select(func.count()).select_from(today.subquery())).one()
    counts[Tab.WAITING] = tallies.open_forms()
    return {tab: counts[tab] for tab in Tab}


def desk_list(tab: Tab, today_began: datetime, after: int | None, tier: Tier | None = None) -> Page[CaseRow]:
    """Submitted cases, newest first; those reviewed, the latest decision first. `tier` narrows them to one."""
    query = listed().where(*_narrowed(tier), *_held(tab, today_began))
    newest = _newest(tab)
    last = after and db.session.execute(select(newest.label("at")).where(Case.id == after)).one_or_none()
    if last and last.at is not None:
        query = query.where(tuple_(newest, Case.id) < moment(last.at, after))
    return page_of(query.order_by(newest.desc(), Case.id.desc()))


def todays_cases(today_began: datetime, limit: int) -> list[int]:
    """The ids of the cases that came in today and are not printed as they stand, oldest first, `limit` at most."""
    query = select(Case.id).where(Case.submitted_at >= today_began, text(f"({TO_PRINT})"))
    return list(db.session.scalars(query.order_by(Case.submitted_at, Case.id).limit(limit)))


def open_forms(after: int | None) -> Page[FormRow]:
    """The forms that patients have begun and not sent, the newest first."""
    query = select(
        Draft.id, Draft.identity, Draft.origin, Draft.started_at, Draft.last_activity_at, Draft.reached
    ).where(Draft.closed_at.is_(None))
    last = after and db.session.execute(select(Draft.started_at).where(Draft.id == after)).one_or_none()
    if last:
        query = query.where(tuple_(Draft.started_at, Draft.id) < moment(last.started_at, after))
    rows = db.session.execute(query.order_by(Draft.started_at.desc(), Draft.id.desc()).limit(PAGE_ROWS + 1)).all()
    shown = tuple(_form_row(row) for row in rows[:PAGE_ROWS])
    return Page(shown, shown[-1].id if len(rows) > PAGE_ROWS else None)


def found(typed: str, after: int | None) -> Page[CaseRow] | None:
    """The cases of the people who match what was typed, newest first; None if there is too little to search for."""
    queries = searches(typed)
    if not queries:
        return None
    last = after and db.session.execute(select(Case.patient_id).where(Case.id == after)).scalar_one_or_none()
    keys: set[tuple[int, int]] = set()
    for query in queries:
        rest = query.where(_behind(query, last, after)) if last else query
        keys |= {(row[0], row[1]) for row in db.session.execute(rest.limit(PAGE_ROWS + 1))}
    ids = [case for _, case in sorted(keys, reverse=True)]
    rows = {row.id: row for row in case_rows(listed().where(Case.id.in_(ids[:PAGE_ROWS])))}
    shown = tuple(rows[case] for case in ids[:PAGE_ROWS])
    return Page(shown, shown[-1].id if len(ids) > PAGE_ROWS else None)


def _behind(query: Select[int, int], patient: int, case: int | None) -> ColumnElement[bool]:
    person = query.selected_columns[0]
    return tuple_(person, Case.id) < tuple_(patient, case)


def _newest(tab: Tab) -> InstrumentedAttribute[Any]:
    return _LISTS[tab].newest if tab in _LISTS else Case.submitted_at


def _held(tab: Tab, today_began: datetime) -> list[ColumnElement[bool] | TextClause]:
    if tab is Tab.TODAY:
        return [Case.submitted_at >= today_began]
    where = _LISTS[tab].where
    return [text(f"({where})")] if where else []


def _narrowed(tier: Tier | None) -> list[ColumnElement[bool]]:
    return [] if tier is None else [Case.tier == tier]


def _form_row(row: Any) -> FormRow:
    page = PAGES.get(row.reached or "")
    step = step_of(page) if page else None
    return FormRow(
        id=row.id,
        identity=row.identity,
        origin=row.origin,
        started_at=row.started_at,
        last_activity_at=row.last_activity_at,
        step=STEPS.index(step) + 1 if step else None,
        step_title=str(step.title) if step else "All answered, not sent",
    )
