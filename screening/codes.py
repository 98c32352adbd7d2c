"""The code with which a person comes back to a form: 9 marks, the last of which checks the others. Pure.

No two marks look or sound alike, and there are no vowels to make words of. An even number of marks is what lets the
check find every single slip.
"""

from __future__ import annotations

import unicodedata

from stdnum import luhn

ALPHABET = "34679CDFGHJKMPQRTWXY"
LENGTH = 9
GROUP = 3
POSSIBLE = len(ALPHABET) ** (LENGTH - 1)
"""How many codes there are."""


class Slip(ValueError):
    """What was typed cannot be a code: a mark is missing, foreign or wrong."""


def code_of(number: int) -> str:
    """The code of a number, such as one made from a keyed hash: the same for the same number."""
    marks = []
    for _position in range(LENGTH - 1):
        number, mark = divmod(number, len(ALPHABET))
        marks.append(ALPHABET[mark])
    payload = "".join(marks)
    return payload + luhn.calc_check_digit(payload, ALPHABET)


def spoken(code: str) -> str:
    """The code as it is shown: three groups of three, unlike the two groups of four of a case's reference."""
    return " ".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def read_code(typed: str) -> str:
    """The code in what somebody typed, in either case, with spaces or dashes anywhere. Raises Slip."""
    marks = "".join(mark for mark in unicodedata.normalize("NFKC", typed).upper() if mark.isalnum())
    if len(marks) != LENGTH or not set(marks) <= set(ALPHABET) or not luhn.is_valid(marks, ALPHABET):
        raise Slip
    return marks
