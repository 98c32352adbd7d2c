"""What an export holds: three tables, column by column. Nothing in them names a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rules import Tier
from screening.models import Case, CaseFinding
from screening.rulebook import ruleset

FREE_TEXT = frozenset({"text"})
"""Kinds of questions whose answers are a person's own words, which an export leaves out."""


class Kind(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    YES_NO = "yes or no"
    MOMENT = "moment, UTC"
    DAY = "day"


@dataclass(frozen=True)
class Column:
    """`value` takes what one row is made from."""

    name: str
    kind: Kind
    about: str
    value: Callable[[Any], Any]


@dataclass(frozen=True)
class Table:
    """`rows` gives what each row of a case is made from."""

    id: str
    title: str
    rows: Callable[[Exported], Iterator[Any]]
    columns: tuple[Column, ...]

    def of(self, exported: Exported) -> Iterator[tuple[Any, ...]]:
        return (tuple(column.value(row) for column in self.columns) for row in self.rows(exported))


@dataclass(frozen=True)
class Exported:
    """One case. `not_relevant` are the ids of the findings that a standing decision marks so."""

    case: Case
    not_relevant: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Answer:
    """One question that was asked. `value` is None where it was left unanswered."""

    case: Case
    field: str
    value: Any

    @property
    def state(self) -> str:
        return "unanswered" if self.value in (None, []) else "answered"

    @property
    def text(self) -> str | None:
        if self.value in (None, []):
            return None
        return "; ".join(map(_part, self.value)) if isinstance(self.value, list) else str(self.value)

    @property
    def number(self) -> float | None:
        return float(self.value) if type(self.value) in (int, float) else None

    def given(self, part: str) -> str | None:
        source = (self.case.given or {}).get(self.field)
        return source[part] if source else None


@dataclass(frozen=True)
class Finding:
    found: CaseFinding
    case: Case
    not_relevant: bool


def _part(item: Any) -> str:
    """A code, or a row of a medicine as name=value pairs."""
    if not isinstance(item, dict):
        return str(item)
    return " ".join(f"{name}={value}" for name, value in item.items() if value is not None)


def _score(score: str) -> Callable[[Case], Any]:
    def value(case: Case) -> Any:
        number = next((one["value"] for one in case.assessment["scores"] if one["id"] == score), None)
        return None if number is None else float(number)

    return value


def _decision(case: Case) -> str | None:
    annulled = {decision.annuls_id for decision in case.decisions}
    valid = [one for one in case.decisions if one.assessment_number >= case.decisions_from]
    standing = [one for one in valid if one.annuls_id is None and one.id not in annulled]
    return standing[-1].kind if standing else None


def _answers(exported: Exported) -> Iterator[Answer]:
    kept_out = {field.id for field in ruleset().fields.values() if field.kind in FREE_TEXT}
    for field, value in exported.case.answers.items():
        if field not in kept_out:
            yield Answer(exported.case, field, value)


def _findings(exported: Exported) -> Iterator[Finding]:
    for found in exported.case.findings:
        yield Finding(found, exported.case, found.id in exported.not_relevant)


REFERENCE = "The case, as on its summary"

CASES = Table(
    "cases",
    "Cases, one a row",
    lambda exported: iter((exported.case,)),
    (
        Column("reference", Kind.TEXT, REFERENCE, lambda case: case.reference),
        Column("submitted_at", Kind.MOMENT, "When it was sent", lambda case: case.submitted_at),
        Column("tier", Kind.TEXT, "The highest tier that fired", lambda case: Tier(case.tier).name),
        Column("flagged", Kind.YES_NO, "Whether it is for the physicians' queue", lambda case: case.flagged),
        Column("severe_refractory", Kind.YES_NO, "Whether rule A04 fired", lambda case: case.a04),
        Column("rests_on_unknown", Kind.YES_NO, "Whether a finding rests on an unknown", lambda c: c.rests_on_unknown),
        Column("incomplete", Kind.YES_NO, "Whether a question was left unanswered", lambda case: case.incomplete),
        Column("out_of_scope", Kind.YES_NO, "Under 18, or pain elsewhere alone", lambda case: case.out_of_scope),
        Column("age_years", Kind.WHOLE, "On the day; empty if not known", lambda case: case.answers.get("age_years")),
        Column("peg", Kind.NUMBER, "PEG, 0 to 10; empty if an item is unanswered", _score("peg")),
        Column("phq2", Kind.NUMBER, "PHQ-2, 0 to 6; empty if an item is unanswered", _score("phq2")),
        Column("gad2", Kind.NUMBER, "GAD-2, 0 to 6; empty if an item is unanswered", _score("gad2")),
        Column("audit_c", Kind.NUMBER, "AUDIT-C, 0 to 12; empty if not asked or unanswered", _score("audit_c")),
        Column("channel", Kind.TEXT, "online, tablet, paper or phone", lambda case: case.channel),
        Column("language", Kind.TEXT, "The language that the person used", lambda case: case.language),
        Column("filled_on", Kind.DAY, "The day a paper form was filled in", lambda case: case.filled_on),
        Column("printed_at", Kind.MOMENT, "When it was first printed", lambda case: case.printed_at),
        Column("reviewed_at", Kind.MOMENT, "When the decision that counts was signed", lambda case: case.reviewed_at),
        Column("decision", Kind.TEXT, "The decision that counts", _decision),
        Column("questionnaire_version", Kind.TEXT, "What was asked", lambda case: case.questionnaire_version),
        Column("ruleset_version", Kind.TEXT, "The rules that assessed it", lambda case: case.ruleset_version),
        Column("ruleset_sha256", Kind.TEXT, "Their content's hash", lambda case: case.ruleset_sha256),
    ),
)
ANSWERS = Table(
    "answers",
    "Answers, one question of a case a row",
    _answers,
    (
        Column("reference", Kind.TEXT, REFERENCE, lambda answer: answer.case.reference),
        Column("question", Kind.TEXT, "The question's id, which never changes", lambda answer: answer.field),
        Column("state", Kind.TEXT, "answered or unanswered; what was not asked has no row", lambda one: one.state),
        Column("value", Kind.TEXT, "The code or number; several are parted by a semicolon", lambda answer: answer.text),
        Column("number", Kind.NUMBER, "The same, where it is a number", lambda answer: answer.number),
        Column("channel", Kind.TEXT, "How the answer reached the clinic", lambda answer: answer.given("channel")),
        Column("given_by", Kind.TEXT, "patient, carer or staff", lambda answer: answer.given("by")),
    ),
)
FINDINGS = Table(
    "findings",
    "Findings, one rule that fired a row",
    _findings,
    (
        Column("reference", Kind.TEXT, REFERENCE, lambda finding: finding.case.reference),
        Column("rule", Kind.TEXT, "The rule's id", lambda finding: finding.found.rule),
        Column("tier", Kind.TEXT, "The tier that it gave", lambda finding: Tier(finding.found.tier).name),
        Column("basis", Kind.TEXT, "answers or unknown", lambda finding: finding.found.basis),
        Column("not_relevant", Kind.YES_NO, "Whether a physician marked it so", lambda one: one.not_relevant),
    ),
)
TABLES = {table.id: table for table in (CASES, ANSWERS, FINDINGS)}
