"""Times the printed summary side by side with WeasyPrint used plainly, on the same pages.

Run `python -m bench.pdf [rounds]`. The two take turns, and processor time is counted, so that a busy machine slows
neither. Nothing is asserted: read the ratio.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from io import BytesIO

import pikepdf
import weasyprint

from screening import pdf
from screening.pdf import Prepared, prepare
from tests.summary_cases import LONGEST_PATH, made_summary

ROUNDS = 10


def plainly(prepared: Prepared) -> bytes:
    """Styles parsed and fonts looked up each time, as the library's first example has it."""
    styles = [pdf.stylesheet(), f"@page {{ size: {prepared.paper} }}"]
    made: bytes = weasyprint.HTML(string=prepared.html).write_pdf(
        stylesheets=[weasyprint.CSS(string=style) for style in styles], pdf_variant=pdf.PDF_VARIANT
    )
    return made


def milliseconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def compare(name: str, prepared: Prepared, rounds: int) -> None:
    ours = prepared.to_pdf()
    plainly(prepared)
    pairs = [(milliseconds(prepared.to_pdf), milliseconds(lambda: plainly(prepared))) for _ in range(rounds)]
    mine, naive = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(plain / kept for kept, plain in pairs)
    with pikepdf.open(BytesIO(ours)) as opened:
        pages = len(opened.pages)
    print(f"{name:14} {pages:>5} {len(ours) / 1000:>7.0f} {naive:>9.0f} {mine:>9.0f} {ratio:>7.2f}")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    print(f"{'summary':14} {'pages':>5} {'kB':>7} {'plain ms':>9} {'ours ms':>9} {'ratio':>7}")
    for name, changes in (("base person", {}), ("longest path", LONGEST_PATH)):
        compare(name, prepare(made_summary(changes), "staff"), rounds)
    summary = made_summary(LONGEST_PATH)
    html = statistics.median(milliseconds(lambda: prepare(summary, "staff").content_hash) for _ in range(rounds))
    print(f"A stored summary is found by its content in {html:.1f} ms, before the database is asked.")


if __name__ == "__main__":
    main()
