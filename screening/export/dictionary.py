"""The data dictionary: every column, and every question with its codes, from the questionnaire itself."""

from __future__ import annotations

from collections.abc import Iterator

from rules import Field, RuleSet
from screening.export.tables import FREE_TEXT, TABLES
from screening.questions import QUESTIONS
from screening.questions.official import asked
from screening.questions.spec import Question

HEAD = ("table", "name", "kind", "about", "code", "meaning", "asked_when")


def dictionary_rows(ruleset: RuleSet) -> Iterator[tuple[str, ...]]:
    """HEAD, then a row a column, a row a question and a row a code."""
    yield HEAD
    for table in TABLES.values():
        for column in table.columns:
            yield table.id, column.name, str(column.kind), column.about, "", "", ""
    for field in ruleset.fields.values():
        if field.kind not in FREE_TEXT:
            yield from _question_rows(field)


def _question_rows(field: Field) -> Iterator[tuple[str, ...]]:
    question = asked(QUESTIONS[field.id]) if field.id in QUESTIONS else None
    wording = str(question.text) if question else "Age in whole years, from the date of birth"
    yield "answers", field.id, _kind(field), wording, "", "", field.asked_when or "always"
    for code in field.codes:
        yield "answers", field.id, _kind(field), wording, str(code), _meaning(question, code), ""


def _kind(field: Field) -> str:
    return f"{field.kind} {field.min} to {field.max}" if field.max is not None else field.kind


def _meaning(question: Question | None, code: str | int) -> str:
    choice = question.choice(code) if question else None
    return str(choice.label) if choice else ""
