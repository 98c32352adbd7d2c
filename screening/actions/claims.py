"""Which physician has a case in hand. A claim keeps nobody from deciding; it tells the others where to begin."""

from __future__ import annotations

from screening.actions.unit import Actor, Missing, Unit, unit_of_work
from screening.models import Case


class ClaimedMeanwhile(Exception):
    """Somebody else claimed the case since the page was read. `name` is theirs."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def claim(*, case_id: int, last_seen: int, by: Actor) -> None:
    """Take a case in hand, or over from the one who `last_seen` says has it (a user's id; 0: nobody).

    Raises ClaimedMeanwhile if it is somebody else's by now, and Missing if there is no such case in the queue.
    """
    with unit_of_work(by) as unit:
        case = _waiting(unit, case_id)
        if case.claimed_by_id not in (None, by.user_id, last_seen):
            raise ClaimedMeanwhile(case.claimed_name or "")
        before = case.claimed_by_id
        case.claimed_by_id, case.claimed_name, case.claimed_at = by.user_id, by.name, unit.now
        unit.audit("case.claimed", case, **({"taken_from": before} if before not in (None, by.user_id) else {}))


def release(*, case_id: int, by: Actor) -> None:
    """Give back a case of one's own; another's stays theirs. Raises Missing if there is no such case in the queue."""
    with unit_of_work(by) as unit:
        case = _waiting(unit, case_id)
        if case.claimed_by_id == by.user_id:
            case.claimed_by_id = case.claimed_name = case.claimed_at = None
            unit.audit("case.released", case)


def _waiting(unit: Unit, case_id: int) -> Case:
    case = unit.lock(Case, case_id)
    if case.reviewed_at is not None:
        raise Missing(f"Case {case_id} is decided on")
    return case
