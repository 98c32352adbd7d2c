"""A clinic of any size: the demo's forty people over and over, each time with another name, birth date and moment.

Answers, record, assessment and findings are those of one of the forty, byte for byte, so their sizes and tiers are
real. Reference, moments, states, decisions and alerts are each case's own; identity and search tokens are a person's,
who comes three times on the average.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from typing import TypeVar

from sqlalchemy import select

from screening import clock
from screening.actions.audit_chain import keep_end
from screening.demo.bulk import bulk_load
from screening.demo.many_cases import TABLES, Batch, Maker
from screening.models import Case, User, db

Item = TypeVar("Item")
Moments = list[tuple[datetime, bool]]

YEARS = 5
BATCH = 2000
AHEAD = 3
"""Batches that are made while one is written."""
TODAYS = 60
"""How many came in today."""
UNDER_WAY = 600
"""How many of the newest are in any state; what is older is printed and, where flagged, decided on."""


def fill(cases: int, physician_email: str, done: Callable[[int], None]) -> None:
    """Add so many cases, and some open forms, to the demo clinic. `done` is told of each batch's number of cases."""
    ages = {row.id: row.answers["age_years"] for row in db.session.execute(select(Case.id, Case.answers))}
    physician = db.session.scalars(select(User.id).where(User.email == physician_email)).one()
    now = clock.now()
    with bulk_load(TABLES) as (connection, bulk):
        maker = Maker(connection, bulk.kept, ages, physician)
        for number, batch in _made_beside(maker, batched(moments(cases, now), BATCH), now):
            batch.write(bulk)
            done(number)
        keep_end(connection, batch.chain)


def _made_beside(maker: Maker, work: Iterable[Moments], now: datetime) -> Iterator[tuple[int, Batch]]:
    """Batches and their numbers of cases, in order, made by a process of its own while others are written."""
    with ProcessPoolExecutor(1, get_context("fork"), initializer=_keep, initargs=(maker,)) as process:
        under_way: deque[tuple[int, Future[Batch]]] = deque()
        for moments_of in work:
            under_way.append((len(moments_of), process.submit(_batch, moments_of)))
            if len(under_way) > AHEAD:
                number, batch = under_way.popleft()
                yield number, batch.result()
        under_way.append((0, process.submit(_open_forms, now)))
        for number, batch in under_way:
            yield number, batch.result()


_makers: list[Maker] = []
"""The one of the process that makes: it goes on from batch to batch."""


def _keep(maker: Maker) -> None:
    _makers[:] = [maker]


def _batch(moments_of: Moments) -> Batch:
    return _makers[0].batch(moments_of)


def _open_forms(now: datetime) -> Batch:
    return _makers[0].open_forms(now)


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


def moments(cases: int, now: datetime) -> Iterator[tuple[datetime, bool]]:
    """When each came in, oldest first, and whether it may still be under way."""
    today = min(TODAYS, cases)
    earlier = cases - today
    span = timedelta(days=365 * YEARS) / max(1, earlier)
    for number in range(earlier):
        yield now - timedelta(days=1) - span * (earlier - number), earlier - number <= UNDER_WAY
    for number in range(today):
        yield now - timedelta(minutes=1) * (today - number), True
