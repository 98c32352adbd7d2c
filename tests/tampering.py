"""Alterations of the audit events by somebody who may do anything in the database but has no key."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, text

from screening.actions.audit_chain import EVENT, HEAD
from screening.chain import GENESIS, SEALED, Chain

Alteration = Callable[[Connection, random.Random], str]

EDITS: dict[str, Callable[[Any], Any]] = {
    "actor": lambda value: f"{value}1",
    "action": lambda value: f"{value}.",
    "subject_kind": lambda value: value.upper(),
    "subject_id": lambda value: (value or 0) + 1,
    "detail": lambda value: {**value, "fields": ["other"]},
    "at": lambda value: value.replace(year=value.year - 1),
    "position": lambda value: value + 1_000_000,
    "id": lambda value: value + 1_000_000,
}


def unlock(connection: Connection) -> None:
    """Put the triggers out of the way, until the transaction is rolled back."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'"
    for name in connection.scalars(text(names)).all():
        connection.execute(text(f"DROP TRIGGER {name}"))


def rows(connection: Connection) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in connection.execute(EVENT.select().order_by(EVENT.c.position))]


def _set(connection: Connection, event: int, **values: Any) -> None:
    connection.execute(EVENT.update().where(EVENT.c.id == event).values(**values))


def _edit(field: str) -> Alteration:
    def alter(connection: Connection, chance: random.Random) -> str:
        row = chance.choice(rows(connection))
        _set(connection, row["id"], **{field: EDITS[field](row[field])})
        return f"{field} of {row['id']}"

    return alter


def _forge(connection: Connection, chance: random.Random) -> str:
    """Another content with a MAC of one's own, and all that follow linked to it, with a key that was guessed."""
    every = rows(connection)
    start = chance.randrange(len(every))
    chain = Chain("a guess", start, every[start - 1]["mac"] if start else GENESIS)
    every[start]["actor"] = "staff:99"
    for row in every[start:]:
        linked = chain.link({name: row[name] for name in SEALED})
        _set(connection, row["id"], actor=row["actor"], mac=linked["mac"])
    connection.execute(HEAD.update().values(mac=chain.mac))
    return f"forged from {every[start]['id']}"


def _random_mac(connection: Connection, chance: random.Random) -> str:
    row = chance.choice(rows(connection))
    _set(connection, row["id"], mac=chance.randbytes(32))
    return f"MAC of {row['id']}"


def _unseal(connection: Connection, chance: random.Random) -> str:
    row = chance.choice(rows(connection))
    _set(connection, row["id"], mac=None, position=None, actor="patient")
    return f"unsealed {row['id']}"


def _delete(connection: Connection, chance: random.Random) -> str:
    row = chance.choice(rows(connection)[:-1])
    connection.execute(EVENT.delete().where(EVENT.c.id == row["id"]))
    return f"deleted {row['id']}"


def _delete_and_close_up(connection: Connection, chance: random.Random) -> str:
    """Deleted, with the places after it numbered anew and the end of the chain put right."""
    every = rows(connection)
    gone = chance.randrange(len(every) - 1)
    connection.execute(EVENT.delete().where(EVENT.c.id == every[gone]["id"]))
    for row in every[gone + 1 :]:
        _set(connection, row["id"], position=row["position"] - 1)
    connection.execute(HEAD.update().values(position=len(every) - 1))
    return f"closed up over {every[gone]['id']}"


def _swap(*names: str) -> Alteration:
    def alter(connection: Connection, chance: random.Random) -> str:
        one, other = chance.sample(rows(connection), 2)
        _set(connection, one["id"], position=-1)
        _set(connection, other["id"], **{name: one[name] for name in names})
        _set(connection, one["id"], **{"position": one["position"], **{name: other[name] for name in names}})
        return f"swapped {names} of {one['id']} and {other['id']}"

    return alter


def _insert(connection: Connection, chance: random.Random) -> str:
    """At the end, with the end of the chain put right."""
    every = rows(connection)
    made = {**chance.choice(every), "id": every[-1]["id"] + 1, "position": len(every) + 1, "mac": chance.randbytes(32)}
    connection.execute(EVENT.insert().values(made))
    connection.execute(HEAD.update().values(position=made["position"], event_id=made["id"], mac=made["mac"]))
    return "put in at the end"


def _insert_not_sealed(connection: Connection, chance: random.Random) -> str:
    made = {**chance.choice(rows(connection)), "id": 10_000_000, "position": None, "mac": None}
    connection.execute(EVENT.insert().values(made))
    return "put in without a MAC"


def _insert_between(connection: Connection, chance: random.Random) -> str:
    every = rows(connection)
    place = chance.randrange(1, len(every))
    for row in reversed(every[place:]):
        _set(connection, row["id"], position=row["position"] + 1)
    made = {**chance.choice(every), "id": every[-1]["id"] + 1, "position": place + 1}
    connection.execute(EVENT.insert().values(made))
    connection.execute(HEAD.update().values(position=len(every) + 1))
    return f"put in at {place + 1}"


def _cut_off(connection: Connection, chance: random.Random) -> str:
    """The last events are gone, and the end of the chain is noted just as it was before they were written."""
    every = rows(connection)
    kept = every[: chance.randrange(len(every))]
    connection.execute(EVENT.delete().where(EVENT.c.position > len(kept)))
    last = kept[-1] if kept else {"id": 0, "mac": GENESIS}
    connection.execute(HEAD.update().values(position=len(kept), event_id=last["id"], mac=last["mac"]))
    return f"cut off after {len(kept)}"


def _cut_off_plainly(connection: Connection, chance: random.Random) -> str:
    every = rows(connection)
    kept = chance.randrange(len(every))
    connection.execute(EVENT.delete().where(EVENT.c.position > kept))
    return f"cut off after {kept}, the end left"


def _head(connection: Connection, chance: random.Random) -> str:
    name = chance.choice(["position", "event_id", "mac"])
    connection.execute(HEAD.update().values({name: chance.randbytes(32) if name == "mac" else chance.randrange(5)}))
    return f"{name} of the end"


ALTERATIONS: tuple[Alteration, ...] = (
    *(_edit(field) for field in EDITS),
    _forge,
    _random_mac,
    _unseal,
    _delete,
    _delete_and_close_up,
    _swap("position"),
    _swap("actor", "action", "subject_kind", "subject_id", "detail", "at", "mac"),
    _swap("mac"),
    _swap("position", "mac"),
    _insert,
    _insert_not_sealed,
    _insert_between,
    _cut_off,
    _cut_off_plainly,
    _head,
)


def altered(connection: Connection, count: int, seed: int = 0) -> Iterator[str]:
    """So many alterations, one at a time, each kind in turn: what was altered while it stands, then it is undone."""
    chance = random.Random(seed)  # noqa: S311
    for number in range(count):
        with connection.begin():
            unlock(connection)
            done = ALTERATIONS[number % len(ALTERATIONS)](connection, chance)
            yield done
            connection.rollback()
