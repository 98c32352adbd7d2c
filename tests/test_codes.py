"""Codes to come back with: every slip is found, and however one is typed, it is read."""

from __future__ import annotations

import random

import pytest

from screening.codes import ALPHABET, LENGTH, POSSIBLE, Slip, code_of, read_code, spoken

CHANCE = random.Random(9)  # noqa: S311 - the same codes in every process
CODES = [code_of(number) for number in (0, 1, POSSIBLE - 1, *(CHANCE.randrange(POSSIBLE) for _ in range(20)))]


def refused(typed: str) -> bool:
    try:
        read_code(typed)
    except Slip:
        return True
    return False


@pytest.mark.parametrize("code", CODES)
def test_every_wrong_mark_is_found(code: str) -> None:
    for place in range(LENGTH):
        for mark in set(ALPHABET) - {code[place]}:
            assert refused(code[:place] + mark + code[place + 1 :]), (code, place, mark)


@pytest.mark.parametrize("code", CODES)
def test_neighbours_that_change_places_are_found_but_for_one_pair(code: str) -> None:
    blind = {ALPHABET[0], ALPHABET[-1]}
    for place in range(LENGTH - 1):
        one, other = code[place], code[place + 1]
        if one != other and {one, other} != blind:
            assert refused(code[:place] + other + one + code[place + 2 :])


def test_a_code_is_read_however_it_is_typed() -> None:
    code = CODES[-1]
    shown = spoken(code)
    assert [len(group) for group in shown.split()] == [3, 3, 3]
    for typed in (shown, shown.lower(), code, shown.replace(" ", "-"), f"  {' '.join(code)}. ", f"\u201c{code}\u201d"):
        assert read_code(typed) == code


@pytest.mark.parametrize("typed", ["", " ", "7KX", "0O1 IL5 S8B", "7KX M3T RWC 7", "\x00", "😀" * 9, "٣" * 9])
def test_what_cannot_be_a_code_is_a_slip(typed: str) -> None:
    assert refused(typed)


def test_no_mark_looks_or_sounds_like_another() -> None:
    assert not set("0O1IL5S8BUV2ZAEN") & set(ALPHABET)
    assert len(ALPHABET) % 2 == 0
