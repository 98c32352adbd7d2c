"""The form of what is asked by telephone: the questions of a case's call list, as the questionnaire asks them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import InputRequired

from rules import RuleSet
from screening import journey
from screening.forms import QuestionForm, build_form
from screening.questions import PAGES
from screening.questions.spec import Question
from screening.staff_forms import ROW_ID_MAX, within

ASKED = "asked"
"""The name under which a page sends the ids of the questions that it showed."""


class SeenForm(FlaskForm):  # type: ignore[misc]
    """`assessment_seen` is the number of the assessment that the page showed."""

    assessment_seen = IntegerField(validators=[InputRequired(), within(0, ROW_ID_MAX)])


def questions_of(ruleset: RuleSet, answers: Mapping[str, Any], fields: Collection[str]) -> tuple[Question, ...]:
    """Those of the fields that these answers ask for, worded for this person, in the questionnaire's order."""
    pages = [page for page in PAGES.values() if any(question.id in fields for question in page.questions)]
    shown = [question for page in pages for question in journey.questions_on_page(ruleset, page, answers)]
    return tuple(question for question in shown if question.id in fields)


def call_form(ruleset: RuleSet, questions: tuple[Question, ...], answers: Mapping[str, Any]) -> QuestionForm:
    """Filled in with what was sent, or with the answers as they are. Any may be left blank."""
    return build_form(ruleset, questions, answers, allow_blank=True)


def asked_now() -> frozenset[str]:
    """The questions that the page showed whose form was sent."""
    return frozenset(request.form.getlist(ASKED))
