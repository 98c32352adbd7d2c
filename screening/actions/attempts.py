"""Tries to get in, limited by what they are aimed at and where they come from. The counters are rows: they hold for
every process, and through restarts.

A try is noted before it is looked at, so that many at once count as many. Only failures stay noted. What is turned
away without a look is not noted, so that no one can keep others behind the same address out by going on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import delete, func, select

from screening import clock
from screening.actions.unit import Actor, unit_of_work
from screening.crypto import cipher
from screening.models import Attempt, db
from screening.models.base import Model

ADDRESS = "address"
"""The part of a try that says where it came from."""
IPV6_NETWORK_BITS = 48
"""Households and hosting customers get up to this much: one person's guesses must not come from many addresses."""


class TooMany(Exception):
    """There were too many failures: this try was not looked at."""


class Refused(Exception):
    """The try failed."""


@dataclass(frozen=True)
class Limit:
    """At most `tries` failures `within` a time that agree in the parts `by`."""

    by: tuple[str, ...]
    tries: int
    within: timedelta
    beyond: Limit | None = None
    """Holds only once this other limit is reached."""


def take(*, purpose: str, parts: Mapping[str, str], limits: Sequence[Limit], by: Actor) -> list[int]:
    """Note one try, and give the ids of its rows. Raises TooMany, and then notes nothing.

    `parts` are what the try is made of by name, such as the code and the address: kept as keyed hashes alone.
    """
    keys = {limit.by: _key(purpose, limit.by, parts) for limit in _all(limits)}
    now = clock.now()
    # Who goes on in spite of it costs no write.
    if any(_failures(limit, purpose, keys, now) >= limit.tries for limit in limits):
        raise TooMany
    with unit_of_work(by) as unit:
        noted = [Attempt(scope=_scope(purpose, of), key_hash=key, at=unit.now) for of, key in keys.items()]
        db.session.add_all(noted)
        db.session.flush()
        rows = [attempt.id for attempt in noted]
    # Counted after the commit: each of many at once sees all that were noted before it.
    if any(_failures(limit, purpose, keys, now) > limit.tries for limit in limits):
        _forget(rows, by)
        raise TooMany
    return rows


@contextmanager
def one_try(
    *, purpose: str, parts: Mapping[str, str], limits: Sequence[Limit], by: Actor, about: Model | None = None
) -> Iterator[datetime]:
    """Look at one try in the block, at the moment that is given, and raise Refused there if it failed.

    Raises TooMany before the block. `parts` are as for take().
    A failure is noted as one `about` a row, if there is one.
    """
    rows = take(purpose=purpose, parts=parts, limits=limits, by=by)
    try:
        yield clock.now()
    except Refused:
        with unit_of_work(by) as unit:
            unit.audit("attempt.refused", about or Attempt(id=rows[0]), purpose=purpose)
        raise
    except BaseException:
        _forget(rows, by)
        raise
    _forget(rows, by)


def purge_attempts(*, before: datetime, by: Actor) -> None:
    """Forget the tries before a moment that no limit counts any more."""
    with unit_of_work(by):
        db.session.execute(delete(Attempt).where(Attempt.at < before))


def forget_aimed_at(*, purpose: str, by: tuple[str, ...], parts: Mapping[str, str]) -> None:
    """Forget the failures that agree in the parts `by`. Call it in a unit of work."""
    noted = Attempt.scope == _scope(purpose, by), Attempt.key_hash == _key(purpose, by, parts)
    db.session.execute(delete(Attempt).where(*noted))


def network(address: str | None) -> str:
    """Where a request comes from, as it is counted: an IPv4 address, or the network of an IPv6 one."""
    try:
        where = ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(where, IPv6Address):
        where = where.ipv4_mapped or where
    if isinstance(where, IPv6Address):
        return f"{int(where) >> (128 - IPV6_NETWORK_BITS):x}"
    return str(where)


def _all(limits: Sequence[Limit]) -> list[Limit]:
    return [*limits, *(limit.beyond for limit in limits if limit.beyond)]


def _key(purpose: str, by: tuple[str, ...], parts: Mapping[str, str]) -> bytes:
    return cipher().token(f"attempt:{purpose}:{'+'.join(by)}", "\x00".join(parts[part] for part in by))


def _scope(purpose: str, by: tuple[str, ...]) -> str:
    return f"{purpose}:{'+'.join(by)}"


def _failures(limit: Limit, purpose: str, keys: Mapping[tuple[str, ...], bytes], now: datetime) -> int:
    """How many failures stand noted that this limit counts: none while it does not hold."""
    beyond = limit.beyond
    if beyond is not None and _failures(beyond, purpose, keys, now) < beyond.tries:
        return 0
    counted = select(func.count()).where(
        Attempt.scope == _scope(purpose, limit.by),
        Attempt.key_hash == keys[limit.by],
        Attempt.at > now - limit.within,
    )
    return db.session.scalar(counted) or 0


def _forget(marks: Sequence[int], by: Actor) -> None:
    with unit_of_work(by):
        db.session.execute(delete(Attempt).where(Attempt.id.in_(marks)))
