"""The official wording of instruments: read from a clinic's folder, asked, recorded and named in scores."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import rules
from screening import create_app
from screening.access import Role
from screening.clinic import current_clinic
from screening.config import ROOT, ConfigError
from screening.instruments import InstrumentError, read_folder
from screening.models import Case, db
from screening.pdf import render
from screening.questions import own_sha256
from screening.questions.instruments import INSTRUMENTS
from screening.record import Record
from screening.scores import INSTRUMENTS as SCORED
from screening.scores import Score, scores_of
from screening.summary import summary_of
from tests.conftest import Browser, SignIn, close, enter, new_browser
from tests.databases import settings_for
from tests.pdf_pages import all_text, flat
from tests.walk import HttpWalker, person

MADE_UP = Path(__file__).parent / "data" / "instruments"
ANSWERS: dict[str, Any] = {
    "peg_pain": 4, "phq_interest": 2, "phq9_item9": "declined", "si_now": "no", "audit1": 2, "audit2": 1, "audit3": 0,
}  # fmt: skip

Start = Callable[..., Flask]


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Start]:
    """Starts the application with some of the made-up files in its folder."""
    pushed = []

    def with_files(*names: str) -> Flask:
        folder = tmp_path / "instruments"
        folder.mkdir()
        for name in names:
            shutil.copy(MADE_UP / f"{name}.json", folder)
        app = create_app(replace(settings_for(database_url, tmp_path), instruments_dir=folder))
        app.test_client_class = Browser
        context = app.app_context()
        context.push()
        pushed.append((app, context))
        return app

    yield with_files
    for app, context in reversed(pushed):
        close(app)
        context.pop()


def submitted(app: Flask, **changes: Any) -> Case:
    HttpWalker(new_browser(app)).finish(person(**{**ANSWERS, **changes}))
    return db.session.scalars(select(Case)).one()


def notes(case: Case) -> dict[str, str]:
    scores: tuple[Score, ...] = scores_of(case.assessment)
    return {score.id: score.note for score in scores}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_official_words_are_asked_checked_and_recorded(start: Start, noon: object) -> None:
    walker = HttpWalker(new_browser(start("peg", "mood", "item9", "audit-c")))
    answers = person(**ANSWERS)
    walker.start(answers)
    walker.until("mood", answers)
    page = unescape(walker.text)
    assert "Made up: thinking of the past fortnight, are you blue?" in page
    assert "Made up: now and then" in page and "I don’t know / rather not say" in page
    assert "How often did you feel sad" not in page
    walker.until("dark-thoughts", answers)
    page = unescape(walker.text)
    places = [page.index(words) for words in ("Made up: do dark", "Made up: all the time", "I’d rather not say")]
    assert places == sorted(places)
    assert "Many people in pain" not in page
    walker.until("check", answers)
    assert "Made up: how often a row of glasses?" in unescape(walker.text)
    assert "Made up: row 0" in walker.text
    walker.until("done", answers)
    case = db.session.scalars(select(Case)).one()
    row = Record.from_json(case.record).row("phq_interest")
    assert row is not None
    assert (row.question, row.answer, row.code) == (
        "Made up: thinking of the past fortnight, do few things please you?", "Made up: a lot", 2,
    )  # fmt: skip
    assert case.questionnaire_sha256 == Record.from_json(case.record).questionnaire_sha256 != own_sha256()
    assert not any("adapted wording" in note for note in notes(case).values())
    shown = flat(all_text(render(summary_of(case, current_clinic(), False, base_url="https://clinic.example"))))
    assert flat("Made up: do dark thoughts come?") in shown and flat("adapted wording") not in shown


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_rules_page_quotes_what_is_asked(sign_in: SignIn, start: Start) -> None:
    own = unescape(sign_in(Role.PHYSICIAN).get("/staff/rules").text)
    assert "PHQ-2, adapted wording" in own and "own words" not in own
    app = start("peg", "mood", "item9", "audit-c")
    browser = new_browser(app)
    enter(browser, "physician@clinic.example")
    page = unescape(browser.get("/staff/rules").text)
    assert "PHQ-2 (0–6, a blank item counts 3)" in page and "PHQ-2, adapted wording" not in page
    item9 = page[page.index('id="rule-S07"') : page.index('id="rule-S08"')]
    assert "Made up: do dark thoughts come?" in item9 and "“Made up: all the time”" in item9


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_an_instrument_in_its_own_words_loses_the_mark(start: Start, noon: object) -> None:
    case = submitted(start("peg", "item9"))
    assert {score for score, note in notes(case).items() if "adapted wording" in note} == {"phq2", "gad2", "audit_c"}
    assert notes(case)["peg"] == "pain and how it limits life"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_scale_keeps_its_numbers_between_official_ends(start: Start, noon: object) -> None:
    walker = HttpWalker(new_browser(start("peg")))
    walker.arrive(person(), "pain-effect")
    assert "0: Not one bit (made up)" in walker.text and "10: Beyond the moon (made up)" in walker.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_broken_file_stops_the_start(start: Start, tmp_path: Path) -> None:
    with pytest.raises(InstrumentError):
        start()
    (tmp_path / "instruments" / "torn.json").write_text("{")
    settings = replace(
        settings_for(f"sqlite:///{tmp_path / 'x.db'}", tmp_path), instruments_dir=tmp_path / "instruments"
    )
    with pytest.raises(ConfigError, match=r"torn\.json: file: is not readable JSON"):
        create_app(settings)


def made_up(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((MADE_UP / f"{name}.json").read_text())
    return loaded


def refused(folder: Path, *resources: object) -> str:
    for number, resource in enumerate(resources):
        (folder / f"{number}.json").write_text(json.dumps(resource))
    with pytest.raises(InstrumentError) as fault:
        read_folder(folder)
    return str(fault.value)


def option(code: Any, **more: Any) -> dict[str, Any]:
    weight = {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": code}
    return {"extension": [weight], "valueCoding": {"display": f"made up {code}", **more}}


def with_item(**changes: Any) -> dict[str, Any]:
    resource = made_up("item9")
    resource["item"][0] = {**resource["item"][0], **changes}
    return resource


LOINC = "http://loinc.org"
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "another resource": ({**made_up("item9"), "resourceType": "Bundle"}, "0.json: resourceType: is not Questionnaire"),
    "another language": ({**made_up("item9"), "language": "tlh"}, "language: is 'tlh': use one of en"),
    "no language": ({k: v for k, v in made_up("item9").items() if k != "language"}, "language: is None"),
    "no items": ({**made_up("item9"), "item": []}, "item: has no question"),
    "no list of items": ({**made_up("item9"), "item": "x"}, "Questionnaire.item: is not a list of objects"),
    "an item of another instrument": (
        with_item(code=[{"system": LOINC, "code": "44250-9"}]), "Questionnaire.item[0].code: is not one LOINC code",
    ),
    "a code of another system": (with_item(code=[{"system": "urn:x", "code": "44260-8"}]), "is not one LOINC code"),
    "an answer too few": (with_item(answerOption=[option(n) for n in range(3)]), "has the ordinal values [0, 1, 2]"),
    "an answer too many": (with_item(answerOption=[option(n) for n in range(5)]), "PHQ-9 item 9 has 0 to 3 in order"),
    "answers out of order": (with_item(answerOption=[option(n) for n in (1, 0, 2, 3)]), "[1, 0, 2, 3]"),
    "answers from one": (with_item(answerOption=[option(n) for n in (1, 2, 3, 4)]), "[1, 2, 3, 4]"),
    "half a number": (with_item(answerOption=[option(0.5)]), "answerOption[0]: has no whole ordinal value"),
    "a number as text": (with_item(answerOption=[option("0")]), "answerOption[0]: has no whole ordinal value"),
    "no number": (with_item(answerOption=[{"valueCoding": {"display": "x"}}]), "has no whole ordinal value"),
    "no words": (with_item(answerOption=[option(0, display=" ")]), "[0].valueCoding.display: is not a text"),
    "the same words": (with_item(answerOption=[option(n, display="x") for n in range(4)]), "has the same words twice"),
    "no question": (with_item(text=""), "Questionnaire.item[0].text: is not a text of 1 to 500 characters"),
    "another type": (with_item(type="string"), "Questionnaire.item[0].type: is not group, choice or coding"),
    "answers elsewhere": (with_item(answerValueSet="urn:x"), "answerValueSet: cannot be used: list the answers"),
    "a condition": (with_item(enableWhen=[{"question": "1"}]), "enableWhen: cannot be used"),
    "an item twice": ({**made_up("item9"), "item": made_up("item9")["item"] * 2}, "item: asks the same item twice"),
    "half an instrument": ({**made_up("mood"), "item": made_up("mood")["item"][:2]}, "GAD-2 is not whole"),
    "an item too few": ({**made_up("audit-c"), "item": made_up("audit-c")["item"][:2]}, "AUDIT-C has 3 items, not 2"),
    "an item that belongs elsewhere": (
        {**made_up("audit-c"), "item": [*made_up("audit-c")["item"][:2], made_up("item9")["item"][0]]},
        "Questionnaire.item[2].code: 44260-8 is no item of AUDIT-C",
    ),
    "a mixed-up whole": (
        {**made_up("peg"), "item": [*made_up("peg")["item"][:2], made_up("item9")["item"][0]]},
        "Questionnaire.item[2].code: is not one LOINC code of an item that is asked here: 75893-8",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_does_not_fit_is_refused_with_place_and_reason(fault: str, tmp_path: Path) -> None:
    resource, said = FAULTS[fault]
    assert said in refused(tmp_path, resource)


def test_two_files_for_one_item_in_one_language_are_refused(tmp_path: Path) -> None:
    assert "1.json: item: phq9_item9 in en is in 0.json too" in refused(tmp_path, made_up("item9"), made_up("item9"))


@pytest.mark.parametrize("content", [b"\xff", b"[]", b"[" * 5000, b"null"])
def test_a_file_that_is_no_object_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(InstrumentError, match=r"a\.json"):
        read_folder(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"without any \.json file"):
        read_folder(tmp_path / "nowhere")


def test_the_hash_changes_with_an_official_word(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(made_up("item9")))
    before = read_folder(tmp_path).sha256
    (tmp_path / "a.json").write_text(json.dumps(with_item(text="Made up: other words?")))
    assert read_folder(tmp_path).sha256 != before


def test_each_answer_has_its_own_words_where_a_scale_has_them_all(tmp_path: Path) -> None:
    resource = made_up("peg")
    for item in resource["item"]:
        item["answerOption"] = [option(number) for number in range(11)]
    (tmp_path / "a.json").write_text(json.dumps(resource))
    question = read_folder(tmp_path).questions["en"]["peg_pain"]
    assert [str(choice.label) for choice in question.choices] == [f"made up {number}" for number in range(11)]


def test_the_table_agrees_with_the_questionnaire_the_scores_and_the_page() -> None:
    fields = rules.load().fields
    for instrument in INSTRUMENTS:
        for field in instrument.fields:
            codes = [int(code) for code in fields[field].codes if str(code).isdigit()]
            assert (codes or list(range((fields[field].max or 0) + 1))) == list(range(instrument.highest + 1))
    scored = {instrument.name: instrument.items for instrument in SCORED}
    assert {i.name: set(i.fields) for i in INSTRUMENTS if i.name in scored} == {n: set(i) for n, i in scored.items()}
    page = (ROOT / "docs" / "instruments.md").read_text()
    for instrument in INSTRUMENTS:
        row = re.search(rf"^\| {instrument.name} \|.*$", page, re.MULTILINE)
        assert row and row[0].endswith("| yes |" if instrument.verified else "| no |")
        assert all(code in row[0] for code in (instrument.panel, *(item.code for item in instrument.items)))
