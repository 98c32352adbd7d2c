"""Encrypted columns anew under the newest key, a few rows at a time, while everybody else goes on writing.

A row is changed only if it still holds the very bytes that were read: what somebody wrote meanwhile is never
overwritten. Rows that are under the newest key already are left alone, so a run that was stopped goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import LargeBinary, Row, Table, Update, and_, bindparam, column, select, table, tuple_

from screening.actions.unit import Actor, Database, unit_of_work
from screening.crypto import Encrypted, cipher
from screening.models import db

BATCH = 50
"""Rows: a transaction stays a few milliseconds short, and the largest PDFs fit in memory."""
PASSES = 3
REST = 1.0
"""How long is waited after a batch, as a share of the time that it took: others write in between."""


@dataclass
class Rotated:
    """What came of it, in values, which are one column of one row."""

    renewed: int = 0
    left: int = 0
    """Still under an older key when the last pass came by: a process that has not the newest key goes on writing."""
    unreadable: dict[str, int] = field(default_factory=dict)
    """By table: under no key that is known."""


@dataclass(frozen=True)
class Columns:
    """The encrypted columns of a table and its key, as plain bytes and values."""

    name: str
    keys: tuple[str, ...]
    sealed: tuple[str, ...]

    @cached_property
    def plain(self) -> Any:
        return table(self.name, *map(column, self.keys), *(column(name, LargeBinary) for name in self.sealed))


def encrypted_columns() -> list[Columns]:
    """Of every table that has any."""
    return [
        Columns(each.name, tuple(key.name for key in each.primary_key), sealed)
        for each in db.metadata.sorted_tables
        if (sealed := _sealed(each))
    ]


def rotate_keys(*, by: Actor, told: Callable[[str, int], None]) -> Rotated:
    """Bring every encrypted value under the newest key. `told` is given each table's name and its renewed values."""
    found = Rotated()
    for _ in range(PASSES):
        found.unreadable.clear()
        found.left = 0
        for columns in encrypted_columns():
            renewed = _rotate(columns, found, by)
            found.renewed += renewed
            found.left += renewed
            told(columns.name, renewed)
        # Only a pass that had nothing to do shows that nothing is left.
        if not found.left:
            break
    with unit_of_work(by) as unit:
        unreadable = sum(found.unreadable.values())
        unit.audit("keys.rotated", Database(), renewed=found.renewed, left=found.left, unreadable=unreadable)
    return found


def _sealed(each: Table) -> tuple[str, ...]:
    return tuple(one.name for one in each.c if isinstance(one.type, Encrypted))


def _rotate(columns: Columns, found: Rotated, by: Actor) -> int:
    renewed = 0
    for rows in _batches(columns):
        began = time.monotonic()
        changes = [(row, change) for row in rows if (change := _change(columns, row, found))]
        if not changes:
            continue
        missed = _write(columns, changes, by)
        renewed += sum(len(change) for row, change in changes if row not in missed)
        renewed += sum(_write_held(columns, row, found, by) for row in missed)
        time.sleep(REST * (time.monotonic() - began))
    return renewed


def _change(columns: Columns, row: Row[Any], found: Rotated) -> dict[str, bytes]:
    """The values of a row that are to be written anew."""
    change = {}
    for name in columns.sealed:
        token = row._mapping[name]
        try:
            renewed = None if token is None else cipher().renewed(bytes(token))
        except InvalidToken:
            found.unreadable[columns.name] = found.unreadable.get(columns.name, 0) + 1
            continue
        if renewed is not None:
            change[name] = renewed
    return change


def _write(columns: Columns, changes: Sequence[tuple[Row[Any], dict[str, bytes]]], by: Actor) -> list[Row[Any]]:
    """Write what nobody has changed since it was read. Returns the rows that somebody has."""
    missed = []
    ready = [(row, _statement(columns, tuple(change)), _values(columns, row, change)) for row, change in changes]
    with unit_of_work(by):
        connection = db.session.connection()
        for row, statement, values in ready:
            if not connection.execute(statement, values).rowcount:
                missed.append(row)
    return missed


def _write_held(columns: Columns, row: Row[Any], found: Rotated, by: Actor) -> int:
    """Renew a row that somebody is writing to, held against them from the read on. Returns how many values."""
    same = and_(*(columns.plain.c[name] == row._mapping[name] for name in columns.keys))
    with unit_of_work(by):
        connection = db.session.connection()
        now = connection.execute(select(columns.plain).where(same).with_for_update()).first()
        change = _change(columns, now, found) if now is not None else {}
        if now is not None and change:
            connection.execute(_statement(columns, tuple(change)), _values(columns, now, change))
    return len(change)


@cache
def _statement(columns: Columns, names: tuple[str, ...]) -> Update:
    """Changes the columns `names` of a row by its key, if they are as they were."""
    plain = columns.plain
    same = [plain.c[name] == bindparam(f"old_{name}") for name in (*columns.keys, *names)]
    changed: Update = plain.update().where(and_(*same)).values({name: bindparam(f"new_{name}") for name in names})
    return changed


def _values(columns: Columns, row: Row[Any], change: Mapping[str, bytes]) -> dict[str, Any]:
    old = {f"old_{name}": row._mapping[name] for name in (*columns.keys, *change)}
    return {**old, **{f"new_{name}": value for name, value in change.items()}}


def _batches(columns: Columns) -> Iterator[Sequence[Row[Any]]]:
    plain = columns.plain
    keys = [plain.c[name] for name in columns.keys]
    query = select(plain).order_by(*keys).limit(BATCH)
    rows = _read(query)
    while rows:
        yield rows
        last = tuple(rows[-1]._mapping[name] for name in columns.keys)
        rows = _read(query.where(keys[0] > last[0] if len(keys) == 1 else tuple_(*keys) > last))


def _read(query: Any) -> Sequence[Row[Any]]:
    """Rows, with no transaction left open."""
    rows: Sequence[Row[Any]] = db.session.connection().execute(query).all()
    db.session.rollback()
    return rows
