"""Times the printed summary side by side with other ways to make it.

Run `make bench-pdf`, or `python -m bench.pdf [rounds]`. All take turns in warm, living processes; the medians of each
are compared. Processor time is what a busy machine blurs least; Chromium's is spent elsewhere, so it has the clock's
time alone. Nothing is asserted: read the ratios.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from io import BytesIO

import pikepdf

import press
from bench import engines
from screening.pdf import Prepared, prepare
from screening.summary import Summary
from tests.summary_cases import LONGEST_PATH, made_summary

ROUNDS = 10
CASES = {"base person": {}, "longest path": LONGEST_PATH}


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


def compare(name: str, made: dict[str, Callable[[], bytes]], rounds: int) -> None:
    results = {way: work() for way, work in made.items()}
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in made}
    for _ in range(rounds):
        for way, work in made.items():
            times[way].append(timed(work))
    naive = times["WeasyPrint, naive"]
    print(f"\n{name:36} {'pages':>5} {'kB':>5} {'processor ms':>13} {'clock ms':>9} {'naive is … times as long':>25}")
    for way, pdf in results.items():
        processor, clock = (statistics.median(column) for column in zip(*times[way], strict=True))
        at = 1 if way == "Chromium" else 0
        ratio = statistics.median(first[at] / mine[at] for first, mine in zip(naive, times[way], strict=True))
        shown = "–" if way == "Chromium" else f"{processor:.0f}"
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
            compare(name, ways(summary, prepare(summary, "staff"), chromium), rounds)
    summary = made_summary(LONGEST_PATH)
    found = statistics.median(timed(lambda: prepare(summary, "staff").content_hash)[0] for _ in range(rounds))
    print(f"\nThe hash by which a stored summary is found takes {found:.1f} ms of the processor.")


if __name__ == "__main__":
    main()
