"""The tallies counted anew, for the day on which somebody doubts them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import delete, insert, text

from screening.actions.unit import Actor, unit_of_work
from screening.models import Tally, db
from screening.queries.tallies import State, kept, recounted


class Drift(NamedTuple):
    """A tally that was wrong."""

    state: State
    kept: int
    counted: int


def recount(*, by: Actor) -> list[Drift]:
    """Put every tally right, while nobody else writes. Returns those that were wrong."""
    with unit_of_work(by) as unit:
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("LOCK TABLE screening_case, draft, tally IN SHARE ROW EXCLUSIVE MODE"))
        before, after = kept(), recounted()
        wrong = [
            Drift(state, before.get(state, 0), after.get(state, 0))
            for state in sorted(before.keys() | after.keys())
            if before.get(state, 0) != after.get(state, 0)
        ]
        if wrong:
            db.session.execute(delete(Tally))
            db.session.execute(insert(Tally), [{**state._asdict(), "n": n} for state, n in after.items()])
        unit.audit("tallies.recounted", Tally(), wrong=len(wrong))
    return wrong
