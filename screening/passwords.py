"""Which passwords staff may choose: long ones that nobody guesses. No rules of composition."""

from __future__ import annotations

import re
from collections.abc import Iterable

from zxcvbn import zxcvbn

LENGTH_MIN = 15
LENGTH_MAX = 200
SCORE_MIN = 3
"""Of 4: a hundred million guesses or more by a program that knows common passwords, words, names and keyboards."""
LOOKED_AT = 72
"""The estimate takes this many characters; more only add to them."""
WORD_LENGTH_MIN = 4
REST_MIN = 8
"""So much must be left of a password once the words of this clinic and this person are taken out of it."""

TOO_SHORT = f"The password must have {LENGTH_MIN} characters or more."
TOO_LONG = f"The password must have {LENGTH_MAX} characters or fewer."
COMMON = "This password is one of those that are tried first. Use a few words that do not belong together."
OWN_WORDS = "This password is mostly the name of the clinic, your name or your e-mail address. Use other words."


def fault_of(password: str, context: Iterable[str]) -> str | None:
    """Why a password is refused; None if it may be used. `context` is what others know: names, addresses."""
    words = {word for text in context for word in re.findall(r"\w+", text.casefold()) if len(word) >= WORD_LENGTH_MIN}
    if len(password) < LENGTH_MIN:
        return TOO_SHORT
    if len(password) > LENGTH_MAX:
        return TOO_LONG
    if _without(words, password.casefold()) < REST_MIN:
        return OWN_WORDS
    return COMMON if zxcvbn(password[:LOOKED_AT], sorted(words))["score"] < SCORE_MIN else None


def _without(words: Iterable[str], password: str) -> int:
    """How many letters and digits are left without the words."""
    for word in sorted(words, key=len, reverse=True):
        password = password.replace(word, " ")
    return sum(mark.isalnum() for mark in password)
