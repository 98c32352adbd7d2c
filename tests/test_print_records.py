"""Prints of random people, in both languages: all that was asked and answered stands there, once and in order.

PRINTS says of how many, as in `PRINTS=300 pytest tests/test_print_records.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import outloud
import pytest
from flask import Flask
from flask_babel import force_locale, gettext

from press import print_pages
from screening.pdf import prepare
from tests.pdf_pages import body_pages, flat
from tests.print_records import Printable, printable_of, read_out

PRINTS = int(os.environ.get("PRINTS", "12"))

NOTE_ENDS = "standbehindit."
"""How the note above the answers for staff ends."""

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def faults(printed: Printable, folder: Path) -> Iterator[str]:
    """What of the record cannot be read as it must be, in the words of the pages or of the tags."""
    made = print_pages(prepare(printed.summary, printed.variant).pages)
    yield from made.warnings
    language = printed.summary.language if printed.variant == "patient" else "en"
    with force_locale(language):
        heading = flat(gettext("All answers"))
    for where, words in (("pages", flat("".join(body_pages(made.pdf)))), ("tags", read_out(made.pdf, folder))):
        shown = words.split(heading, 1)[-1]
        shown = shown.split(NOTE_ENDS, 1)[-1] if printed.variant == "staff" else shown
        if not shown.startswith(printed.answers):
            yield f"the {where} of the {printed.variant} print do not say the answers"
        end = printed.answers[-40:]
        if shown.count(end) != printed.answers.count(end):
            yield f"the {where} of the {printed.variant} print say the last answer more than once"


def test_every_print_says_all_that_was_answered_once_and_in_order(app: Flask, tmp_path: Path) -> None:
    found = {seed: list(faults(printable_of(seed), tmp_path)) for seed in range(PRINTS)}
    assert not {seed: words for seed, words in found.items() if words}
    assert len(found) == PRINTS > 0


def test_a_checker_of_accessibility_finds_no_error(app: Flask, tmp_path: Path) -> None:
    for seed in (0, 1):
        printed = printable_of(seed)
        path = tmp_path / f"{seed}.pdf"
        path.write_bytes(print_pages(prepare(printed.summary, printed.variant).pages).pdf)
        result = outloud.check(str(path))
        errors = [finding for finding in result.findings if finding.severity == "error"]
        assert not errors, errors
        assert result.criteria
