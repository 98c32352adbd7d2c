"""The board's numbers, counted by the database: nothing is decrypted, and no person is named.

A span is whole weeks of the clinic, Monday to Sunday, of which the last is the one under way.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Float, Select, case, func, literal, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement

from rules.model import Tier
from screening.clock import midnight
from screening.models import Case, CaseFinding, Draft, ForgottenForms, db
from screening.provenance import Channel

FIRST_TWO: tuple[ColumnElement[Any], ColumnElement[Any]] = (literal_column("1"), literal_column("2"))
"""Columns to group by where they hold parameters: PostgreSQL does not see that two such expressions are one."""
OWN_CHANNELS = tuple(channel.value for channel in Channel if not channel.by_staff)
"""Forms that people fill in themselves: what staff key in says nothing of where they stop."""


@dataclass(frozen=True)
class Span:
    """Some weeks. `mondays` has one more than there are weeks; `now` is when it is looked at."""

    mondays: tuple[date, ...]
    zone: ZoneInfo
    now: datetime

    @classmethod
    def of(cls, weeks: int, now: datetime, zone: ZoneInfo) -> Span:
        today = now.astimezone(zone).date()
        following = today + timedelta(days=7 - today.weekday())
        return cls(tuple(following - timedelta(weeks=back) for back in range(weeks, -1, -1)), zone, now)

    @property
    def weeks(self) -> int:
        return len(self.mondays) - 1

    @property
    def begins(self) -> datetime:
        return midnight(self.mondays[0], self.zone)

    def week_of(self, moment: Any) -> ColumnElement[int]:
        """The number of a column's week within the span, from 0. The column is not before the span."""
        ends = [(moment < midnight(monday, self.zone), literal(week)) for week, monday in enumerate(self.mondays[1:])]
        return case(*ends, else_=literal(self.weeks - 1))


class Status(StrEnum):
    """How far a case has come; the first that holds, from the end."""

    SUBMITTED = "submitted"
    PRINTED = "printed"
    REVIEWED = "reviewed"


@dataclass(frozen=True)
class Middle:
    """The median of some stretches of time."""

    length: timedelta
    of: int


@dataclass(frozen=True)
class Forms:
    begun: Counter[int]
    finished: Counter[int]
    """Of those begun in the week. Both by number of the week."""


def cases_by_tier(span: Span) -> Counter[tuple[int, Tier]]:
    """How many were sent, by week and tier."""
    query = select(span.week_of(Case.submitted_at), Case.tier, func.count()).where(*_sent(span))
    return Counter({(week, Tier(tier)): n for week, tier, n in db.session.execute(query.group_by(*FIRST_TWO))})


def cases_by_status(span: Span) -> Counter[tuple[int, Status]]:
    """How many were sent, by week and how far they have come by now."""
    query = select(span.week_of(Case.submitted_at), _status(), func.count()).where(*_sent(span))
    return Counter({(week, Status(name)): n for week, name, n in db.session.execute(query.group_by(*FIRST_TWO))})


def waits(span: Span) -> Mapping[Tier, Middle]:
    """How long cases sent in the span waited for the decision that counts, for each tier that has one."""
    waited = SecondsBetween(Case.reviewed_at, Case.submitted_at)
    query = select(_in_no_order(Case.tier).label("part"), waited.label("seconds")).where(
        *_sent(span), Case.reviewed_at.is_not(None)
    )
    return {Tier(tier): middle for tier, middle in _medians(query).items()}


def undecided(span: Span) -> Counter[Tier]:
    """How many sent in the span wait for a decision, by tier, of those that need one."""
    query = select(_in_no_order(Case.tier), func.count()).where(*_sent(span), Case.reviewed_at.is_(None), Case.flagged)
    return Counter({Tier(tier): n for tier, n in db.session.execute(query.group_by(_in_no_order(Case.tier)))})


def forms(span: Span) -> Forms:
    """How many were begun by the people themselves, those since forgotten too, and how many of all are sent by now."""
    query = select(span.week_of(Draft.started_at), func.count(), func.count(Draft.closed_at)).where(*_begun(span))
    rows = db.session.execute(query.group_by(FIRST_TWO[0])).all()
    begun = Counter({week: n for week, n, _ in rows})
    for row in _forgotten(span):
        begun[bisect_right(span.mondays, row.day) - 1] += row.n
    return Forms(begun, Counter({week: n for week, _, n in rows}))


def stops(span: Span, left_for: timedelta) -> Counter[str | None]:
    """The page at which people are who left a form for longer than this, by id; None where all is answered."""
    left = (Draft.closed_at.is_(None), Draft.last_activity_at < span.now - left_for)
    query = select(Draft.reached, func.count()).where(*_begun(span), *left).group_by(Draft.reached)
    stopped = Counter(dict(db.session.execute(query).all()))
    for row in _forgotten(span):
        stopped[row.reached or None] += row.n
    return stopped


def times_to_finish(span: Span) -> Mapping[int, Middle]:
    """From beginning to sending, by the week in which the form was begun."""
    taken = SecondsBetween(Draft.closed_at, Draft.started_at)
    query = select(span.week_of(Draft.started_at).label("part"), taken.label("seconds"))
    return _medians(query.where(*_begun(span), Draft.closed_at.is_not(None)))


def rules_fired(span: Span) -> Counter[str]:
    """In how many cases sent in the span each rule fired."""
    query = (
        select(_in_no_order(CaseFinding.rule), func.count())
        .join(Case, CaseFinding.case_id == Case.id)
        .where(*_sent(span))
    )
    return Counter(dict(db.session.execute(query.group_by(_in_no_order(CaseFinding.rule))).all()))


def cases_sent(span: Span) -> int:
    return db.session.scalar(select(func.count(Case.submitted_at)).where(*_sent(span))) or 0


def _sent(span: Span) -> tuple[ColumnElement[bool], ...]:
    return (Case.submitted_at >= span.begins,)


def _begun(span: Span) -> tuple[ColumnElement[bool], ...]:
    return (Draft.started_at >= span.begins, Draft.channel.in_(OWN_CHANNELS))


def _forgotten(span: Span) -> Sequence[ForgottenForms]:
    """How many forms of the span were left and are forgotten."""
    query = select(ForgottenForms).where(
        ForgottenForms.day >= span.mondays[0],
        ForgottenForms.day < span.mondays[-1],
        ForgottenForms.channel.in_(OWN_CHANNELS),
    )
    return db.session.scalars(query).all()


def _in_no_order(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A column to group by. By itself SQLite would walk all its index, for the order, and not look up the weeks."""
    return func.coalesce(column, column)


def _status() -> ColumnElement[str]:
    return case(
        (Case.reviewed_at.is_not(None), literal(Status.REVIEWED.value)),
        (Case.printed_at.is_not(None), literal(Status.PRINTED.value)),
        else_=literal(Status.SUBMITTED.value),
    )


def _medians(measured: Select[Any, float]) -> dict[Any, Middle]:
    """The median of each part of a query that gives `part` and `seconds`."""
    rows = measured.subquery()
    place = func.row_number().over(partition_by=rows.c.part, order_by=rows.c.seconds)
    ranked = select(
        rows.c.part,
        rows.c.seconds,
        place.label("place"),
        func.count().over(partition_by=rows.c.part).label("n"),
    ).subquery()
    # One row of an odd number, the two in the middle of an even one.
    middle = (ranked.c.place * 2).between(ranked.c.n, ranked.c.n + 2)
    query = select(ranked.c.part, func.avg(ranked.c.seconds), func.max(ranked.c.n)).where(middle)
    found = db.session.execute(query.group_by(ranked.c.part))
    return {part: Middle(timedelta(seconds=round(seconds)), n) for part, seconds, n in found}


class SecondsBetween(FunctionElement[float]):
    """SecondsBetween(later, earlier), which no function has a common name for."""

    type = Float()
    inherit_cache = True


@compiles(SecondsBetween, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    later, earlier = (compiler.process(clause, **options) for clause in element.clauses)
    return f"((julianday({later}) - julianday({earlier})) * 86400)"


@compiles(SecondsBetween, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    later, earlier = (compiler.process(clause, **options) for clause in element.clauses)
    return f"extract(epoch FROM ({later}) - ({earlier}))"
