"""What a person's words become on paper."""

from __future__ import annotations

import pytest

from screening.printable import MAX_LENGTH, printable, shortened


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("plain", "plain"),
        ("two\r\nlines\x00\x07", "two\nlines"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("\u202eabc\u202c \u2066d\u2069\u200f", "abc d"),
        ("so\u00adft\u2060\ufeff", "soft"),
        ("e\u0301", "\u00e9"),
        ("a" + "\u0327" * 50, "a" + "\u0327" * 4),
        ("\ue000\U000fffff x", "\ufffd x"),
        ("👩\u200d⚕\ufe0f", "👩\u200d⚕\ufe0f"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("नमस्ते", "नमस्ते"),
    ],
)
def test_what_hides_or_reorders_words_is_taken_out(typed: str, printed: str) -> None:
    assert printable(typed) == printed


@pytest.mark.parametrize("letter", ["x", "é", "字", "\n", "א\u0301"])
def test_no_text_is_endless(letter: str) -> None:
    printed = printable(letter * 100_000)
    assert len(printed) <= MAX_LENGTH + 4


def test_a_cut_text_says_so() -> None:
    assert printable("x" * (MAX_LENGTH + 1)).endswith("x […]")
    assert printable("x" * MAX_LENGTH) == "x" * MAX_LENGTH


def test_a_text_is_never_cut_within_a_letter() -> None:
    assert shortened("abe\u0327d", 3) == "ab"
    assert shortened("ab👩\u200d⚕", 4) == "ab"
    assert shortened("abc", 5) == "abc"
