"""Puts pages on paper: HTML in, a tagged PDF out. It knows neither the application nor its database, so that a
process that only prints starts in a second and holds nothing of value but what it prints.

What is to be printed stands here; how, in printing.py, which only a process that prints loads.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

__all__ = ["Pages", "Printed", "print_pages", "stylesheet"]

STYLES = Path(__file__).resolve().parent.parent / "templates" / "pdf" / "print.css"
ELEMENTS = Path(__file__).resolve().parent / "elements.css"
PDF_VARIANT = "pdf/a-3u"


@dataclass(frozen=True)
class Pages:
    """What is to be printed: a page of HTML, "A4" or "Letter", and a JSON text to ride along, empty for none.

    `created` is the file's own moment as YYYY-MM-DDTHH:MM:SSZ, needed with a record alone.
    """

    html: str
    paper: str
    record: str = ""
    created: str = ""

    @property
    def content_hash(self) -> str:
        """SHA-256 over everything that decides what the pages show, as hex."""
        parts = (self.html, self.paper, self.record, self.created, _setting())
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Printed:
    pdf: bytes
    warnings: tuple[str, ...]
    """What the press had to say, such as the code of a letter that no font has; never words of the pages."""


def print_pages(pages: Pages) -> Printed:
    """The pages as a PDF. The same pages give the same bytes."""
    # The renderer takes most of a second to load.
    from press.printing import put_on_paper

    return put_on_paper(pages)


def stylesheet() -> str:
    """The print styles, but for the size of the paper."""
    return STYLES.read_text(encoding="utf-8")


@cache
def _setting() -> str:
    """All that decides how pages look beside their content."""
    return "\x00".join((stylesheet(), ELEMENTS.read_text(encoding="utf-8"), version("weasyprint"), PDF_VARIANT))
