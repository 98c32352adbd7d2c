"""Cases in lists, and one case as the front desk sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Integer, Select, and_, literal, or_, select, tuple_
from sqlalchemy.sql.elements import Tuple

from rules.model import State, Tier
from screening.call_list import Call, CallList
from screening.models import Case, CaseFinding, Patient, db
from screening.models.base import UtcDateTime
from screening.record import Record, Section

PAGE_ROWS = 30
REASONS_SHOWN = 3

Item = TypeVar("Item")
Columns = tuple[Any, ...]


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list. `next` is the cursor of the page after it, None at the end."""

    rows: tuple[Item, ...]
    next: int | None


@dataclass(frozen=True)
class CaseRow:
    """A case in a list: who, how urgent, and how far it has come. Nothing that a physician wrote."""

    id: int
    reference: str
    identity: dict[str, Any]
    tier: Tier
    rests_on_unknown: bool
    incomplete: bool
    out_of_scope: bool
    demo: bool
    submitted_at: datetime
    printed_at: datetime | None
    reviewed_at: datetime | None
    reasons: tuple[str, ...] = ()
    """The titles of the rules that weigh most, in the physicians' queue alone."""
    calls: int = 0
    """How many questions would settle the tier, in the physicians' queue alone."""


@dataclass(frozen=True)
class CaseSheet:
    """A case as the front desk sees it: no finding, no decision."""

    case: CaseRow
    age: int | None
    """In years, on the day."""
    origin: str
    sections: tuple[Section, ...]
    open_fields: frozenset[str]
    """What the patient could not tell, or left unanswered although it was needed."""
    calls: tuple[Call, ...]
    """The questions that the front desk may ask."""
    clinician_calls: int
    """How many questions only a clinician may ask."""


class CaseFilter(StrEnum):
    TODAY = "today"
    ALL = "all"
    NOT_PRINTED = "not_printed"
    NOT_REVIEWED = "not_reviewed"

    @property
    def staff_name(self) -> str:
        return self.value.replace("_", " ").capitalize()


class Lane(StrEnum):
    TIME_CRITICAL = "time_critical"
    PLANNING = "planning"

    @property
    def tiers(self) -> tuple[Tier, ...]:
        return tuple(tier for tier in Tier if tier.flagged and tier.time_critical == (self is Lane.TIME_CRITICAL))


_LISTED: Columns = (
    Case.id,
    Case.reference,
    Patient.identity,
    Case.tier,
    Case.rests_on_unknown,
    Case.incomplete,
    Case.out_of_scope,
    Case.demo,
    Case.submitted_at,
    Case.printed_at,
    Case.reviewed_at,
)


def case_list(
    shown: CaseFilter, today_began: datetime, after: int | None, found: ColumnElement[bool] | None = None
) -> Page[CaseRow]:
    """Submitted cases, newest first. `found` narrows them to a search."""
    conditions: dict[CaseFilter, list[ColumnElement[bool]]] = {
        CaseFilter.TODAY: [Case.submitted_at >= today_began],
        CaseFilter.ALL: [],
        CaseFilter.NOT_PRINTED: [Case.printed_at.is_(None)],
        CaseFilter.NOT_REVIEWED: [Case.reviewed_at.is_(None)],
    }
    query = _listed().where(*conditions[shown]).order_by(Case.submitted_at.desc(), Case.id.desc())
    if found is not None:
        query = query.where(found)
    if last := _last_shown(after):
        query = query.where(tuple_(Case.submitted_at, Case.id) < _moment(last.submitted_at, last.id))
    return _page(query)


def queue(lane: Lane, after: int | None) -> Page[CaseRow]:
    """The flagged cases of one lane without a decision that counts: by tier, A04 first, then longest waiting."""
    query = (
        _listed()
        .where(Case.reviewed_at.is_(None), Case.tier >= min(lane.tiers), Case.tier <= max(lane.tiers))
        .order_by(Case.tier.desc(), Case.a04.desc(), Case.submitted_at, Case.id)
    )
    if last := _last_shown(after):
        query = query.where(_behind(last))
    return _with_calls(_with_reasons(_page(query)))


def reviewed(after: int | None) -> Page[CaseRow]:
    """The cases with a decision that counts, the latest decision first."""
    query = _listed().where(Case.reviewed_at.is_not(None)).order_by(Case.reviewed_at.desc(), Case.id.desc())
    if (last := _last_shown(after)) and last.reviewed_at is not None:
        query = query.where(tuple_(Case.reviewed_at, Case.id) < _moment(last.reviewed_at, last.id))
    return _with_reasons(_page(query))


def case_sheet(reference: str) -> CaseSheet | None:
    """A case for the front desk. Findings and decisions are never shown."""
    query = (
        select(*_LISTED, Case.origin, Case.record, Case.assessment)
        .join(Case.patient)
        .where(Case.reference == reference)
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    record = Record.from_json(row.record)
    unknown = {answer.id for answer in record.rows() if answer.state == State.UNKNOWN}
    open_fields = frozenset(unknown | set(row.assessment["incomplete"]))
    calls = CallList.of(row.assessment)
    return CaseSheet(
        case=_case_row(row),
        age=record.age_years,
        origin=row.origin,
        sections=record.sections,
        open_fields=open_fields,
        calls=calls.front_desk,
        clinician_calls=len(calls.clinician),
    )


def case_id(reference: str) -> int | None:
    return db.session.scalar(select(Case.id).where(Case.reference == reference))


def _listed() -> Select[Any]:
    return select(*_LISTED).join(Case.patient)


def _last_shown(after: int | None) -> Any:
    if after is None:
        return None
    query = select(Case.id, Case.tier, Case.a04, Case.submitted_at, Case.reviewed_at).where(Case.id == after)
    return db.session.execute(query).one_or_none()


def _behind(last: Any) -> ColumnElement[bool]:
    """What comes after a case in the queue's order, whose parts run in two directions."""
    return or_(
        Case.tier < last.tier,
        and_(Case.tier == last.tier, Case.a04 < literal(last.a04)),
        and_(
            Case.tier == last.tier,
            Case.a04 == last.a04,
            tuple_(Case.submitted_at, Case.id) > _moment(last.submitted_at, last.id),
        ),
    )


def _moment(at: datetime, case: int) -> Tuple:
    return tuple_(at, case, types=(UtcDateTime(), Integer()))


def _page(query: Select[Any]) -> Page[CaseRow]:
    rows = db.session.execute(query.limit(PAGE_ROWS + 1)).all()
    shown = tuple(_case_row(row) for row in rows[:PAGE_ROWS])
    return Page(shown, shown[-1].id if len(rows) > PAGE_ROWS else None)


def _case_row(row: Any) -> CaseRow:
    values = {column.key: getattr(row, column.key) for column in _LISTED}
    return CaseRow(**{**values, "tier": Tier(values["tier"])})


def _with_reasons(page: Page[CaseRow]) -> Page[CaseRow]:
    reasons = _reasons([row.id for row in page.rows])
    return Page(tuple(replace(row, reasons=reasons.get(row.id, ())) for row in page.rows), page.next)


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
