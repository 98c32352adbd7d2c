"""Audit events into their chain, whose end every writer holds for the last moments of its transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Integer, LargeBinary, bindparam, func, insert, select, text, update

from screening.chain import Chain, as_kept
from screening.models import AuditEvent, AuditHead, db

EVENT, HEAD = AuditEvent.metadata.tables["audit_event"], AuditHead.metadata.tables["audit_head"]

# Put together once: every write says them, and to build one takes about as long as to run it.
_LAST = select(func.coalesce(func.max(EVENT.c.id), 0))
_TAKEN = text("SELECT nextval(pg_get_serial_sequence('audit_event', 'id')) FROM generate_series(1, :count)")
_END = select(HEAD.c.position, HEAD.c.mac).with_for_update()
_NEW = insert(EVENT)
_KEEP = update(HEAD).values({name: bindparam(name) for name in ("position", "event_id", "mac")})


def audit_key() -> str:
    key: str = current_app.extensions["settings"].audit_key
    return key


def append(events: Sequence[Mapping[str, Any]]) -> None:
    """Write events, chained, as the last thing before the commit. Each has all of chain.SEALED but its id."""
    if not events:
        return
    db.session.flush()
    kept = [{**event, "detail": as_kept(event["detail"])} for event in events]
    connection = db.session.connection()
    # A sequence of PostgreSQL waits for nobody: the end of the chain is held only from here on.
    ids = _next_ids(connection, len(kept))
    chain = held_end(connection)
    connection.execute(_NEW, [chain.link({**event, "id": key}) for event, key in zip(kept, ids, strict=True)])
    keep_end(connection, chain)


def held_end(connection: Connection) -> Chain:
    """The end of the chain, held against other writers until the commit."""
    row = connection.execute(_END).one()
    return Chain(audit_key(), row.position, row.mac)


def keep_end(connection: Connection, chain: Chain) -> None:
    """Note where a chain that events were linked to ends now."""
    connection.execute(_KEEP, {"position": chain.position, "event_id": chain.event_id, "mac": chain.mac})


def seal(connection: Connection, chain: Chain, events: Sequence[Mapping[str, Any]]) -> None:
    """Chain events that are in the table already, read after the end was held. Each has all of chain.SEALED."""
    linked = [chain.link(event) for event in events]
    places = (bindparam("to_position", type_=Integer), bindparam("to_mac", type_=LargeBinary))
    change = update(EVENT).where(EVENT.c.id == bindparam("event")).values(position=places[0], mac=places[1])
    rows = [{"event": row["id"], "to_position": row["position"], "to_mac": row["mac"]} for row in linked]
    connection.execute(change, rows)
    keep_end(connection, chain)


def _next_ids(connection: Connection, count: int) -> Sequence[int]:
    if connection.dialect.name == "sqlite":
        last: int = connection.execute(_LAST).scalar_one()
        return range(last + 1, last + 1 + count)
    return connection.scalars(_TAKEN, {"count": count}).all()
