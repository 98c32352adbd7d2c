"""Every word that a patient reads is translated: none is missing in a catalogue, and none is written into a page."""

from __future__ import annotations

import re
import subprocess
import sys
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from flask import Flask
from sqlalchemy import select

from screening.clinic import Clinic, current_clinic
from screening.config import ROOT
from screening.language import CATALOGUES, LANGUAGES
from screening.models import Case, db
from screening.pdf import prepare, summary_of
from tests import pseudo
from tests.conftest import Browser, new_browser
from tests.walk import CONTACT, LONGEST, HttpWalker, person

TRANSLATED = [code for code in LANGUAGES if code != "en"]
PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
NEW = "new_or_worse_2w"
NOT_FOR_PATIENTS = ("/staff", "/healthz", "/readyz")
OWN_WORDS = (*CONTACT.values(), *LANGUAGES.values(), Clinic().name, Clinic().urgent_care_place)


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the pages say today, in English."""
    file = tmp_path_factory.mktemp("words") / "messages.pot"
    extract = ["extract", "--mapping-file=pyproject.toml", "--keywords=_l", f"--output-file={file}", "."]
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", *extract]
    subprocess.run(command, cwd=ROOT, check=True)
    with file.open("rb") as source:
        return read_po(source)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_word_is_translated(words: Catalog, language: str) -> None:
    asked = {(message.context, message.id) for message in words if message.id}
    given = {(message.context, message.id): message for message in _written(language)}
    assert asked == given.keys(), "run `make translations`, and translate what is new"
    assert [message.id for message in given.values() if message.fuzzy or not message.string] == []
    unequal = [m.id for m in given.values() if _placeholders(m.id) != _placeholders(m.string)]
    assert unequal == []
    edges = [m.id for m in given.values() if str(m.id)[-1:] in ".?:" and str(m.string)[-1:] != str(m.id)[-1:]]
    assert edges == []


def _placeholders(text: object) -> list[str]:
    return sorted(found[0] for found in PLACEHOLDER.finditer(str(text)))


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_runs_is_what_is_written(language: str) -> None:
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.mo").open("rb") as compiled:
        running = GNUTranslations(compiled)
    for message in _written(language):
        english = str(message.id)
        said = running.pgettext(message.context, english) if message.context else running.gettext(english)
        assert said == message.string, "run `make catalogues`"


def _written(language: str) -> list[Message]:
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return [message for message in read_po(source, locale=language) if message.id]


def test_a_word_outside_of_marks_is_found() -> None:
    page = f'<p>{pseudo.marked("a b")} Hello</p><a aria-label="Back">5</a><p>Robin</p><script>x</script>'
    assert pseudo.unmarked(page, ("Robin",)) == [f"{pseudo.marked('a b')} Hello", "Back"]


class TestNothingIsWrittenIntoAPage:
    """With every English text between marks, no page shows a word outside of them."""

    pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

    @pytest.fixture(autouse=True)
    def _pseudo(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        pseudo.speak_pseudo(monkeypatch, tmp_path / "catalogues")

    @pytest.fixture
    def walker(self, app: Flask, client: Browser) -> Marked:
        pseudo.offer_pseudo()
        walker = Marked(client)
        walker.open("/")
        walker.post("/", {"switch_language": pseudo.CODE})
        return walker

    def test_on_the_longest_way_with_every_error(self, walker: Marked) -> None:
        answers = person(**LONGEST, anything_else="555")
        walker.start(answers)
        for _ in range(80):
            if walker.at == "done":
                break
            refused = walker.post(walker.address, {})
            if refused.status_code == 422:
                walker.check(refused.text)
            walker.answer(answers)
        assert walker.at == "done"
        case = db.session.scalars(select(Case)).one()
        copy = prepare(summary_of(case, current_clinic(), True, base_url="https://x.org"), "patient")
        assert pseudo.unmarked(copy.html, (*OWN_WORDS, case.reference)) == []

    def test_on_pages_beside_the_way(self, app: Flask, walker: Marked) -> None:
        emergency = person(rf_saddle=NEW, rf_leg_weakness="new_or_worse", completed_by="carer", with_patient="yes")
        walker.start(emergency)
        walker.until("emergency", emergency)
        walker.until("sex", emergency)
        for address in _patient_pages(app):
            walker.check(walker.client.get(address, follow_redirects=True).text)
        stranger = Marked(new_browser(app))
        stranger.open("/")
        stranger.post("/", {"switch_language": pseudo.CODE})
        for address in [*_patient_pages(app), "/nowhere"]:
            stranger.check(stranger.client.get(address, follow_redirects=True).text)


class Marked(HttpWalker):
    """Checks every page that it comes to."""

    def check(self, html: str) -> None:
        assert re.search(f'<html lang="{pseudo.CODE}"\\s*dir="rtl"', html), html[:300]
        case = db.session.scalars(select(Case)).one_or_none()
        known = (*OWN_WORDS, *([case.reference] if case else []))
        assert pseudo.unmarked(html, known) == [], self.address

    def open(self, address: str) -> str:
        at = super().open(address)
        if self.visited != ["start"]:
            self.check(self.text)
        return at


def _patient_pages(app: Flask) -> list[str]:
    """Every page that is open to anyone and has an address without parts."""
    public = {name for name, view in app.view_functions.items() if getattr(view, "required_permission", "") is None}
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint in public and not rule.arguments]
    return sorted(rule for rule in rules if not rule.startswith(NOT_FOR_PATIENTS))
