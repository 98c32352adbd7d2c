"""A database that hangs: every page is answered within a time, with the plain page, and all is well once it answers.

SQLite: another process holds the write lock. PostgreSQL: the server and all its processes are stopped in their tracks.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pysqlite3

from bench.reliability.browser import UNREACHED, Refused
from bench.reliability.harness import Clinic, children, measure, started
from bench.reliability.patients import Ledger, Patient
from screening.questions import PAGES
from tests.databases import PostgresServer
from tests.walk import page_data

ANSWER_SECONDS_MAX = 20.0
"""Six for a statement and two for a connection, some of them in line behind one another on two web workers."""
AT_ONCE = 6
HANGS_SECONDS = 12.0


@contextmanager
def hanging(app: Clinic, server: PostgresServer | None) -> Iterator[None]:
    if server is None:
        held = pysqlite3.connect(app.folder / "screening.sqlite3", isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        yield
        held.execute("ROLLBACK")
        held.close()
        return
    pids = [server.pid, *children(server.pid)]
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def hang(database: str, times: int) -> str:
    ledger = Ledger()
    waits: list[float] = []
    statuses: dict[str, int] = {}
    with started(database) as (app, server):
        patients = [Patient(app.port, ledger, seed=seed) for seed in range(AT_ONCE)]
        for patient in patients:
            while patient.walker.at != "contact":
                patient.step()
        for _ in range(times):
            with hanging(app, server):
                until = time.monotonic() + HANGS_SECONDS
                threads = [threading.Thread(target=_press, args=(p, until, waits, statuses)) for p in patients]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
            app.wait_for_pages()
        before = ledger.pages
        for patient in patients:
            patient.step()
        assert ledger.pages == before + AT_ONCE, f"not all could go on: {ledger.errors}"
        lost = ledger.losses(app.app)
    assert not lost, lost
    assert statuses.get("503", 0) >= times * AT_ONCE, statuses
    assert set(statuses) <= {"200", "303", "503"}, statuses
    line = f"{times} hangs, {len(waits)} presses answered {statuses}, the slowest after {max(waits):.1f} s; 0 lost"
    assert max(waits) <= ANSWER_SECONDS_MAX, line
    return line


def _press(patient: Patient, until: float, waits: list[float], statuses: dict[str, int]) -> None:
    """Send the page again and again; what was typed never counts as saved but by a redirect."""
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            reply = patient.walker.post(patient.walker.address, page_data(PAGES["contact"], patient.answers))
            status = reply.status
        except (*UNREACHED, Refused) as fault:
            status = type(fault).__name__
        waits.append(time.monotonic() - began)
        statuses[status] = statuses.get(status, 0) + 1


if __name__ == "__main__":
    measure(hang, 3, "how many hangs")
