"""People of the demo clinic who came more than once."""

from __future__ import annotations

from sqlalchemy import select

from screening.actions import joining
from screening.actions.unit import Actor
from screening.models import Patient, db


def join_all(name: str, by: Actor) -> None:
    """Join the records that have this name."""
    rows = db.session.execute(select(Patient.id, Patient.identity).order_by(Patient.id)).all()
    first, *others = [row.id for row in rows if row.identity.get("full_name") == name]
    for other in others:
        joining.join(patient_id=first, other_id=other, reason="", seen=(0, 0), by=by)
