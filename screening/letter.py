"""A letter to a referrer as it is printed: for a window envelope, in the paper of the clinic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

from screening.pdf import QR_ADDRESS, QR_IMAGE, Prepared, laid_out
from screening.summary import Summary

TEMPLATE = "pdf/letter.html"
LANGUAGE = "en"
BULLET = "- "
_BLANK = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class Window:
    """Where an address stands so that the window of an envelope shows it, and nothing else.

    In millimetres from the top of the sheet, but for `address_line`, the height of a line.
    """

    return_line: bool
    """Whether the sender's address stands above the recipient's: US envelopes have it printed beside the window."""
    address_top: float
    address_line: float
    folds: tuple[float, float]


WINDOWS = {
    # DIN 5008 form B: the field begins 45 mm from the top and 20 mm from the left, 85 mm wide; 17.7 mm of it for the
    # sender, then 27.3 mm for six lines; folds at 105 and 210 mm. An envelope DL (220 by 110 mm) has its window of
    # 90 by 45 mm 20 mm from the left and 15 mm from the bottom (DIN 680): the sheet in it shifts by 10 and 5 mm, and
    # what is always seen lies 50 to 90 mm from the top and 20 to 100 mm from the left.
    "A4": Window(True, 62.7, 4.3, (105, 210)),
    # US #10 (9.5 by 4.125 in): a window of 4.5 by 1.125 in, 0.875 in from the left and 0.5 in from the bottom. Folded
    # at 4 and 7.5 in, the upper part is 4 in high and shifts by 0.125 in alone: what is always seen lies 2.5 to 3.5 in
    # (63.5 to 88.9 mm) from the top and 0.875 to 4.375 in (22.2 to 111.1 mm) from the left: six lines again.
    "Letter": Window(False, 64.0, 4.05, (101.6, 190.5)),
}
"""By the clinic's paper."""

ADDRESS_LINES_MAX = 6
"""The recipient's name among them."""
ADDRESS_LINE_LENGTH_MAX = 38
SENDER_NAME_LENGTH = 60
SENDER_LINE_LENGTH = 52
"""Characters of the small print above the address."""


@dataclass(frozen=True)
class Letter:
    """What a letter says, as it was signed."""

    recipient: tuple[str, ...]
    """The referrer's name and address, a line each."""
    text: str
    patient_name: str
    patient_born: str
    """ISO date, or empty."""
    date: str
    """The day on which it was signed, in words."""
    signed_name: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Letter:
        return cls(**{**stored, "recipient": tuple(stored["recipient"])})


@dataclass(frozen=True)
class Block:
    """A paragraph of lines, or a list of them."""

    lines: tuple[str, ...]
    is_list: bool


def prepare_letter(letter: Letter, summary: Summary, signed: str) -> Prepared:
    """The pages of a letter about the case of a summary. `signed` is its moment as YYYY-MM-DDTHH:MM:SSZ."""
    window = WINDOWS[summary.clinic.paper]
    sender = f"{summary.clinic.name[:SENDER_NAME_LENGTH]}, {summary.clinic.address}"
    return_line = sender if window.return_line and summary.clinic.address else ""
    values = {
        "letter": letter,
        "blocks": blocks(letter.text),
        "summary": summary,
        "variant": "letter",
        "window": window,
        "return_line": return_line,
        "return_lines": -(-len(return_line) // SENDER_LINE_LENGTH),
        "signed": signed,
        "qr_code": QR_IMAGE,
        "qr_address": QR_ADDRESS,
    }
    return replace(laid_out(TEMPLATE, LANGUAGE, summary.clinic.paper, values), link=summary.link)


def blocks(text: str) -> list[Block]:
    """A letter's text as paragraphs and lists: a blank line begins a new one, and so do lines with a dash."""
    made = []
    for part in _BLANK.split(text.replace("\r\n", "\n").strip()):
        for is_list, lines in groupby(part.split("\n"), key=lambda line: line.startswith(BULLET)):
            made.append(Block(tuple(line.removeprefix(BULLET).strip() for line in lines), is_list))
    return made
