"""Times prints at the server: a summary that is ready, one that is not, and many as one file.

Run `python -m bench.prints [cases] [clicks]` on a quiet machine. The database is a file in a temporary folder; a click
is a signed-in POST through the whole application, without the network. Nothing is asserted: read the milliseconds.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path

from flask import Flask
from sqlalchemy import delete, func, select

from screening import create_app, rendering
from screening.access import Role
from screening.actions import accounts, printing
from screening.actions.unit import SYSTEM, Actor
from screening.models import Case, PrintPiece, StoredPdf, db
from screening.views import front_desk
from tests.databases import migrate, settings_for
from tests.factories import submit_case

CASES, CLICKS = 100, 500
TO_CLICK = 20
EMAIL = "desk@clinic.example"
PASSWORD = "correct horse battery staple"  # noqa: S105 - of an invented account


def database_in(folder: Path) -> str:
    return f"sqlite:///{folder}/screening.sqlite3"


@contextmanager
def clinic(cases: int) -> Iterator[tuple[Flask, Path]]:
    """An application with this many submitted cases and an account of the front desk."""
    with tempfile.TemporaryDirectory() as folder:
        url = database_in(Path(folder))
        migrate(url, Path(folder))
        app = create_app(settings_for(url, Path(folder)))
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            accounts.add_user(email=EMAIL, full_name="Sam Desk", password=PASSWORD, role=Role.FRONT_DESK, by=SYSTEM)
            for number in range(cases):
                submit_case(name=f"Person {number}")
        yield app, Path(folder)
        with app.app_context():
            db.engine.dispose()


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def clicks(app: Flask, number: int) -> None:
    with app.app_context():
        references = list(db.session.scalars(select(Case.reference).limit(TO_CLICK)))
    browser = app.test_client()
    assert browser.post("/staff/sign-in", data={"email": EMAIL, "password": PASSWORD}).status_code == 302

    def click(reference: str) -> None:
        assert browser.post(f"/staff/cases/{reference}/summary").mimetype == "application/pdf"

    unready = sorted(milliseconds(partial(click, reference)) for reference in references)
    again = islice(cycle(references), number)
    ready = statistics.quantiles((milliseconds(partial(click, reference)) for reference in again), n=100)
    print(f"click, not ready: median {statistics.median(unready):.0f} ms, worst {unready[-1]:.0f} ms")
    print(f"click, ready: p50 {ready[49]:.1f} ms, p99 {ready[98]:.1f} ms")
    spent = time.process_time()
    for reference in islice(cycle(references), number):
        click(reference)
    print(f"click, ready: {(time.process_time() - spent) * 1000 / number:.1f} ms of the processor")


def batch(folder: Path, case_ids: list[int], words: str) -> None:
    """As the worker makes them, in a process that did nothing else, whose memory is told. What prints has its own."""
    app = create_app(settings_for(database_in(folder), folder))
    rendering.start(processes=2)
    with app.app_context():
        desk = accounts.find(EMAIL)
        assert desk is not None
        by = Actor("staff", desk.id)
        warm_up(case_ids[:2], by, words)
        before, processor = peak(), time.process_time()
        job = printing.request(case_ids=case_ids, by=by, taken=True)
        taken = milliseconds(partial(printing.make, job_id=job.id, by=SYSTEM))
        processor = time.process_time() - processor
        made = select(func.sum(PrintPiece.size)).where(PrintPiece.job_id == job.id)
        size = db.session.scalars(made).one() / 1e6
        db.engine.dispose()
    rendering.stop()
    print(f"{len(case_ids)} {words} in one file: {taken / 1000:.1f} s, {processor:.1f} s of them this process's own")
    print(f"  {size:.1f} MB; memory {before:.0f} MB before, {peak():.0f} MB at most")


def warm_up(case_ids: list[int], by: Actor, words: str) -> None:
    """A worker that has printed before: its processes for prints have loaded, and statements are put together."""
    unprepare(case_ids)
    printing.make(job_id=printing.request(case_ids=case_ids, by=by, taken=True).id, by=SYSTEM)
    if words == "unprepared":
        unprepare(case_ids)


def unprepare(case_ids: list[int]) -> None:
    db.session.execute(delete(StoredPdf).where(StoredPdf.case_id.in_(case_ids)))
    db.session.commit()


def peak() -> float:
    """MB of this process at most so far. `getrusage` would count the process that started it."""
    [most] = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(most.split()[1]) / 1000


def apart(folder: Path, case_ids: list[int], words: str) -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        process.submit(batch, folder, case_ids, words).result()


def main() -> None:
    cases, number = (int(given) for given in (sys.argv[1:] + [str(CASES), str(CLICKS)][len(sys.argv) - 1 :])[:2])
    print(f"Load of the machine over the last minutes: {os.getloadavg()}, {os.cpu_count()} cores")
    front_desk.PATIENCE = 60.0
    rendering.start(processes=2)
    with clinic(cases) as (app, folder):
        clicks(app, number)
        with app.app_context():
            case_ids = list(db.session.scalars(select(Case.id).order_by(Case.id)))
            unprepare(case_ids)
        rendering.stop()
        apart(folder, case_ids, "unprepared")
        for count in (len(case_ids) // 5, len(case_ids)):
            apart(folder, case_ids[:count], "prepared")


if __name__ == "__main__":
    main()
