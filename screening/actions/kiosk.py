"""Tablets of the clinic: put into use by staff, and ended by staff."""

from __future__ import annotations

from screening.actions.unit import Actor, unit_of_work
from screening.models import Kiosk, db


def start(*, name: str, by: Actor) -> Kiosk:
    """Make a tablet of the browser that asks for it."""
    with unit_of_work(by) as unit:
        kiosk = Kiosk(name=name, started_at=unit.now, started_by_id=by.user_id, started_name=by.name)
        db.session.add(kiosk)
        unit.audit("kiosk.started", kiosk)
        return kiosk


def end(*, kiosk_id: int, by: Actor) -> None:
    """Take a tablet out of use: its browser is refused from its next request on. Raises Missing."""
    with unit_of_work(by) as unit:
        kiosk = unit.lock(Kiosk, kiosk_id)
        if kiosk.ended_at is None:
            kiosk.ended_at, kiosk.ended_name = unit.now, by.name
            unit.audit("kiosk.ended", kiosk)
