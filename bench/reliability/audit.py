"""Alters the audit events 1,000 times, one alteration at a time, and fails unless every one is named.

Run `python -m bench.reliability.audit [alterations]`. On SQLite and on PostgreSQL, each with a demo clinic. Measures
too how many events a second are verified, and how many audited writes a second one process commits in four threads.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection

from screening import create_app, demo
from screening.actions.audit_chain import HEAD, audit_key
from screening.actions.unit import SYSTEM, Database, unit_of_work
from screening.anchor import Anchored
from screening.models import db
from screening.queries.audit_chain import Verified, verify
from tests.databases import PostgresServer, migrate, settings_for
from tests.factories import EMERGENCY, submit_case
from tests.tampering import ALTERATIONS, altered

COUNT = 1_000
GROWN = 20_000
"""Cases that the demo clinic grows by before the reading is timed: two or three events each."""
THREADS, WRITES = 4, 100


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    # The server runs as a user of its own.
    folder.chmod(0o711)
    (folder / "pg").mkdir()
    server = PostgresServer(folder / "pg")
    try:
        server.run("CREATE DATABASE audit")
        yield {"sqlite": f"sqlite:///{folder / 'screening.sqlite3'}", "postgresql": server.url("audit")}
    finally:
        server.stop("fast")


def faults(connection: Connection, anchors: list[Anchored]) -> int:
    return sum(1 for _ in verify(connection, audit_key(), anchors, Verified()))


def alter(count: int) -> list[str]:
    """The alterations that nothing was said of."""
    with db.engine.connect() as connection:
        head = connection.execute(HEAD.select()).one()
        anchors = [Anchored("now", head.event_id, head.position, head.mac.hex())]
        if faults(connection, anchors):
            sys.exit("there are faults before anything is altered")
        connection.rollback()
        return [done for done in altered(connection, count) if not faults(connection, anchors)]


def write(app: Flask) -> float:
    """Audited transactions a second."""

    def work(number: int) -> None:
        with app.app_context():
            for step in range(WRITES):
                with unit_of_work(SYSTEM) as unit:
                    unit.audit("bench.written", Database(), number=number, step=step)
            db.session.remove()

    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(work, range(THREADS)))
    return THREADS * WRITES / (time.perf_counter() - began)


def read() -> tuple[int, float]:
    """How many events there are, and how many of them are verified a second."""
    demo.grow(GROWN, lambda _done: None)
    found, began = Verified(), time.perf_counter()
    with db.engine.connect() as connection:
        if list(verify(connection, audit_key(), [], found)):
            sys.exit("the chain of a grown demo has faults")
    return found.sealed, found.sealed / (time.perf_counter() - began)


def run(url: str, folder: Path, count: int) -> list[str]:
    migrate(url, folder)
    app = create_app(settings_for(url, folder))
    with app.app_context():
        for changes in ({}, EMERGENCY):
            submit_case(**changes)
        unseen = alter(count)
        print(f"  {count:,} alterations of {len(ALTERATIONS)} kinds, unseen: {len(unseen)}")
        print(f"  audited writes, {THREADS} threads: {write(app):,.0f} a second")
        db.session.remove()
        demo.seed()
        events, speed = read()
        print(f"  verified: {events:,} events, {speed:,.0f} a second")
        db.session.remove()
        db.engine.dispose()
    return unseen


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    unseen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, databases(Path(folder)) as kinds:
        for kind, url in kinds.items():
            print(kind)
            unseen.update(run(url, Path(folder), count))
    if unseen:
        sys.exit(f"not seen: {unseen.most_common(20)}")


if __name__ == "__main__":
    main()
