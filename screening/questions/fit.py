"""Whether a rule set asks exactly what there are words for: one that does not can be read, but never put in force."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules import Field, RuleSet
from screening.questions import PAGES, QUESTIONS, step_of
from screening.questions.spec import Question

IDENTITY = "age_years"
"""Asked as the date of birth, by a page of its own."""


def misfits(ruleset: RuleSet) -> tuple[str, ...]:
    """What of a rule set the questionnaire cannot ask, and what it asks that the set does not know, in words."""
    unasked = [field for field in _fields(ruleset) if field not in QUESTIONS]
    missing = [field for field in QUESTIONS if field not in ruleset.fields]
    return (
        *(f"{field} has no question in the questionnaire" for field in unasked),
        *(f"{field}, which the questionnaire asks, is missing" for field in missing),
        *_badly_worded(ruleset),
        *_misplaced(ruleset),
    )


def _fields(ruleset: RuleSet) -> list[str]:
    return [field for field in ruleset.fields if field != IDENTITY]


def _badly_worded(ruleset: RuleSet) -> Iterator[str]:
    for question in QUESTIONS.values():
        if field := ruleset.fields.get(question.id):
            needs = {"scale": _scale_needs, "integer": _number_needs, "rows": _rows_need}.get(field.kind, _codes_need)
            yield from (f"{field.id}: {need}" for need in needs(field, question))


def _codes_need(field: Field, question: Question) -> Iterator[str]:
    worded = {choice.code for choice in question.choices}
    yield from (f"there are no words for {code}" for code in field.codes if code not in worded)
    yield from (f"the questionnaire offers {code}, which it does not have" for code in worded.difference(field.codes))


def _number_needs(_field: Field, question: Question) -> Iterator[str]:
    if question.dont_know is None or question.choices:
        yield "the questionnaire does not ask it as a number"


def _scale_needs(field: Field, question: Question) -> Iterator[str]:
    numbers = [choice.code for choice in question.choices]
    # Whether there are words, not what they say: that takes an application to know the language from.
    has_ends = question.low_label is not None and question.high_label is not None
    if question.dont_know is None or not (question.choices or has_ends):
        yield "the questionnaire does not ask it as a scale"
    elif numbers and numbers != list(range(field.min or 0, (field.max or 0) + 1)):
        yield f"there are not words for {field.min} to {field.max}"


def _rows_need(field: Field, question: Question) -> Iterator[str]:
    yield from _codes_need(field, question)
    if not question.parts:
        yield "the questionnaire does not ask it in rows"


def _misplaced(ruleset: RuleSet) -> Iterator[str]:
    """Questions in another step or order, or on no later page than what has them asked."""
    known = [question for question in QUESTIONS if question in ruleset.fields]
    ordered = [field for field in _fields(ruleset) if field in QUESTIONS]
    moved = (field for field, question in zip(ordered, known, strict=True) if field != question)
    yield from (f"{field} stands in another place in the questionnaire" for field in moved)
    for page in PAGES.values():
        asked = [question.id for question in page.questions if question.id in ruleset.fields]
        here = {field: ruleset.fields[field] for field in asked}
        for field in here.values():
            if field.step != step_of(page).number:
                yield f"{field.id} is asked in step {step_of(page).number}, not {field.step}"
            for other in sorted(here.keys() & set(re.findall(r"\w+", field.asked_when or ""))):
                yield f"{field.id} is asked on the same page as {other}, which it waits for"
