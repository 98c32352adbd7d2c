"""Times every list, the search and the queue with 1,000 cases and with 1,000,000, on SQLite and on PostgreSQL.

Run `python -m bench.scale FOLDER [cases]`. FOLDER keeps the four databases, about 20 GB for each of the large ones,
and is used again by the next run. Without one, a smaller clinic of 20,000 cases is made and forgotten. A request is
timed from the address to the last byte of its page; the two sizes take turns, so that a busy machine slows both.
Fails if any page takes more than twice as long with many cases as with few, or if filling a database took ten
minutes or more.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask

from screening import create_app
from screening.demo import PASSWORD
from tests.conftest import Browser, enter
from tests.databases import PostgresServer, migrate, settings_for

FEW, MANY, QUICK = 1_000, 1_000_000, 20_000
RATIO_MAX = 2.0
FILL_SECONDS_MAX = 600
ROUNDS = 30
DESK, PHYSICIAN = "desk@demo.example", "physician@demo.example"

PAGES = {
    **{
        f"front desk: {tab.replace('_', ' ')}": (DESK, f"/staff/cases?show={tab}")
        for tab in ("today", "waiting", "submitted", "to_print", "to_call", "printed", "reviewed")
    },
    "front desk: submitted, one tier": (DESK, "/staff/cases?show=submitted&tier=emergency"),
    "front desk: to print, one tier": (DESK, "/staff/cases?show=to_print&tier=consult"),
    "queue": (PHYSICIAN, "/staff/queue"),
    "reviewed": (PHYSICIAN, "/staff/queue/reviewed"),
    "alerts": (PHYSICIAN, "/staff/alerts"),
}
FILLS_A_PAGE = "search: common name"
SEARCHES = {
    FILLS_A_PAGE: "mar",
    "search: two names": "sara smith",
    "search: two beginnings": "mar gar",
    "search: no one": "zoe zzzz",
    "search: date of birth": "1980-03-12",
    "search: phone": "555-123-4567",
    "search: reference": "3333-3333",
}


class Clinic:
    """One database with its application, and a browser of each kind of staff."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._browsers = {email: self._signed_in(email) for email in (DESK, PHYSICIAN)}

    def _signed_in(self, email: str) -> Browser:
        browser = self._app.test_client()
        assert isinstance(browser, Browser)
        with self._app.app_context():
            enter(browser, email, PASSWORD)
        return browser

    def open(self, email: str, address: str) -> int:
        """The number of rows on a page."""
        answer = self._browsers[email].get(address)
        assert answer.status_code == 200, answer.status
        return answer.text.count('role="row"') - 1

    def search(self, typed: str) -> int:
        answer = self._browsers[DESK].post("/staff/cases/search/typed", data={"text": typed})
        assert answer.status_code == 200, answer.status
        return answer.text.count('role="row"') - 1


def clinic(url: str, instance: Path, cases: int) -> Clinic:
    """The application on a database of so many cases, which is filled first if it is new."""
    instance.mkdir(parents=True, exist_ok=True)
    filled = instance / "filled"
    app = create_app(replace(settings_for(url, instance), mode="demo"))
    app.test_client_class = Browser
    app.config["WTF_CSRF_ENABLED"] = True
    if not filled.exists():
        migrate(url, instance)
        start = time.monotonic()
        done = app.test_cli_runner().invoke(args=["seed-demo", "--cases", str(cases)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        filled.write_text(f"{time.monotonic() - start:.0f}")
    seconds = int(filled.read_text())
    print(f"{instance.name}: {cases:,} cases filled in {seconds} s")
    if seconds >= FILL_SECONDS_MAX:
        sys.exit(f"too slow: {cases:,} cases must be filled in less than {FILL_SECONDS_MAX} s")
    app.config["WTF_CSRF_ENABLED"] = False
    return Clinic(app)


def compare(few: Clinic, many: Clinic) -> float:
    """Time each page of both in turn. Returns the worst ratio of the medians.

    A search that finds more among many cases is held against one that fills a page among few: rows take time to draw.
    """
    worst = 0.0
    works: dict[str, Callable[[Clinic], int]] = {
        **{name: lambda at, page=page: at.open(*page) for name, page in PAGES.items()},
        **{name: lambda at, typed=typed: at.search(typed) for name, typed in SEARCHES.items()},
    }
    print(f"{'':34}{'rows':>11}{'few ms':>9}{'many ms':>9}{'ratio':>7}")
    for name, work in works.items():
        beside = work
        if name in SEARCHES and work(many) > work(few):
            beside = works[FILLS_A_PAGE]
        small, large = _in_turn((beside, few), (work, many))
        worst = max(worst, large / small)
        rows = f"{beside(few):>5}/{work(many):<5}"
        print(f"{name:34}{rows}{small:>9.1f}{large:>9.1f}{large / small:>7.2f}")
    return worst


def _in_turn(*works: tuple[Callable[[Clinic], int], Clinic]) -> list[float]:
    """The median time of each, in milliseconds."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for taken, (work, at) in zip(times, works, strict=True):
            start = time.perf_counter()
            work(at)
            taken.append((time.perf_counter() - start) * 1000)
    return [statistics.median(taken) for taken in times]


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, Callable[[str], str]]]:
    """For each kind of database, what gives the address of one by its name."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pg").mkdir(exist_ok=True)
    server = PostgresServer(folder / "pg")

    def on_postgres(name: str) -> str:
        if not (folder / name / "filled").exists():
            server.run(f"DROP DATABASE IF EXISTS {name}")
            server.run(f"CREATE DATABASE {name}")
        return server.url(name)

    try:
        yield {"sqlite": lambda name: f"sqlite:///{folder / name / 'screening.sqlite3'}", "postgresql": on_postgres}
    finally:
        server.stop("fast")


def main() -> None:
    if len(sys.argv) < 2:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            run(Path(folder), QUICK)
    else:
        run(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else MANY)


def run(folder: Path, most: int) -> None:
    worst = 0.0
    with databases(folder) as kinds:
        for kind, address in kinds.items():
            names = {cases: f"{kind}_{cases}" for cases in (FEW, most)}
            clinics = [clinic(address(name), folder / name, cases) for cases, name in names.items()]
            worst = max(worst, compare(*clinics))
    print(f"worst ratio {worst:.2f}")
    if worst > RATIO_MAX:
        sys.exit(f"too slow: {most:,} cases may take {RATIO_MAX} times as long as {FEW:,}")


if __name__ == "__main__":
    main()
