"""Physicians hand cases to each other: who is to take one up, notes, requests for a second opinion, and the answer."""

from __future__ import annotations

from screening.actions import opinions
from screening.actions.review import DecidedMeanwhile, counting, decisions_of, standing
from screening.actions.unit import Actor, Missing, Unit, unit_of_work
from screening.models import Case, Handover, db
from screening.queries.handing import physicians

EVERYONE = 0
"""In place of a user's id: whoever comes first."""


class HandedMeanwhile(Exception):
    """Somebody else handed the case over since it was read."""


class NotAssignable(ValueError):
    """The account that the case is to go to cannot decide on cases, or the case is closed."""


class OwnOpinion(ValueError):
    """A second opinion on one's own request or decision, or where none is asked for."""


def hand_over(
    *,
    case_id: int,
    last_seen: int,
    by: Actor,
    note: str = "",
    assign_to: int | None = None,
    asks_opinion: bool = False,
) -> Handover:
    """Leave a note, say who is to take the case up (a user's id, or EVERYONE), or ask for a second opinion.

    `last_seen` is the id of the newest Handover that was read, 0 for none. A note alone is always added.
    Raises HandedMeanwhile, NotAssignable, and Missing if there is no such case.
    """
    if not note and assign_to is None and not asks_opinion:
        raise ValueError("nothing to hand over")
    with unit_of_work(by) as unit:
        case = unit.lock(Case, case_id)
        rows = opinions.handovers(case_id)
        if rows and rows[-1].id != last_seen and (assign_to is not None or asks_opinion):
            raise HandedMeanwhile(case_id)
        row = _row(unit, case, note=note or None, asks_opinion=asks_opinion)
        if assign_to is not None:
            closed = case.reviewed_at is not None and case.opinion_asked_at is None and not asks_opinion
            _assign(unit, case, row, None if closed else assign_to)
        _add(unit, case, row)
        unit.audit(
            "case.handed_over",
            case,
            handover=row.id,
            note=row.note is not None,
            **({"assigned_to": row.assigned_to_id} if row.assigns else {}),
            asks_opinion=asks_opinion,
        )
    return row


def agree(*, case_id: int, decision_seen: int, by: Actor, note: str = "") -> Handover:
    """Sign that one agrees with the decision that counts, as the second physician.

    Raises DecidedMeanwhile if another decision counts by now, OwnOpinion, or Missing.
    """
    with unit_of_work(by) as unit:
        case = unit.lock(Case, case_id)
        decisions = decisions_of(case)
        valid = counting(case, decisions)
        asked = opinions.requests_open(opinions.handovers(case_id), standing(decisions))
        if not valid or valid[-1].id != decision_seen:
            raise DecidedMeanwhile(decisions[-1]) if decisions else Missing(f"decision {decision_seen}")
        if by.user_id == valid[-1].user_id or all(row.user_id == by.user_id for row in asked):
            raise OwnOpinion(case_id)
        row = _row(unit, case, note=note or None, agrees_with_id=decision_seen)
        _add(unit, case, row)
        unit.audit("case.opinion_agreed", case, handover=row.id, decision=decision_seen)
    return row


def _row(unit: Unit, case: Case, **values: object) -> Handover:
    if unit.by.user_id is None:
        raise PermissionError("a physician hands a case over")
    signed = {"user_id": unit.by.user_id, "signed_name": unit.by.name, "signed_at": unit.now}
    decisions = decisions_of(case)
    return Handover(case_id=case.id, newest_decision_id=decisions[-1].id if decisions else None, **signed, **values)


def _assign(unit: Unit, case: Case, row: Handover, to: int | None) -> None:
    chosen = {user.id: user.full_name for user in physicians(but=unit.by.user_id)}
    if to is None or to not in {EVERYONE, *chosen}:
        raise NotAssignable(case.id)
    row.assigns, row.assigned_to_id, row.assigned_name = True, to or None, chosen.get(to)
    case.assigned_to_id, case.assigned_at = to or None, unit.now if to else None


def _add(unit: Unit, case: Case, row: Handover) -> None:
    db.session.add(row)
    db.session.flush()
    opinions.renew(unit, case, standing(decisions_of(case)))
