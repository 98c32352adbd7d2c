"""Records that staff say are of one person. Nothing of either record changes, so that undoing it is exact."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from screening.actions.unit import Actor, Missing, Unit, unit_of_work
from screening.models import Case, Patient, PatientJoin, db
from screening.person import same_birth
from screening.queries.people import corrections_made, joined_records


class NotJoined(Exception):
    """The records cannot be joined as asked. The message tells staff why."""


class ChangedMeanwhile(Exception):
    """One of the identities was corrected, or somebody else joined or undid, since they were read."""


def join(*, patient_id: int, other_id: int, reason: str, seen: tuple[int, int], by: Actor) -> PatientJoin:
    """Join two records. `seen` is how often each identity was corrected when it was read.

    `reason` is needed unless both have the same date of birth. Raises Missing, NotJoined or ChangedMeanwhile.
    """
    with unit_of_work(by) as unit:
        if patient_id == other_id:
            raise NotJoined("This is the same record.")
        one, other = _hold(unit, patient_id, other_id)
        if (corrections_made(patient_id), corrections_made(other_id)) != seen:
            raise ChangedMeanwhile
        if other_id in joined_records(patient_id):
            raise NotJoined("These records are joined already.")
        if not reason and not same_birth(one.identity, other.identity):
            raise NotJoined("Enter why these are of one person although the dates of birth are not the same.")
        first, second = sorted((patient_id, other_id))
        joined = PatientJoin(
            first_id=first,
            second_id=second,
            reason=reason or None,
            joined_at=unit.now,
            joined_by_id=unit.by.user_id,
            joined_name=unit.by.name,
        )
        db.session.add(joined)
        _audit(unit, "case.joined", joined)
        return joined


def undo(*, join_id: int, patient_id: int, by: Actor) -> None:
    """Part two records of this person again. Raises Missing if there is no such join, or it was undone before."""
    with unit_of_work(by) as unit:
        joined = unit.lock(PatientJoin, join_id)
        if joined.undone_at is not None or joined.first_id not in joined_records(patient_id):
            raise Missing(f"Join {join_id}")
        joined.undone_at, joined.undone_by_id, joined.undone_name = unit.now, unit.by.user_id, unit.by.name
        _audit(unit, "case.join_undone", joined)


def _hold(unit: Unit, patient_id: int, other_id: int) -> tuple[Patient, Patient]:
    """Both records, with all that are joined with either held in one order, so that no two joins make a circle."""
    records = joined_records(patient_id) | joined_records(other_id)
    held = {record: unit.lock(Patient, record) for record in sorted(records)}
    if joined_records(patient_id) | joined_records(other_id) != records:
        raise ChangedMeanwhile
    return held[patient_id], held[other_id]


def _audit(unit: Unit, action: str, joined: PatientJoin) -> None:
    """An event for each case of either record."""
    db.session.flush()
    detail: dict[str, Any] = {"join": joined.id, "patients": [joined.first_id, joined.second_id]}
    cases: Iterable[Case] = db.session.scalars(
        select(Case).where(Case.patient_id.in_((joined.first_id, joined.second_id))).order_by(Case.id)
    )
    unit.audit_each(action, [(case, detail) for case in cases])
