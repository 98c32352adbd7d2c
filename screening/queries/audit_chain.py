"""The chain of audit events read from end to end: what was altered, taken out, put in, moved or cut off."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, column, func, literal_column, or_, select, table

from screening.anchor import Anchored
from screening.chain import GENESIS, SEALED, Chain

BATCH = 1000
NAMED_MAX = 20
"""How many ids of events that are not sealed are named."""
EVENT = table("audit_event", *(column(name) for name in (*SEALED, "position", "mac")))
HEAD = table("audit_head", *(column(name) for name in ("position", "event_id", "mac")))
PLAIN = {
    "sqlite": {
        "at": "CAST(at AS BLOB)",
        "detail": "CAST(detail AS BLOB)",
        **{name: f"CAST({name} AS BLOB)" for name in ("actor", "action", "subject_kind")},
    },
    "postgresql": {"at": "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')", "detail": "detail::text"},
}
"""Columns that are read as the database keeps them: what somebody put there must not stop the reading."""


@dataclass
class Verified:
    """How far a walk along the chain has come, and what it has counted."""

    sealed: int = 0
    position: int = 0
    not_sealed: int = 0
    last_id: int = 0
    mac: bytes = GENESIS


def verify(
    connection: Connection,
    key: str,
    anchors: Iterable[Anchored],
    found: Verified,
    *,
    not_sealed_is_fault: bool = True,
) -> Iterator[str]:
    """A line for each fault, with flat memory. The connection shows one moment of the database to the end."""
    yield from _walk(connection, key, found)
    loose = list(_not_sealed(connection, found))
    if not_sealed_is_fault:
        yield from loose
    yield from _end(connection, found)
    yield from _against(connection, anchors)


def events_not_sealed(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """The first events that wait to be sealed, in order of id, as Chain.link takes them."""
    query = _events(connection).where(EVENT.c.mac.is_(None)).order_by(EVENT.c.id).limit(limit)
    return [_event(row) for row in connection.execute(query)]


def _events(connection: Connection) -> Select[Any]:
    plain = PLAIN[connection.dialect.name]
    read: dict[str, ColumnElement[Any]] = {name: literal_column(shown).label(name) for name, shown in plain.items()}
    return select(*(read.get(name, EVENT.c[name]) for name in (*SEALED, "position", "mac"))).select_from(EVENT)


def _event(row: Row[Any]) -> dict[str, Any]:
    event = {name: _read(row._mapping[name]) for name in SEALED}
    with suppress(TypeError, ValueError):
        event["detail"] = json.loads(event["detail"])
    return event


def _read(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _walk(connection: Connection, key: str, found: Verified) -> Iterator[str]:
    chain = Chain(key)
    query = _events(connection).where(EVENT.c.position.is_not(None)).order_by(EVENT.c.position)
    for row in connection.execute(query, execution_options={"yield_per": BATCH}):
        position, mac = row.position, _bytes(row.mac)
        found.sealed += 1
        if not isinstance(position, int) or position <= found.position:
            yield f"Event {row.id}: put in at place {position}, which another event has or which is none."
            continue
        if position > found.position + 1:
            yield f"Places {found.position + 1} to {position - 1}: the events were taken out, before event {row.id}."
        elif not hmac.compare_digest(mac, chain.mac_of(position, _event(row), found.mac)):
            yield f"Event {row.id}, place {position}: altered or moved; it is not what was sealed here."
        found.position, found.last_id, found.mac = position, row.id, mac


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


def _not_sealed(connection: Connection, found: Verified) -> Iterator[str]:
    loose = or_(EVENT.c.mac.is_(None), EVENT.c.position.is_(None))
    found.not_sealed = connection.execute(select(func.count()).select_from(EVENT).where(loose)).scalar_one()
    if found.not_sealed:
        ids = connection.scalars(select(EVENT.c.id).where(loose).order_by(EVENT.c.id).limit(NAMED_MAX)).all()
        more = ", …" if found.not_sealed > len(ids) else ""
        yield (
            f"{found.not_sealed} events are not sealed: {', '.join(map(str, ids))}{more}. An earlier release wrote"
            " them, or somebody put them in. Once no earlier release runs, look at them, then run `flask audit seal`."
        )


def _end(connection: Connection, found: Verified) -> Iterator[str]:
    heads = connection.execute(select(HEAD)).all()
    if len(heads) != 1:
        yield f"The end of the chain is noted {len(heads)} times, not once."
        return
    head = heads[0]
    if head.position > found.position:
        yield f"Places {found.position + 1} to {head.position}: the last events were cut off."
    elif head.position < found.position:
        yield f"Places {head.position + 1} to {found.position}: put in after the end of the chain."
    elif _bytes(head.mac) != found.mac or (head.event_id != found.last_id):
        yield f"The end of the chain at place {head.position} is not noted as it was sealed."


def _against(connection: Connection, anchors: Iterable[Anchored]) -> Iterator[str]:
    left, cut_off = iter(anchors), 0
    while batch := list(islice(left, BATCH)):
        asked = select(EVENT.c.position, EVENT.c.id, EVENT.c.mac).where(
            EVENT.c.position.in_({anchor.position for anchor in batch})
        )
        kept = {row.position: row for row in connection.execute(asked)}
        for anchor in batch:
            if anchor.position not in kept:
                cut_off += 1
                if cut_off == 1:
                    yield f"Event {anchor.event_id}, place {anchor.position}: anchored at {anchor.at} and now cut off."
            elif not _same(anchor, kept[anchor.position]):
                yield f"Event {anchor.event_id}, place {anchor.position}: not the one anchored at {anchor.at}."
    if cut_off > 1:
        yield f"{cut_off - 1} more anchors are of events that were cut off."


def _same(anchor: Anchored, row: Any) -> bool:
    return bool(row.id == anchor.event_id and _bytes(row.mac).hex() == anchor.mac)
