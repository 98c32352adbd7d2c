"""What people type, made fit to store, show and print: no control characters, nothing that turns the writing around."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\v\f]")
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_LAST_TWO_OF_EACH_PLANE = "".join(f"{chr(end)}{chr(end + 1)}" for end in range(0x1FFFE, 0x110000, 0x10000))
_NEVER_CHARACTERS = "\ufdd0-\ufdef\ufeff\ufff9-\uffff" + _LAST_TWO_OF_EACH_PLANE
_REMOVED = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{_BIDI}{_NEVER_CHARACTERS}]")

# Longer numbers are out of every range, and are not worth reading.
_NUMBER = re.compile(r"\d{1,6}(\.\d{0,4})?|\.\d{1,4}")


def clean_text(text: str) -> str:
    """Text of one or more lines, without what cannot be stored or printed, and without blank ends."""
    lines = _LINE_ENDS.sub("\n", text).expandtabs(1)
    return unicodedata.normalize("NFC", _REMOVED.sub("", lines)).strip()


def clean_line(text: str) -> str:
    """The same on a single line, with single spaces."""
    return " ".join(clean_text(text).split())


def read_number(text: str) -> int | float | None:
    """The number in a text of digits and at most one point, in any script; None if there is none to read.

    A comma is not read: it divides thousands for some people and decimals for others.
    """
    plain = "".join(str(unicodedata.decimal(sign, sign)) for sign in unicodedata.normalize("NFKC", text).strip())
    if not _NUMBER.fullmatch(plain):
        return None
    number = Decimal(plain)
    return int(number) if number == number.to_integral_value() else float(number)
