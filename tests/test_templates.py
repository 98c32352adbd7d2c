"""Promises that every template keeps: nothing inline, nothing unescaped, every patient's word translatable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from screening.config import ROOT

FOLDER = ROOT / "templates"
ALL = sorted(path.relative_to(FOLDER) for path in FOLDER.rglob("*.html"))
PAGES = [path for path in ALL if path.parts[0] != "pdf"]
FOR_STAFF = {"physician", "front_desk", "admin", "alerts", "account", "people", "security", "staff", "entry", "pdf"}
TABLETS = Path("kiosk/tablets.html")
"""The one page beside the tablet's own that staff read."""
FOR_PATIENTS = [path for path in ALL if path.parts[0] not in FOR_STAFF and path != TABLETS]

SPOKEN_ATTRIBUTES = {"alt", "aria-label", "placeholder", "title"}
WORD_KEYS = {"text", "html", "titleText", "descriptionText", "visuallyHiddenText", "label", "heading", "ariaLabel"}
UNSAFE = re.compile(r"\|\s*safe\b|autoescape\s+false|Markup")
EXPRESSION = "\ufffc"
"""Stands for whatever a template puts in at this place."""

environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)


class Words(HTMLParser):
    """Collects what a person would read or hear, and what a content security policy forbids."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.words += [value for name, value in attrs if name in SPOKEN_ATTRIBUTES and value]
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(source: str) -> Words:
    parser = Words()
    for _line, kind, value in environment.lex(source):
        if kind == "data":
            parser.feed(value)
        elif kind == "variable_begin":
            parser.feed(EXPRESSION)
    parser.close()
    return parser


def bare_words(source: str) -> list[str]:
    """English that stands in a template as it is, between tags, in an attribute or in a macro's argument."""
    found = [word.strip() for word in read(source).words if any(mark.isalpha() for mark in word)]
    return found + [word for word in _arguments(source) if any(mark.isalpha() for mark in word)]


def _arguments(source: str) -> Iterator[str]:
    for pair in environment.parse(source).find_all(nodes.Pair):
        if isinstance(pair.key, nodes.Const) and pair.key.value in WORD_KEYS and isinstance(pair.value, nodes.Const):
            yield str(pair.value.value)


def text_of(path: Path) -> str:
    return (FOLDER / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_no_style_and_no_script_stands_in_a_page(path: Path) -> None:
    assert read(text_of(path)).inline == []


@pytest.mark.parametrize("path", ALL, ids=str)
def test_nothing_is_marked_safe(path: Path) -> None:
    assert not UNSAFE.search(text_of(path))


@pytest.mark.parametrize("path", FOR_PATIENTS, ids=str)
def test_every_word_for_a_patient_can_be_translated(path: Path) -> None:
    assert bare_words(text_of(path)) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello</p>",
        '<img alt="A back">',
        '{{ button({"text": "Continue"}) }}',
        "<p>{{ name }} is here</p>",
    ],
)
def test_a_bare_word_is_found(source: str) -> None:
    assert bare_words(source)


@pytest.mark.parametrize(
    "source", ['<p style="color: red">', '<a onclick="go()">', "<script>go()</script>", "<style>p {}</style>"]
)
def test_what_is_inline_is_found(source: str) -> None:
    assert read(source).inline
