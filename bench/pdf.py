"""Times the printed summary side by side with other ways to make it.

Run `make bench-pdf`, or `python -m bench.pdf [rounds]`. All take turns in warm, living processes, one for each; the
medians of each are compared. Processor time is what a busy machine blurs least; Chromium's is spent elsewhere, so it
has the clock's time alone. Nothing is asserted: read the ratios.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from io import BytesIO
from multiprocessing import get_context

import pikepdf

import press
from bench import engines
from screening.pdf import Prepared, prepare
from screening.summary import Summary
from tests.summary_cases import LONGEST_PATH, made_summary

ROUNDS = 10
CASES = {"base person": {}, "longest path": LONGEST_PATH}

Timed = tuple[float, float, bytes]
"""Milliseconds of the processor and by the clock, and what was made."""


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of this process's processor, and by the clock."""
    processor, clock = time.process_time(), time.perf_counter()
    work()
    return (time.process_time() - processor) * 1000, (time.perf_counter() - clock) * 1000


def ways(summary: Summary, prepared: Prepared, chromium: Callable[[str], bytes]) -> dict[str, Callable[[], bytes]]:
    html, pages = engines.naive_html(summary), prepared.pages
    return {
        "WeasyPrint, naive": lambda: engines.naive(html, pages.record),
        "WeasyPrint, our pages used plainly": lambda: plainly(prepared),
        "ours": lambda: press.print_pages(pages).pdf,
        "Chromium": lambda: chromium(html),
        "ReportLab": lambda: engines.reportlab(summary),
        "Typst": lambda: engines.by_typst(summary),
    }


def plainly(prepared: Prepared) -> bytes:
    """Our pages with styles parsed and fonts looked up each time."""
    page = f"@page {{ size: {prepared.paper} }}"
    html = prepared.pages.html.replace("</head>", f"<style>{press.stylesheet()} {page}</style></head>")
    return engines.naive(html, prepared.record)


class Living:
    """A process of its own that does one kind of work again and again. Leaving ends it."""

    def __init__(self, work: Callable[[], bytes]) -> None:
        self._process = ProcessPoolExecutor(1, get_context("fork"), initializer=_works.append, initargs=(work,))

    def __enter__(self) -> Callable[[], Timed]:
        return lambda: self._process.submit(_timed_work).result()

    def __exit__(self, *_raised: object) -> None:
        self._process.shutdown()


_works: list[Callable[[], bytes]] = []
"""The work of the process."""


def _timed_work() -> Timed:
    made: list[bytes] = []
    return *timed(lambda: made.append(_works[-1]())), made[0]


def compare(name: str, made: dict[str, Callable[[], bytes]], here: str, rounds: int) -> None:
    """`here` names what is done in this process: its own is elsewhere already."""
    with ExitStack() as processes:
        working = {way: processes.enter_context(Living(work)) for way, work in made.items() if way != here}
        _works[:] = [made[here]]
        working[here] = _timed_work
        results = {way: work()[2] for way, work in working.items()}
        times: dict[str, list[Timed]] = {way: [] for way in made}
        for _ in range(rounds):
            for way, work in working.items():
                times[way].append(work())
    naive = times["WeasyPrint, naive"]
    print(f"\n{name:36} {'pages':>5} {'kB':>5} {'processor ms':>13} {'clock ms':>9} {'naive is … times as long':>25}")
    for way in made:
        pdf = results[way]
        processor, clock = (statistics.median(each[column] for each in times[way]) for column in (0, 1))
        at = 1 if way == here else 0
        ratio = statistics.median(first[at] / mine[at] for first, mine in zip(naive, times[way], strict=True))
        shown = "–" if way == here else f"{processor:.0f}"
        print(f"{way:36} {pages_in(pdf):>5} {len(pdf) / 1000:>5.0f} {shown:>13} {clock:>9.0f} {ratio:>25.2f}")


def pages_in(pdf: bytes) -> int:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return len(opened.pages)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    print(f"Load of the machine over the last minutes: {os.getloadavg()}, {os.cpu_count()} cores, {rounds} rounds")
    with engines.Chromium() as chromium:
        for name, changes in CASES.items():
            summary = made_summary(changes)
            compare(name, ways(summary, prepare(summary, "staff"), chromium), "Chromium", rounds)
    summary = made_summary(LONGEST_PATH)
    found = statistics.median(timed(lambda: prepare(summary, "staff").content_hash)[0] for _ in range(rounds))
    print(f"\nThe hash by which a stored summary is found takes {found:.1f} ms of the processor.")


if __name__ == "__main__":
    main()
