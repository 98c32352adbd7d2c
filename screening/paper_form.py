"""The questionnaire on paper: its pages with their codes, in words of whom each question is asked, and the PDF."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_uppercase

from flask_babel import force_locale
from flask_babel import gettext as _

from rules import Field, RuleSet
from screening.bodymap import body_map
from screening.clinic import Clinic
from screening.pdf import Prepared, data_address, laid_out
from screening.questions import PAGES, QUESTIONS, STEPS, VERSION
from screening.questions.official import asked
from screening.questions.spec import Page, Question, Step, Words

TEMPLATE = "pdf/form.html"

PAGE_CODES: dict[str, str] = {
    page.id: f"{step.number}{letter}"
    for step in STEPS
    for page, letter in zip(step.pages, ascii_uppercase, strict=False)
}
"""What a page is called on paper and where it is keyed in, such as 3B: the step, and the page's letter in it."""


@dataclass(frozen=True)
class PaperQuestion:
    number: int
    question: Question
    field: Field
    only_if: str
    """Of whom it is asked, as a sentence; empty if of everyone, or if its page says so."""


@dataclass(frozen=True)
class PaperPage:
    code: str
    page: Page
    only_if: str
    """Of whom all of its questions are asked."""
    questions: tuple[PaperQuestion, ...]


@dataclass(frozen=True)
class PaperStep:
    number: int
    title: Words
    pages: tuple[PaperPage, ...]


def paper_steps(ruleset: RuleSet) -> tuple[PaperStep, ...]:
    """All that may be asked of anyone, in the language of the moment, but for who the person is."""
    numbers = {question.id: number for number, question in enumerate(_printed(ruleset), start=1)}
    steps = (PaperStep(step.number, step.title, tuple(_pages(ruleset, step, numbers))) for step in STEPS)
    return tuple(step for step in steps if step.pages)


def _printed(ruleset: RuleSet) -> Iterator[Question]:
    for page in PAGES.values():
        for question in page.questions:
            if ruleset.fields[question.id].part not in ruleset.switched_off:
                yield question


def _pages(ruleset: RuleSet, step: Step, numbers: Mapping[str, int]) -> Iterator[PaperPage]:
    for page in step.pages:
        conditions = {
            question.id: only_if(ruleset, question.id, numbers) for question in page.questions if question.id in numbers
        }
        shared = next(iter(conditions.values())) if len({*conditions.values()}) == 1 else ""
        questions = tuple(
            PaperQuestion(
                numbers[question.id],
                asked(question),
                ruleset.fields[question.id],
                "" if shared else conditions[question.id],
            )
            for question in page.questions
            if question.id in numbers
        )
        if questions:
            yield PaperPage(PAGE_CODES[page.id], page, shared, questions)


def only_if(ruleset: RuleSet, field: str, numbers: Mapping[str, int]) -> str:
    """Of whom a question is asked, as a sentence that names other questions by their number; empty if of everyone.

    Raises ValueError for a condition that this cannot put into words.
    """
    parts = tuple(dict.fromkeys(_conditions(ruleset, field)))
    if not parts:
        return ""
    words, *others = (_in_words(ruleset, part, numbers) for part in parts)
    for other in others:
        words = str(_("%(one)s, and %(other)s", one=words, other=other))
    return str(_("Answer this only if %(condition)s.", condition=words))


def _conditions(ruleset: RuleSet, field: str) -> Iterator[str]:
    """The parts of a question's condition, after those of the questions that it rests on: who skips one skips both."""
    condition = ruleset.fields[field].asked_when or ""
    for name in _NAME.findall(condition):
        if name in ruleset.fields:
            yield from _conditions(ruleset, name)
    yield from (part.strip() for part in _TOP_LEVEL_AND.split(condition) if part)


def _in_words(ruleset: RuleSet, part: str, numbers: Mapping[str, int]) -> str:
    for pattern, words in _CONDITIONS:
        found = pattern.fullmatch(part)
        if found:
            return words(ruleset, numbers, *found.groups())
    raise ValueError(f"no words for the condition {part!r}")


def _chose(ruleset: RuleSet, numbers: Mapping[str, int], field: str, code: str) -> str:
    return str(_("you chose “%(answer)s” in question %(number)s", answer=_label(field, code), number=numbers[field]))


def _did_not_choose(ruleset: RuleSet, numbers: Mapping[str, int], field: str, code: str) -> str:
    answer = _label(field, code)
    return str(_("you did not choose “%(answer)s” in question %(number)s", answer=answer, number=numbers[field]))


def _ticked(ruleset: RuleSet, numbers: Mapping[str, int], code: str, field: str) -> str:
    return str(_("you ticked “%(answer)s” in question %(number)s", answer=_label(field, code), number=numbers[field]))


def _age_from(ruleset: RuleSet, numbers: Mapping[str, int], low: str) -> str:
    return str(_("the person with the pain is %(age)s or older", age=ruleset.thresholds[low].value))


def _age_between(ruleset: RuleSet, numbers: Mapping[str, int], low: str, high: str) -> str:
    ages = {"low": ruleset.thresholds[low].value, "high": ruleset.thresholds[high].value}
    return str(_("the person with the pain is %(low)s to %(high)s years old", **ages))


def _label(field: str, code: str) -> str:
    choices = asked(QUESTIONS[field]).choices
    return next(str(choice.label) for choice in choices if str(choice.code) == code)


_NAME = re.compile(r"[a-z]\w+")
_TOP_LEVEL_AND = re.compile(r"&&(?![^(]*\))")
_CONDITIONS: tuple[tuple[re.Pattern[str], Callable[..., str]], ...] = (
    (re.compile(r'(\w+) == "(\w+)"'), _chose),
    (re.compile(r'(\w+) != "?(\w+)"?'), _did_not_choose),
    (re.compile(r'"(\w+)" in (\w+)'), _ticked),
    (re.compile(r"!age_known \|\| age_years >= (\w+)"), _age_from),
    (re.compile(r"\(!age_known \|\| \(age_years >= (\w+) && age_years <= (\w+)\)\)"), _age_between),
)
"""Each shape that a condition's parts may have, and what puts it into words."""


def blank_form(ruleset: RuleSet, clinic: Clinic, language: str) -> Prepared:
    """The blank form in a language, ready for the press."""
    with force_locale(language):
        steps = paper_steps(ruleset)
        figure = data_address(body_map((), str(_("Nothing is marked yet."))).encode())
    values = {"clinic": clinic, "steps": steps, "figure": figure, "version": VERSION, "contact": PAGE_CODES["contact"]}
    return laid_out(TEMPLATE, language, clinic.paper, values)


@lru_cache(maxsize=4)
def pressed(form: Prepared) -> bytes:
    """Its PDF. It takes seconds and is the same for everyone."""
    return form.to_pdf()
