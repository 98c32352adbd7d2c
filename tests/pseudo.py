"""A language for tests alone: every English text between marks, and the page from right to left."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import rules
from rules import Finding, RuleSet
from screening import language as languages
from screening.actions.clinic import save_settings
from screening.actions.unit import SYSTEM
from screening.rulebook import VARIANTS

CODE = "ar"
"""A language that runs from right to left, and that we do not speak."""
NAME = "العربية"
OPEN, CLOSE = "⟦", "⟧"
SHOWN_ATTRIBUTES = {"aria-label", "alt", "title", "placeholder"}
UNSEEN = {"script", "style"}
CODE_PART = re.compile(r"\b[A-Z0-9]{3}\b")
"""A part of a code to come back with."""


def marked(text: str) -> str:
    return OPEN + text + CLOSE


def speak_pseudo(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Make the language one of ours. Call it before the application is made, and `offer_pseudo` after that."""
    own = languages.CATALOGUES / "es"
    (folder / CODE / "LC_MESSAGES").mkdir(parents=True)
    (folder / "es").symlink_to(own, target_is_directory=True)
    catalogue = Catalog(locale=CODE)
    with (own / "LC_MESSAGES" / "messages.po").open("rb") as file:
        for message in read_po(file):
            if message.id:
                catalogue.add(message.id, marked(str(message.id)), context=message.context)
    for name, write in (("messages.mo", write_mo), ("messages.po", write_po)):
        with (folder / CODE / "LC_MESSAGES" / name).open("wb") as file:
            write(file, catalogue)
    patch.setattr(languages, "CATALOGUES", folder)
    patch.setitem(languages.LANGUAGES, CODE, NAME)
    _rules_speak_it(patch)


def offer_pseudo() -> None:
    """Let patients choose it."""
    save_settings(values={"languages": ["en", "es", CODE]}, by=SYSTEM)


def _rules_speak_it(patch: pytest.MonkeyPatch) -> None:
    own_texts = RuleSet.patient_texts

    def texts(ruleset: RuleSet, finding: Finding, *, under_18: bool) -> Mapping[str, str]:
        known = own_texts(ruleset, finding, under_18=under_18)
        return {**known, CODE: marked(known["en"])} if known else known

    patch.setattr(RuleSet, "patient_texts", texts)
    for switched_off in VARIANTS:
        ruleset = rules.load(None, switched_off, None)
        patch.setattr(ruleset, "languages", (*ruleset.languages, CODE))


def unmarked(html: str, known: tuple[str, ...] = ()) -> list[str]:
    """The texts on a page that hold words outside of marks. `known` are a person's and the clinic's own words."""
    reader = _Reader()
    reader.feed(html)
    return [text for text in reader.texts if any(mark.isalpha() and mark.isascii() for mark in _rest(text, known))]


def _rest(text: str, known: tuple[str, ...]) -> str:
    depth, rest = 0, ""
    for mark in text:
        depth += (mark == OPEN) - (mark == CLOSE)
        rest += mark if depth == 0 else ""
    for words in known:
        rest = rest.replace(words, "")
    return CODE_PART.sub("", rest)


class _Reader(HTMLParser):
    """Collects what is seen or read out: text, and the attributes that are spoken."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in UNSEEN
        for name, value in attrs:
            if value and (name in SHOWN_ATTRIBUTES or name.startswith("data-i18n")):
                self.texts.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN

    def handle_data(self, data: str) -> None:
        if not self._unseen and data.strip():
            self.texts.append(" ".join(data.split()))
