"""Looking people up: noted by the cases that came up, never by what was typed."""

from __future__ import annotations

from collections.abc import Sequence

from screening.actions.unit import Actor, Database, unit_of_work


def note_search(*, case_ids: Sequence[int], by: Actor) -> None:
    """Keep who was shown which cases by a search."""
    with unit_of_work(by) as unit:
        unit.audit("cases.searched", Database(), cases=list(case_ids))
