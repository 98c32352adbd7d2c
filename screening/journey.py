"""The way through the questionnaire: which pages, what comes next, how far along. Pure.

`answers` are those given so far (and age_years where it is known). The path they open counts what was not reached as
unanswered, so that a page that may still come is on it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rules import Answers, RuleSet
from screening.identity import under_18
from screening.questions import PAGES, STEPS, step_of
from screening.questions.official import asked as asked_as
from screening.questions.spec import Page, Question, Words


@dataclass(frozen=True)
class Progress:
    step_number: int
    steps: int
    step_title: Words


def pages_on_path(ruleset: RuleSet, answers: Answers) -> tuple[Page, ...]:
    """The pages that these answers open, in order: those with a question that is asked, and those on identity."""
    asked = set(ruleset.asked(answers))
    return tuple(page for page in PAGES.values() if page.identity or any(q.id in asked for q in page.questions))


def questions_on_page(ruleset: RuleSet, page: Page, answers: Answers) -> tuple[Question, ...]:
    """The questions of a page that are asked, as this person is to read them."""
    asked = set(ruleset.asked(answers))
    minor = under_18(ruleset, answers)
    return tuple(_worded(question, minor) for question in page.questions if question.id in asked)


def _worded(question: Question, minor: bool) -> Question:
    question = asked_as(question)
    return replace(question, hint=question.hint_under_18) if minor and question.hint_under_18 else question


def next_page(ruleset: RuleSet, page: Page, answers: Answers) -> Page | None:
    """The page after this one; None after the last."""
    order = list(PAGES)
    later = order[order.index(page.id) + 1 :]
    return next((other for other in pages_on_path(ruleset, answers) if other.id in later), None)


def previous_page(ruleset: RuleSet, page: Page, answers: Answers) -> Page | None:
    """The page before this one; None before the first."""
    order = list(PAGES)
    earlier = order[: order.index(page.id)]
    return next((other for other in reversed(pages_on_path(ruleset, answers)) if other.id in earlier), None)


def first_unfinished(ruleset: RuleSet, answers: Answers, identity: Mapping[str, Any]) -> Page | None:
    """The first page on the path that was not continued past; None if all were.

    A page was continued past once every question asked on it has been shown, or it gave name and phone.
    """
    return next(iter(unfinished(ruleset, answers, identity)), None)


def unfinished(ruleset: RuleSet, answers: Answers, identity: Mapping[str, Any]) -> tuple[Page, ...]:
    """All pages on the path that were not continued past, in order."""
    missing = {field for field in ruleset.asked(answers) if field not in answers}
    return tuple(page for page in PAGES.values() if _is_open(page, missing, identity))


def _is_open(page: Page, missing: Container[str], identity: Mapping[str, Any]) -> bool:
    if page.identity:
        # An invitation gives a name, and a number perhaps, but not whether a message may be left there.
        return "full_name" not in identity or "no_phone" not in identity
    return any(question.id in missing for question in page.questions)


def progress(page: Page) -> Progress:
    """How far along a page stands."""
    step = step_of(page)
    return Progress(step.number, len(STEPS), step.title)
