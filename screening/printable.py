"""Makes a person's words fit for paper: nothing that hides, reorders or piles over other text, and no endless text."""

from __future__ import annotations

import re
import unicodedata

from screening.text import clean_text

MAX_LENGTH = 2000
"""Above every field's own limit. Layout time grows with the square of some texts' length."""

MAX_MARKS = 4
"""Combining marks on one letter. No language needs more; a pile of them would print over the rows above."""

CUT = " […]"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_INVISIBLE = re.compile("[\u00ad\u180e\u2060-\u206f\U000e0001\U000e0020-\U000e007f]")
_BLANK_LINES = re.compile(r"\n\s*\n\s*")


def printable(text: str, limit: int = MAX_LENGTH) -> str:
    """The text as it may be printed: composed, its line ends kept, at most `limit` characters and a mark if cut.

    What no font can have (private or unassigned characters) becomes a replacement character.
    """
    if text.isascii() and text.isprintable() and len(text) <= limit:
        return text
    cleaned = _INVISIBLE.sub("", clean_text(text[: 2 * limit]))
    drawn = "".join(REPLACEMENT if unicodedata.category(mark) in ("Co", "Cn") else mark for mark in cleaned)
    kept = _BLANK_LINES.sub("\n\n", _fewer_marks(drawn))
    return kept if len(kept) <= limit else shortened(kept, limit) + CUT


def shortened(text: str, limit: int) -> str:
    """The beginning of a text, at most `limit` characters, never ending within a letter with its marks."""
    end = limit
    while 0 < end < len(text) and _continues(text, end):
        end -= 1
    return text[:end].rstrip()


def _continues(text: str, at: int) -> bool:
    joined = "\N{ZERO WIDTH JOINER}" in text[at - 1 : at + 1]
    return joined or unicodedata.category(text[at]).startswith("M")


def _fewer_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for mark in text:
        marks = marks + 1 if unicodedata.category(mark) in ("Mn", "Me") else 0
        if marks <= MAX_MARKS:
            kept.append(mark)
    return "".join(kept)
