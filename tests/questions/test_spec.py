"""The words fit the rules' fields: nothing is left out, asked twice, or asked too early, and no released id is lost."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import get_domain

import rules
from screening import questions
from screening.questions import PAGES, QUESTIONS, STEPS, own_sha256, questionnaire_sha256, step_of

RELEASED = json.loads((Path(__file__).parent / "data" / "released_ids.json").read_text(encoding="utf-8"))


def asked_in_order() -> list[str]:
    return [question.id for page in PAGES.values() for question in page.questions]


def test_every_field_has_one_question_in_the_order_of_the_fields(ruleset: rules.RuleSet) -> None:
    assert asked_in_order() == [field for field in ruleset.fields if field != "age_years"]


def test_questions_stand_in_the_step_of_their_field(ruleset: rules.RuleSet) -> None:
    for page in PAGES.values():
        assert {ruleset.fields[question.id].step for question in page.questions} <= {step_of(page).number}
    assert [step.number for step in STEPS] == list(range(1, 12))


def test_page_ids_are_fit_for_an_address_and_used_once() -> None:
    ids = [page.id for step in STEPS for page in step.pages]
    assert len(ids) == len(set(ids)) == len(PAGES)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", page_id) for page_id in ids)


def test_pages_are_short_and_few() -> None:
    assert all(len(page.questions) <= 4 for page in PAGES.values())
    assert all(page.questions or page.identity for page in PAGES.values())
    assert len(PAGES) <= 37


@pytest.mark.parametrize("question_id", QUESTIONS)
def test_choices_are_exactly_the_codes(ruleset: rules.RuleSet, question_id: str) -> None:
    question, field = QUESTIONS[question_id], ruleset.fields[question_id]
    codes = [choice.code for choice in question.choices]
    assert len(codes) == len(set(codes))
    if field.kind == "scale":
        assert codes in ([], list(range(field.min or 0, (field.max or 0) + 1)))
        assert codes or (question.low_label and question.high_label)
    else:
        assert set(codes) == set(field.codes)


@pytest.mark.parametrize("question_id", QUESTIONS)
def test_unsure_stands_last_and_none_of_these_after_it(question_id: str) -> None:
    codes = [choice.code for choice in QUESTIONS[question_id].choices]
    last = [code for code in codes if code in ("not_sure", "prefer_not", "declined")]
    ends = last + [code for code in codes if code == "none"]
    listed = QUESTIONS[question_id].choices and codes[-len(ends) :] if ends else []
    assert listed == ends or question_id == "ketamine_setting"


def test_every_number_and_scale_offers_not_to_know(ruleset: rules.RuleSet) -> None:
    numbers = [field.id for field in ruleset.fields.values() if field.kind in ("integer", "scale")]
    assert all(QUESTIONS[field].dont_know for field in numbers if field != "age_years")
    assert all(part.dont_know for part in QUESTIONS["opioids"].parts)


def test_a_follow_up_stands_on_a_later_page_than_what_opens_it(ruleset: rules.RuleSet) -> None:
    for page in PAGES.values():
        here = {question.id for question in page.questions}
        for question in page.questions:
            words = set(re.findall(r"\w+", ruleset.fields[question.id].asked_when or ""))
            assert not words & here, question.id


def test_only_the_five_optional_questions_may_be_left_blank(ruleset: rules.RuleSet) -> None:
    optional = {field.id for field in ruleset.fields.values() if field.optional}
    five = {"told_diagnosis", "seen_specialist", "ketamine_courses", "bp_systolic", "bp_diastolic", "anything_else"}
    assert optional == five  # blood pressure is one of the five, and has two numbers


def test_the_crisis_line_stands_on_every_page_about_mood() -> None:
    assert {step_of(page).id for page in PAGES.values() if page.crisis_line} == {"mood"}
    assert all(page.crisis_line for page in next(step for step in STEPS if step.id == "mood").pages)


def test_no_released_id_or_code_is_removed(ruleset: rules.RuleSet) -> None:
    for question_id, codes in RELEASED["questions"].items():
        assert question_id in QUESTIONS, f"{question_id} was released: stored answers name it for ever"
        kept = [str(code) for code in ruleset.fields[question_id].codes]
        assert set(codes) <= set(kept), f"a released code of {question_id} was removed"
    assert set(RELEASED["pages"]) <= set(PAGES), "a released page was removed"


def test_every_id_is_on_the_list_of_released_ones() -> None:
    assert set(RELEASED["questions"]) == set(QUESTIONS)
    assert set(RELEASED["pages"]) == set(PAGES)


def test_the_hash_changes_with_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    before = questionnaire_sha256()
    monkeypatch.setattr(questions, "STEPS", (replace(STEPS[0], title="Another title"), *STEPS[1:]))
    own_sha256.cache_clear()
    after = questionnaire_sha256()
    monkeypatch.undo()
    own_sha256.cache_clear()
    assert before != after
    assert questionnaire_sha256() == before


def test_the_hash_is_the_same_in_every_language(small_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = questionnaire_sha256()
    own_sha256.cache_clear()
    with small_app.test_request_context("/"):
        monkeypatch.setattr(get_domain(), "gettext", lambda text, **_: f"translated {text}")
        assert str(STEPS[0].title).startswith("translated")
        assert questionnaire_sha256() == expected
