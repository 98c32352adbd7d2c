"""Cases in lists, and one case as the front desk sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import Integer, Select, bindparam, select, tuple_
from sqlalchemy.sql.elements import Tuple

from rules.model import State, Tier
from screening.call_list import Call, CallList
from screening.models import Case, Patient, db
from screening.models.base import UtcDateTime
from screening.notices import Message
from screening.provenance import Origins, origins_of
from screening.queries.amendments import Amendments, amendments, told_by_phone
from screening.queries.as_seen import AsSeen, as_seen
from screening.queries.handing import NOT_HANDED, Handed
from screening.record import Record, Section

PAGE_ROWS = 30

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
    changed_at: datetime | None
    reviewed_at: datetime | None
    desk_calls: int
    """How many questions the front desk may ask to settle the tier."""
    claimed_name: str | None
    """The physician who has it in hand."""
    reasons: tuple[str, ...] = ()
    """The titles of the rules that weigh most, in the physicians' queue alone."""
    calls: int = 0
    """How many questions would settle the tier, in the physicians' queue alone."""
    handed: Handed = NOT_HANDED
    """Who is to take it up, and whether a second opinion is awaited, in the physicians' queue alone."""

    @property
    def outdated(self) -> bool:
        """Printed before, then changed."""
        return None not in (self.printed_at, self.changed_at) and self.changed_at > self.printed_at  # type: ignore[operator]


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
    origins: Origins
    calls: tuple[Call, ...]
    """The questions that the front desk may ask."""
    clinician_calls: int
    """How many questions only a clinician may ask."""
    seen: AsSeen | None
    """The words that the person saw, where those were not English."""
    amendments: Amendments
    told_by_phone: tuple[Message, ...]


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
    Case.changed_at,
    Case.reviewed_at,
    Case.desk_calls,
    Case.claimed_name,
)


def case_sheet(reference: str) -> CaseSheet | None:
    """A case for the front desk. Findings and decisions are never shown."""
    query = (
        select(
            *_LISTED,
            Case.origin,
            Case.given,
            Case.filled_on,
            Case.record,
            Case.assessment,
            Case.language,
            Case.as_seen,
            Case.draft_id,
            Case.assessment_number,
            Case.ruleset_version,
        )
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
        origins=origins_of(row.given, [answer.id for answer in record.rows()], row.filled_on),
        calls=calls.front_desk,
        clinician_calls=len(calls.clinician),
        seen=as_seen(row.language, row.as_seen),
        amendments=amendments(row, with_findings=False),
        told_by_phone=told_by_phone(row.draft_id),
    )


_ID = select(Case.__table__.c.id).where(Case.__table__.c.reference == bindparam("reference"))


def case_id(reference: str) -> int | None:
    return db.session.scalar(_ID, {"reference": reference})


def listed() -> Select[Any]:
    """What a CaseRow is made of; narrow and order it, and read it with page_of or case_rows."""
    return select(*_LISTED).join(Case.patient)


def moment(at: datetime, row_id: int | None) -> Tuple:
    """A place in a list that is ordered by a moment, then by id."""
    return tuple_(at, row_id, types=(UtcDateTime(), Integer()))


def case_rows(query: Select[Any]) -> tuple[CaseRow, ...]:
    return tuple(_case_row(row) for row in db.session.execute(query))


def page_of(query: Select[Any]) -> Page[CaseRow]:
    """One page of an ordered list."""
    rows = db.session.execute(query.limit(PAGE_ROWS + 1)).all()
    shown = tuple(_case_row(row) for row in rows[:PAGE_ROWS])
    return Page(shown, shown[-1].id if len(rows) > PAGE_ROWS else None)


def _case_row(row: Any) -> CaseRow:
    values = {column.key: getattr(row, column.key) for column in _LISTED}
    return CaseRow(**{**values, "tier": Tier(values["tier"])})
