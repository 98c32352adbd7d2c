"""Makes a person's words fit for paper: nothing that hides, reorders or piles over other text, and no endless text."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 2000
"""Above every field's own limit. Layout time grows with the square of some texts' length."""

MAX_MARKS = 6
"""Combining marks on one letter. No language needs more; a pile of them would print over the rows above."""

CUT = " […]"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

INVISIBLE = frozenset(
    [0x00AD, 0x061C, 0x180E, 0x200E, 0x200F, 0xFEFF, 0xE0001]
    + [*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFFF9, 0xFFFC), *range(0xE0020, 0xE0080)]
)
"""Controls of direction above all: they can make a line read as what it does not say."""

LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
BLANK_LINES = re.compile(r"\n\s*\n\s*")


def printable(text: str, limit: int = MAX_LENGTH) -> str:
    """The text as it may be printed: composed, its line ends kept, at most `limit` characters and a mark if cut."""
    if text.isascii() and text.isprintable() and len(text) <= limit:
        return text
    lines = LINE_ENDS.sub("\n", text).replace("\t", " ")
    kept = "".join(_kept(unicodedata.normalize("NFC", _whole(lines))))
    kept = BLANK_LINES.sub("\n\n", kept).strip()
    return kept if len(kept) <= limit else shortened(kept, limit) + CUT


def shortened(text: str, limit: int) -> str:
    """The beginning of a text, never ending within a letter with its marks or a joined picture."""
    end = limit
    while 0 < end < len(text) and (unicodedata.category(text[end])[0] == "M" or "\N{ZERO WIDTH JOINER}" in
                                   text[end - 1 : end + 1]):  # fmt: skip
        end -= 1
    return text[:end].rstrip()


def _whole(text: str) -> str:
    return "".join(REPLACEMENT if unicodedata.category(mark) in ("Cs", "Co", "Cn") else mark for mark in text)


def _kept(text: str) -> list[str]:
    kept: list[str] = []
    marks = 0
    for mark in text:
        category = unicodedata.category(mark)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        hidden = ord(mark) in INVISIBLE or (category == "Cc" and mark != "\n")
        if not hidden and marks <= MAX_MARKS:
            kept.append(mark)
    return kept
