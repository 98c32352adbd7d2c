"""What was printed of a case, for the page that a print's QR code opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from screening.models import AuditEvent, User, db
from screening.pdf import mark_of

PRINTED = "case.printed"


@dataclass(frozen=True)
class Print:
    at: datetime
    by: str
    mark: str


def prints_of(case_id: int) -> tuple[Print, ...]:
    """Every print of the case's summary, the latest first."""
    query = (
        select(AuditEvent)
        .where(AuditEvent.subject_kind == "case", AuditEvent.subject_id == case_id, AuditEvent.action == PRINTED)
        .order_by(AuditEvent.id.desc())
    )
    events = db.session.scalars(query).all()
    actors = {event.actor for event in events}
    rows = db.session.execute(select(User.id, User.full_name)).all() if actors else ()
    names = {f"staff:{number}": name for number, name in rows}
    return tuple(
        Print(event.at, names.get(event.actor, event.actor), mark_of(event.detail["content_hash"])) for event in events
    )
