"""How many cases and open forms are in each state: read from tallies, never counted row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Integer, Result, func, literal, literal_column, select

from rules.model import Tier
from screening.models import Case, Draft, Tally, db
from screening.models.screening import REVIEWED


class State(NamedTuple):
    """The key of a tally, in the order of its columns."""

    subject: str
    tier: int
    printed: int
    reviewed: int
    to_call: int


KEY = tuple(getattr(Tally, name) for name in State._fields)


class Tallies:
    """The tallies as they stood when they were read. `tier` narrows a count of cases to one tier."""

    def __init__(self, numbers: Mapping[State, int]) -> None:
        self._numbers = numbers

    def open_forms(self) -> int:
        return sum(n for state, n in self._numbers.items() if state.subject == "draft")

    def submitted(self, tier: Tier | None = None) -> int:
        return sum(n for _, n in self._cases(tier))

    def to_print(self, tier: Tier | None = None) -> int:
        return sum(n for state, n in self._cases(tier) if state.printed != 1)

    def to_call(self, tier: Tier | None = None) -> int:
        return sum(n for state, n in self._cases(tier) if state.to_call and not state.reviewed)

    def printed(self, tier: Tier | None = None) -> int:
        return sum(n for state, n in self._cases(tier) if state.printed and not state.reviewed)

    def reviewed(self, tier: Tier | None = None) -> int:
        return sum(n for state, n in self._cases(tier) if state.reviewed)

    def waiting(self) -> Counter[Tier]:
        """The flagged cases without a decision that counts, by tier."""
        waiting: Counter[Tier] = Counter()
        for state, n in self._cases():
            if not state.reviewed and Tier(state.tier).flagged:
                waiting[Tier(state.tier)] += n
        return waiting

    def _cases(self, tier: Tier | None = None) -> Iterator[tuple[State, int]]:
        return (
            (state, n)
            for state, n in self._numbers.items()
            if state.subject == "case" and (tier is None or state.tier == tier)
        )


def tallies() -> Tallies:
    return Tallies(kept())


def kept() -> dict[State, int]:
    """The tallies as the triggers left them."""
    return _numbers(db.session.execute(select(*KEY, Tally.n)))


def recounted() -> dict[State, int]:
    """The same from the rows themselves: minutes where there are millions."""
    cases = select(
        literal("case"),
        Case.tier,
        literal_column("CASE WHEN printed_at IS NULL THEN 0 WHEN changed_at > printed_at THEN 2 ELSE 1 END", Integer),
        literal_column(f"CASE WHEN {REVIEWED} THEN 1 ELSE 0 END", Integer),
        literal_column("CASE WHEN desk_calls > 0 THEN 1 ELSE 0 END", Integer),
        func.count(),
    ).group_by(*(literal_column(str(number)) for number in range(2, 6)))
    numbers = _numbers(db.session.execute(cases.select_from(Case)))
    open_forms = db.session.scalars(select(func.count()).select_from(Draft).where(Draft.closed_at.is_(None))).one()
    return {**numbers, State("draft", 0, 0, 0, 0): open_forms} if open_forms else numbers


def _numbers(rows: Result[Any]) -> dict[State, int]:
    return {State._make(row[:-1]): row[-1] for row in rows if row[-1]}
