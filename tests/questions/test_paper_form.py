"""The blank form on paper, made from the questions and the rules as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

import rules
from screening.clinic import Clinic
from screening.paper_form import PAGE_CODES, blank_form, paper_steps
from screening.questions import PAGES, QUESTIONS, VERSION
from screening.questions.official import EXTENSION, OfficialWording
from tests.pdf_pages import flat, furniture_pages, page_sizes

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ONLY_IF = {
    "with_patient": "you chose “I am helping a relative or a friend” in question 1",
    "pregnancy": "you did not choose “Male” in question 17, and the person with the pain is 12 to 55 years old",
    "tx_ketamine": "the person with the pain is 18 or older",
    "ketamine_courses": ("the person with the pain is 18 or older, and you did not choose “No, never” in question 37"),
    "opioids": "you ticked “Opioid pain medicine” in question 39",
    "si_now": "you did not choose “Never” in question 60",
    "audit3": "you did not choose “Never” in question 64",
    "expectation": "the person with the pain is 18 or older, and you did not choose “No” in question 68",
}


FIRST_PAGE = (
    "Call 911",
    "988",
    "No one sees this paper until the clinic has it.",
    "Date when you fill this in",
    "I agree that the clinic may read these answers",
    "Signature",
    "Full name",
    "Date of birth",
)


def said(ruleset: rules.RuleSet) -> dict[str, str]:
    """Of whom each question is asked, by its id."""
    pages = [page for step in paper_steps(ruleset) for page in step.pages]
    return {one.question.id: one.only_if or page.only_if for page in pages for one in page.questions}


def test_every_question_says_of_whom_it_is_asked(in_app: None, ruleset: rules.RuleSet) -> None:
    shown = said(ruleset)
    assert shown.keys() == QUESTIONS.keys()
    conditional = {field.id for field in ruleset.fields.values() if field.asked_when}
    assert {field for field, words in shown.items() if words} == conditional
    assert {field: shown[field] for field in ONLY_IF} == {
        field: f"Answer this only if {words}." for field, words in ONLY_IF.items()
    }


def test_what_the_clinic_does_not_ask_is_not_printed(in_app: None) -> None:
    shown = said(rules.load(switched_off=frozenset({"audit_c"})))
    assert QUESTIONS.keys() - shown.keys() == {"audit1", "audit2", "audit3"}


@pytest.fixture
def official(small_app: Flask) -> Iterator[str]:
    own = replace(QUESTIONS["phq_interest"], text="Official words of this item")
    small_app.extensions[EXTENSION] = OfficialWording({"en": {own.id: own}})
    yield str(own.text)
    del small_app.extensions[EXTENSION]


def test_an_instruments_own_wording_is_printed(in_app: None, ruleset: rules.RuleSet, official: str) -> None:
    printed = [str(one.question.text) for step in paper_steps(ruleset) for page in step.pages for one in page.questions]
    assert official in printed and str(QUESTIONS["phq_interest"].text) not in printed


def test_the_printed_form_has_all_that_a_person_and_a_clerk_need(in_app: None, ruleset: rules.RuleSet) -> None:
    pdf = blank_form(ruleset, Clinic(paper="A4"), "en").to_pdf()
    pages = furniture_pages(pdf)
    text = flat("".join(pages))
    for number, question in enumerate(QUESTIONS.values(), start=1):
        assert text.count(flat(f"{number}. {question.text}")) == 1, question.id
        for choice in question.choices:
            assert flat(str(choice.label)) in text, (question.id, choice.code)
    assert {(round(width), round(height)) for width, height in page_sizes(pdf)} == {(595, 842)}
    first = " ".join(pages[0].split())
    for words in FIRST_PAGE:
        assert words in first, words
    for number, page in enumerate(pages, start=1):
        shown = " ".join(page.split())
        assert f"Questions version {VERSION} · en" in shown and f"Page {number} of {len(pages)}" in shown
        assert "Name on every sheet" in shown
        assert any(f"{code} –" in shown for code in PAGE_CODES.values()), number
    assert set(PAGE_CODES) == set(PAGES)
    assert len({*PAGE_CODES.values()}) == len(PAGES)
