"""Legal holds: nothing of a person is forgotten while one stands."""

from __future__ import annotations

from sqlalchemy import select

from screening.actions.unit import Actor, Missing, Unit, unit_of_work
from screening.models import Case, LegalHold, Patient, db


def place_hold(*, reference: str, reason: str, by: Actor) -> LegalHold:
    """Hold all of the person of a case. Returns the hold that stands if there is one. Raises Missing."""
    if by.user_id is None:
        raise PermissionError("a hold is placed by a member of staff")
    with unit_of_work(by) as unit:
        patient = _patient(unit, reference)
        standing = select(LegalHold).where(LegalHold.patient_id == patient.id, LegalHold.lifted_at.is_(None))
        hold = db.session.scalar(standing)
        if hold is not None:
            return hold
        hold = LegalHold(
            patient_id=patient.id, reason=reason, placed_at=unit.now, placed_by_id=by.user_id, placed_name=by.name
        )
        db.session.add(hold)
        unit.audit("hold.placed", hold, patient=patient.id)
        return hold


def lift_hold(*, hold_id: int, reason: str, by: Actor) -> None:
    """Let the periods count again. Raises Missing if it was lifted before."""
    with unit_of_work(by) as unit:
        hold = unit.lock(LegalHold, hold_id)
        if hold.lifted_at is not None:
            raise Missing(f"Hold {hold_id} was lifted")
        hold.lift_reason, hold.lifted_at = reason, unit.now
        hold.lifted_by_id, hold.lifted_name = by.user_id, by.name
        unit.audit("hold.lifted", hold, patient=hold.patient_id)


def _patient(unit: Unit, reference: str) -> Patient:
    """Held, so that it is not erased meanwhile."""
    patient_id = db.session.scalar(select(Case.patient_id).where(Case.reference == reference))
    if patient_id is None:
        raise Missing(f"Case {reference}")
    return unit.lock(Patient, patient_id)
