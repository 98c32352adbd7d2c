"""What is kept from one print to the next changes nothing on paper."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from urllib.parse import quote

import pytest
import weasyprint
from cssselect2 import ElementWrapper
from flask import Flask
from lxml.html import document_fromstring
from weasyprint.draw import text as draw_text
from weasyprint.text import fonts, line_break

from press import Pages, Printed, quicker
from press.printing import _press, put_on_paper
from press.quicker import boxes, drawings, lines, styles, writing
from screening.config import ROOT
from screening.pdf import prepare
from tests.print_records import printable_of
from tests.reference_prints import REFERENCES

RANDOM_PEOPLE = 4
ROUNDS = 3
"""Asked for, kept, and used."""
ODD = Path(__file__).parent / "data" / "odd_page.html"
"""Full of what our own pages have none of, and may have one day."""
PARTS = (lines, drawings, styles, boxes, writing)

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""No database is written to: one kind of it is enough."""


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    _press()
    for part in PARTS:
        for name, value in list(vars(part).items()):
            if isinstance(value, quicker.Kept):
                monkeypatch.setattr(part, name, quicker.Kept(value.most))


def page(words: str, paper: str = "A4") -> Pages:
    return Pages(f'<html lang="en"><head><title>Page</title></head><body><p>{words}</p></body></html>', paper)


def texts_kept() -> set[str]:
    return {str(key[0]) for kept in (lines._lines, lines._drawn) for key in kept}


def by_itself(pages: Pages) -> Printed:
    with quicker.set_aside():
        return put_on_paper(pages)


@once
def test_the_same_bytes_whether_or_not_anything_is_kept(app: Flask) -> None:
    people = [printable_of(seed) for seed in range(RANDOM_PEOPLE)]
    prints = {name: prepared().pages for name, prepared in REFERENCES.items()}
    prints |= {f"person {seed}": prepare(one.summary, one.variant).pages for seed, one in enumerate(people)}
    plain = {name: by_itself(pages) for name, pages in prints.items()}
    assert not texts_kept(), "the library kept something by itself"
    different = {
        (turn, name) for turn in range(ROUNDS) for name, pages in prints.items() if put_on_paper(pages) != plain[name]
    }
    assert not different
    assert len(texts_kept()) > 500
    assert all((lines._lines, lines._drawn, drawings._drawings, drawings._paths, styles._looks))
    assert any(drawing is not None for drawing in drawings._drawings.values())


@pytest.mark.parametrize("words", ["x\ufeff\u0378y", "Ana 😀", "سلام", "ไทย", "नमस्ते", "漢字", "a\u00a0b a b", "fi ffi"])
def test_words_of_any_writing_are_drawn_again_as_they_were(words: str) -> None:
    plain = by_itself(page(words))
    for _ in range(ROUNDS):
        put_on_paper(page("a b fi"))
        assert put_on_paper(page(words)) == plain


def test_a_letter_that_no_font_has_is_warned_of_each_time() -> None:
    for _ in range(ROUNDS):
        assert put_on_paper(page("before \u0378 after")).warnings == ("no font has U+0378",)


def test_a_drawing_that_fails_is_warned_of_each_time_and_drawn_as_far_as_before() -> None:
    parts = "<g><rect width='4' height='4'/></g><g transform='rotate(not a number)'/>"
    drawing = f"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>{parts}</svg>"
    address = "data:image/svg+xml," + quote(drawing)
    pages = page(f"<img src='{address}' alt='A drawing that fails'>")
    plain = by_itself(pages)
    assert plain.warnings
    for _ in range(ROUNDS):
        again = put_on_paper(pages)
        assert (again.pdf, set(again.warnings)) == (plain.pdf, set(plain.warnings))


def test_what_stands_in_one_print_alone_is_not_kept() -> None:
    put_on_paper(page("My own words."))
    assert not texts_kept()
    put_on_paper(page("My own words."))
    assert "My own words." in texts_kept()


def test_long_words_are_never_kept() -> None:
    for _ in range(ROUNDS):
        put_on_paper(page("short " * lines.LONGEST))
    assert texts_kept()
    assert max(map(len, texts_kept())) <= lines.LONGEST


def test_no_more_is_kept_than_was_meant_to_be() -> None:
    kept: quicker.Kept[int, int] = quicker.Kept(3)
    for number in range(4):
        assert not kept.asked_before(number)
        kept[number] = number
    assert kept == {3: 3}
    assert not kept.asked_before(0), "what was asked is forgotten too"
    assert kept.asked_before(0)


def test_all_that_decides_how_words_are_set_is_looked_at() -> None:
    with quicker.set_aside():
        setting = (line_break.Layout, line_break.split_first_line, line_break.create_layout)
        drawing = (line_break.first_line_metrics, line_break.line_size, draw_text.draw_first_line)
        read = {
            name
            for each in (*setting, *drawing, fonts.get_font_description)
            for name in re.findall(r"style\['(\w+)'\]", inspect.getsource(each))
        }
    assert len(read) > 20
    assert read <= set(lines.DECIDES)


@once
def test_rules_are_found_as_the_library_finds_them(app: Flask) -> None:
    press, found = _press(), 0
    for prepared in REFERENCES.values():
        pages = prepared().pages
        for sheet in (press.elements, press.style, press.papers[pages.paper]):
            for element in ElementWrapper.from_html_root(document_fromstring(pages.html)).iter_subtree():
                matched = sheet.matcher.matcher.match(element)
                assert sheet.matcher.match(element) == matched
                found += bool(matched)
    assert found > 1_000


def test_the_version_that_is_known_is_the_one_that_is_installed() -> None:
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert f"\nweasyprint=={quicker.KNOWN} " in pinned
    assert weasyprint.__version__ == quicker.KNOWN


def test_another_version_prints_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with quicker.set_aside(), monkeypatch.context() as newer:
        newer.setattr(weasyprint, "__version__", "71.0")
        quicker.put_in_place()
        for _ in range(ROUNDS):
            put_on_paper(page("Some words."))
        assert not texts_kept()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_what_our_pages_do_without_is_printed_as_the_library_prints_it(paper: str) -> None:
    odd = Pages(ODD.read_text(encoding="utf-8"), paper)
    plain = by_itself(odd)
    assert not plain.warnings
    for turn in range(ROUNDS):
        put_on_paper(page("Words. Words beside them.", paper))
        assert put_on_paper(odd) == plain, turn
