"""The processes that print: what they refuse to be held up by."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from press import Pages
from screening import rendering
from screening.rendering import NotPrinted, finished, once, submit

PLAIN = Pages('<html lang="en"><head><title>Plain</title></head><body><p>Some words.</p></body></html>', "A4")


@pytest.fixture
def own_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Processes of this test alone, which leave nothing behind."""
    monkeypatch.setattr(rendering, "_pools", {})
    yield
    scratch = Path(rendering._pools[os.getpid()][1])
    assert scratch.is_dir()
    rendering.stop()
    assert not scratch.exists()


def test_a_hostile_text_is_ended_and_the_next_print_is_made(own_pool: None) -> None:
    turns = "\u202eab\u202d" * 50_000
    hostile = Pages(PLAIN.html.replace("Some words.", turns), "A4")
    with pytest.raises(NotPrinted, match="too long"):
        finished(submit(hostile, seconds=3))
    with pikepdf.open(BytesIO(finished(submit(PLAIN)))) as opened:
        assert opened.docinfo["/Title"] == "Plain"


def test_a_print_that_wants_too_much_memory_is_refused(own_pool: None) -> None:
    with pytest.raises(NotPrinted, match="its process ended"):
        finished(rendering.start().schedule(bytearray, args=(rendering.MEMORY_BYTES,)))  # type: ignore[arg-type]


def test_what_is_under_way_is_not_begun_again(own_pool: None) -> None:
    first = rendering.begin_once("key", PLAIN)
    assert rendering.begin_once("key", PLAIN) is first
    with pytest.raises(TimeoutError):
        once("key", PLAIN, wait=0.0)
    pdf = once("key", PLAIN)
    assert pdf.startswith(b"%PDF-1.7")
    assert rendering.begin_once("key", PLAIN) is not first
