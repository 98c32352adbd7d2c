"""Looking after the audit chain: sealing what earlier releases wrote, and anchoring its end outside the database."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from screening import clock
from screening.actions.audit_chain import HEAD, held_end, seal
from screening.actions.unit import Actor, Database, unit_of_work
from screening.anchor import EACH_MINUTE, Anchored, note
from screening.models import db
from screening.queries.audit_chain import events_not_sealed

BATCH = 500


def seal_all(*, by: Actor) -> int:
    """Seal, in order of id, every event that is not, and leave word of which. Returns how many there were."""
    sealed = 0
    while True:
        with unit_of_work(by) as unit:
            connection = db.session.connection()
            # Held before the events are read: of two who seal, the second finds nothing left.
            chain = held_end(connection)
            events = events_not_sealed(connection, BATCH)
            if not events:
                return sealed
            seal(connection, chain, events)
            sealed += len(events)
            unit.audit("audit.sealed", Database(), first=events[0]["id"], last=events[-1]["id"], count=len(events))


def anchor(*, why: str = EACH_MINUTE) -> None:
    """Note where the chain ends, unless this process has noted just that. Raises OSError if it cannot be written."""
    where: str = current_app.extensions["settings"].audit_anchor
    head = db.session.execute(select(HEAD)).one()
    db.session.rollback()
    noted = current_app.extensions.get("audit_anchored")
    if where and head.position and (noted != head.mac or why != EACH_MINUTE):
        note(where, Anchored(clock.now().isoformat(), head.event_id, head.position, head.mac.hex(), why))
        current_app.extensions["audit_anchored"] = head.mac
