"""Typed in, answer out: every kind of question, with what people and attackers type."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, g, render_template

import rules
from screening.clinic import Clinic
from screening.forms import KINDS, build_form, page_form
from screening.journey import progress
from screening.questions import PAGES, QUESTIONS
from screening.questions.spec import Page
from tests.questions.conftest import Send
from tests.questions.html_forms import sent_untouched


def errors_of(form: Any) -> list[str]:
    return [str(problem["text"]) for problem in form.problems()]


def test_every_kind_of_question_has_its_field(ruleset: rules.RuleSet) -> None:
    assert set(KINDS) == {field.kind for field in ruleset.fields.values()}


ANSWERED: list[tuple[str, Any, Any]] = [
    ("rf_bladder", ["new_or_worse_2w"], "new_or_worse_2w"),
    ("phq9_item9", ["0"], 0),
    ("phq9_item9", ["declined"], "declined"),
    ("peg_pain", ["0"], 0),
    ("peg_pain", ["10"], 10),
    ("peg_pain", ["dont_know"], None),
    ("audit1", ["4"], 4),
    ("rf_acute", ["none"], ["none"]),
    ("rf_acute", ["collapse", "not_sure", "chest_pain", "collapse"], ["not_sure", "chest_pain", "collapse"]),
    ("told_diagnosis", [], None),
    ("seen_specialist", [], None),
    ("seen_specialist", ["waiting"], "waiting"),
    ("ketamine_courses", [""], None),
    ("ketamine_courses", ["", "dont_know"], None),
    ("ketamine_courses", [" 12 "], 12),
    ("ketamine_courses", ["012.0"], 12),
    ("ketamine_courses", ["١٢"], 12),
    ("bp_systolic", ["120"], 120),
    ("anything_else", [""], None),
    ("anything_else", ["  My back hurts.\r\nIt does.  "], "My back hurts.\nIt does."),
    ("anything_else", ["x" * 1000], "x" * 1000),
    ("anything_else", ["a\r\n" * 500], ("a\n" * 500).strip()),
    ("anything_else", ["nul\x00 bell\x07 \u202eturned\u2066 a\ufffe"], "nul bell turned a"),
]


@pytest.mark.parametrize(("question_id", "sent", "answer"), ANSWERED)
def test_an_answer(send: Send, question_id: str, sent: list[str], answer: Any) -> None:
    form = send(question_id, sent)
    assert not errors_of(form)
    assert form.answers() == {question_id: answer}
    assert type(form.answers()[question_id]) is type(answer)


REFUSED: list[tuple[str, list[str], str]] = [
    ("rf_bladder", [], "Choose one answer"),
    ("rf_bladder", ["no", "not_sure"], "Choose one answer"),
    ("rf_bladder", ["NO"], "Choose one answer"),
    ("rf_bladder", ["unanswered"], "Choose one answer"),
    ("rf_bladder", ["no\x00x"], "Choose one answer"),
    ("rf_bladder", ["dont_know"], "Choose one answer"),
    ("seen_specialist", ["never"], "Choose one answer"),
    ("phq9_item9", ["4"], "Choose one answer"),
    ("peg_pain", [], "Choose one answer"),
    ("peg_pain", ["11"], "Choose one answer"),
    ("peg_pain", ["1.0"], "Choose one answer"),
    ("peg_pain", ["-1"], "Choose one answer"),
    ("peg_pain", ["5", "dont_know"], "Choose one answer"),
    ("rf_acute", [], "Tick at least one box"),
    ("rf_acute", ["none", "collapse"], "Tick “None of these” only if"),
    ("rf_acute", ["none", "not_sure"], "Tick “None of these” only if"),
    ("rf_acute", ["heartache"], "Choose from the list"),
    ("pain_regions", ["none", "neck"], "Tick “I have no pain” only if"),
    ("ketamine_courses", ["101"], "Enter a whole number from 0 to 100"),
    ("ketamine_courses", ["-1"], "Enter a whole number from 0 to 100"),
    ("ketamine_courses", ["2.5"], "Enter a whole number"),
    ("ketamine_courses", ["1e2"], "Enter a whole number"),
    ("ketamine_courses", ["many"], "Enter a whole number"),
    ("ketamine_courses", ["9" * 400], "Enter a whole number"),
    ("ketamine_courses", ["3", "4"], "Enter a whole number"),
    ("ketamine_courses", ["3", "dont_know"], "not both"),
    ("bp_systolic", ["59"], "Enter a whole number from 60 to 260"),
    ("bp_diastolic", ["161"], "Enter a whole number from 30 to 160"),
    ("anything_else", ["x" * 1001], "Write 1000 characters or fewer. You have 1001."),
    ("anything_else", ["x" * 200_000], "Write 1000 characters or fewer"),
]


@pytest.mark.parametrize(("question_id", "sent", "message"), REFUSED)
def test_a_refusal_says_what_to_enter(send: Send, question_id: str, sent: list[str], message: str) -> None:
    form = send(question_id, sent)
    assert len(errors_of(form)) == 1 and message in errors_of(form)[0]


def test_systolic_is_above_diastolic(send: Send) -> None:
    sent = {"hx_bp": "no", "bp_systolic": "90", "bp_diastolic": "90"}
    form = send("bp_systolic", sent, page=True)
    assert form.problems() == [
        {"text": "The top number must be bigger than the bottom number. Check both.", "href": "#bp_systolic"}
    ]
    assert not errors_of(send("bp_systolic", {**sent, "bp_diastolic": "89"}, page=True))


def test_an_empty_post_is_refused_even_where_answers_are_stored(send: Send) -> None:
    form = send("rf_bladder", {}, stored={"rf_bladder": "no"})
    assert len(errors_of(form)) == 1


def test_every_field_in_error_has_its_line_in_the_order_of_the_page(send: Send) -> None:
    problems = send("rf_bladder", {"rf_bowel": "no"}, page=True).problems()
    assert [problem["href"] for problem in problems] == ["#rf_bladder", "#rf_saddle"]


STORED: list[tuple[str, Any]] = [
    ("rf_bladder", "not_sure"),
    ("phq9_item9", 0),
    ("peg_pain", 0),
    ("peg_pain", None),
    ("rf_acute", ["chest_pain", "collapse"]),
    ("bp_systolic", 120),
    ("anything_else", "Two\nlines"),
    ("opioids", [{"drug": "oxycodone", "dose": 7.5, "per_day": None}]),
    ("opioids", [{"drug": None, "dose": None, "per_day": 2}, {"drug": "fentanyl_patch", "dose": 25, "per_day": None}]),
]


@pytest.mark.parametrize(("question_id", "value"), STORED)
def test_a_stored_answer_comes_back_as_it_was(
    small_app: Flask, send: Send, ruleset: rules.RuleSet, question_id: str, value: Any
) -> None:
    with small_app.test_request_context("/"):
        g.clinic, g.rules_in_force = Clinic(), ruleset.sha256
        page = render_page(ruleset, question_id, {question_id: value})
    form = send(question_id, sent_untouched(page))
    assert not errors_of(form)
    assert form.answers() == {question_id: value}


def test_an_untouched_question_has_nothing_filled_in(small_app: Flask, ruleset: rules.RuleSet) -> None:
    with small_app.test_request_context("/"):
        g.clinic, g.rules_in_force = Clinic(), ruleset.sha256
        for question_id in ("peg_pain", "bp_systolic", "rf_bladder", "rf_acute", "opioids"):
            sent = sent_untouched(render_page(ruleset, question_id, {}))
            assert not [value for values in sent.values() for value in values if value], question_id


def render_page(ruleset: rules.RuleSet, question_id: str, stored: dict[str, Any]) -> str:
    home = next(page for page in PAGES.values() if QUESTIONS[question_id] in page.questions)
    alone = Page(home.id, home.title, (QUESTIONS[question_id],))
    form = page_form(alone, alone.questions, stored)
    return render_template("patient/page.html", page=alone, form=form, progress=progress(home), back_href="/")


HOSTILE = '"><script>alert(1)</script></textarea>'


@pytest.mark.parametrize("question_id", ["anything_else", "bp_systolic"])
def test_what_was_typed_is_shown_again_as_text(
    small_app: Flask, send: Send, ruleset: rules.RuleSet, question_id: str
) -> None:
    long = f"{HOSTILE}{'x' * 1000}"
    form = send(question_id, [long])
    page = Page("p", "P", (QUESTIONS[question_id],))
    html = render_template("patient/page.html", page=page, form=form, progress=None, back_href=None)
    assert "<script>alert" not in html
    assert sent_untouched(html)[question_id] == [long]
    assert f'href="#{question_id}"' in html and f'id="{question_id}"' in html


@pytest.mark.parametrize("page", [page for page in PAGES.values() if page.questions], ids=lambda page: page.id)
def test_every_summary_link_leads_to_a_control(
    small_app: Flask, send: Send, ruleset: rules.RuleSet, page: Page
) -> None:
    form = send(page.questions[0].id, {"nothing": "x"}, page=True)
    html = render_template("patient/page.html", page=page, form=form, progress=None, back_href=None)
    required = [q for q in page.questions if not ruleset.fields[q.id].optional]
    assert len(form.problems()) == len(required)
    for problem in form.problems():
        assert f'id="{problem["href"][1:]}"' in html


def test_a_lone_question_is_the_heading_of_its_page(small_app: Flask, send: Send, in_app: None) -> None:
    page = PAGES["pain-where"]
    form = page_form(page, page.questions, {})
    html = render_template("patient/page.html", page=page, form=form, progress=None, back_href=None)
    assert html.count("<h1") == 1
    assert "Where is your pain?" in html[html.index("<h1") : html.index("</h1>")]


def test_a_page_of_several_has_its_title_as_heading(in_app: None, ruleset: rules.RuleSet) -> None:
    page = PAGES["legs"]
    form = build_form(ruleset, page.questions, {})
    where = progress(page)
    html = render_template("patient/page.html", page=page, form=form, progress=where, back_href="/before")
    assert html.count("<h1") == 1
    assert str(page.title) in html[html.index("<h1") : html.index("</h1>")]
    assert "Step 1 of 11" in html and 'href="/before"' in html
