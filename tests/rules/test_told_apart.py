"""Which answers the proofs may take for each other: only those that the text of every condition cannot tell apart."""

from __future__ import annotations

import pytest

from rules.proofs.domains import told_apart

NUMBERS = {"old": 65, "young": 18, "much": 50.0}


def same(text: str, kind: str, a: object, b: object) -> bool | None:
    """Whether the condition takes two values of `x` for each other; None if every value stands for itself."""
    key = told_apart([text], "x", kind, NUMBERS)
    return None if key is None else key(a) == key(b)


@pytest.mark.parametrize(
    ("text", "a", "b", "wanted"),
    [
        ('x == "a"', "b", "c", True),
        ('x == "a"', "a", "b", False),
        ('x != "a" && y == "b"', "b", "c", True),
        ('x in ["a", "b"]', "a", "b", False),
        ('x in ["a", "b"]', "c", "unanswered", True),
        ('x.startsWith("a")', "b", "c", None),
        ('x == y || x == "a"', "b", "c", None),
        ('xx == "a"', "a", "b", True),
    ],
)
def test_codes(text: str, a: str, b: str, wanted: bool | None) -> None:
    assert same(text, "one", a, b) is wanted


@pytest.mark.parametrize(
    ("text", "a", "b", "wanted"),
    [
        ('"a" in x', ("b",), ("c", "d"), True),
        ('"a" in x', ("a",), ("a", "c"), True),
        ('"a" in x', ("a",), ("c",), False),
        ('"a" in x', (), ("none",), False),
        ('"a" in x', ("b",), ("none",), False),
        ("size(x) == 0", (), ("b",), False),
        ("size(x) >= 2", ("b",), ("b", "c"), None),
        ('x != ["none"]', ("b",), ("b", "c"), True),
        ('x != ["a"]', ("a",), ("b",), None),
        ('x.exists(v, v in ["a", "b"])', ("c",), ("d",), True),
        ('x.exists(v, v in ["a", "b"])', ("a",), ("b",), False),
        ('x.exists(v, v != "a")', ("b",), ("c",), None),
        ('x.all(v, v in ["a"])', ("a",), ("b",), None),
    ],
)
def test_lists(text: str, a: tuple[str, ...], b: tuple[str, ...], wanted: bool | None) -> None:
    assert same(text, "any", a, b) is wanted


@pytest.mark.parametrize(
    ("text", "a", "b", "wanted"),
    [
        ("x >= old", 65, 66, False),
        ("x >= old", 66, 120, True),
        ("x >= old", 0, 64, True),
        ("x >= old", 64, 65, False),
        ("x < old && x > 30", 31, 64, True),
        ("x < old && x > 30", 30, 31, False),
        ("x >= much", 49, 50, False),
        ("x + 1 >= old", 1, 2, None),
        ("1 + x >= old", 1, 2, None),
        ("x >= old - 5", 1, 2, None),
        ("x >= y", 1, 2, None),
        ("old <= x", 1, 2, None),
        ("x % 2 == 0", 1, 2, None),
    ],
)
def test_numbers(text: str, a: int, b: int, wanted: bool | None) -> None:
    assert same(text, "integer", a, b) is wanted


def test_opioid_rows_always_stand_for_themselves() -> None:
    assert told_apart([], "x", "rows", NUMBERS) is None
