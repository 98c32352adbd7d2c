"""The record: what one person was asked and answered, as worded. Check page, case page and PDF show this alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from rules import Answers, Assessment, Field, Finding, OnPath, RuleSet, State
from rules.causes import Cause
from rules.model import ENGLISH, Source
from screening.identity import under_18
from screening.questions import STEPS, VERSION, questionnaire_sha256
from screening.questions.choices import UNITS
from screening.questions.official import asked
from screening.questions.spec import Question, Step


@dataclass(frozen=True)
class Row:
    """One question that was asked. `state` is a rules.State; `code` is the answer as stored (None: unanswered)."""

    id: str
    page: str
    question: str
    short: str
    answer: str
    code: Any
    state: str


@dataclass(frozen=True)
class Section:
    id: str
    number: int
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Record:
    questionnaire_version: str
    questionnaire_sha256: str
    language: str
    sections: tuple[Section, ...]
    age_years: int | None = None
    """On the day; None if it is not known."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Record:
        sections = tuple(
            Section(part["id"], part["number"], part["title"], tuple(Row(**row) for row in part["rows"]))
            for part in data["sections"]
        )
        return cls(
            data["questionnaire_version"],
            data["questionnaire_sha256"],
            data["language"],
            sections,
            data["age_years"],
        )

    def rows(self) -> tuple[Row, ...]:
        return tuple(row for section in self.sections for row in section.rows)

    def row(self, field: str) -> Row | None:
        return next((row for row in self.rows() if row.id == field), None)


PAIRS = ("because", "sources", "smallest", "clears")
"""What of a finding's text is pairs."""


@dataclass(frozen=True)
class FindingText:
    """A finding as worded on the day: what a case page, a PDF and the patient's copy show of a rule."""

    rule: str
    title: str
    topic: str
    tier: str
    basis: str
    because: tuple[tuple[str, str], ...]
    """(question in short, answer as worded), in the questionnaire's order."""
    sources: tuple[tuple[str, bool], ...]
    """(source as cited, whether it was verified)."""
    evidence: tuple[str, ...]
    physician: str
    patient: str
    """Empty where the patient is told nothing."""
    project_threshold: bool
    smallest: tuple[tuple[str, str], ...] = ()
    """The fewest of `because` that are enough for this tier; none in what was stored before this was worked out."""
    clears: tuple[tuple[str, str], ...] = ()
    """The fewest of `because` without which there is no finding of this tier; none if nothing clears it."""

    @property
    def enough(self) -> tuple[tuple[str, str], ...]:
        """The smallest cause, where it is less than all of `because`."""
        return () if len(self.smallest) == len(self.because) else self.smallest

    @property
    def needed(self) -> tuple[tuple[str, str], ...]:
        """What clears it, where that is less than all of `because`."""
        return () if len(self.clears) == len(self.because) else self.clears

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FindingText:
        pairs = {name: tuple(tuple(pair) for pair in data[name]) for name in PAIRS if name in data}
        return cls(**{**data, **pairs, "evidence": tuple(data["evidence"])})


def as_seen(
    ruleset: RuleSet, answers: Answers, assessment: Assessment, language: str, *, approved: bool
) -> dict[str, Any] | None:
    """What the person saw, as Case.as_seen keeps it beside the English record; None where they saw that very record.

    That is `record` (Record as JSON), `patient` (what the rules tell them, by rule), and whether the clinic had
    `approved` the translation.
    """
    if language == ENGLISH:
        return None
    with force_locale(language):
        record = build_record(ruleset, answers)
    young = under_18(ruleset, answers)
    told = {
        finding.rule: text
        for finding in assessment.findings
        if (text := ruleset.patient_text(finding, under_18=young, language=language))
    }
    return {"record": record.to_json(), "patient": told, "approved": approved}


def build_record(ruleset: RuleSet, answers: Answers) -> Record:
    """What was asked and answered, in the language of the moment. `answers` are complete, with age_years if known."""
    path = ruleset.path(answers)
    sections = (Section(step.id, step.number, str(step.title), _rows(ruleset, step, path)) for step in STEPS)
    return Record(
        questionnaire_version=VERSION,
        questionnaire_sha256=questionnaire_sha256(),
        language=str(get_locale() or ENGLISH),
        sections=tuple(section for section in sections if section.rows),
        age_years=path["age_years"].value,
    )


def _rows(ruleset: RuleSet, step: Step, path: Mapping[str, OnPath]) -> tuple[Row, ...]:
    return tuple(
        Row(
            id=question.id,
            page=page.id,
            question=str(question.text),
            short=str(question.short),
            answer=answer_text(ruleset, question, path[question.id].value),
            code=path[question.id].value,
            state=path[question.id].state.value,
        )
        for page in step.pages
        for question in map(asked, page.questions)
        if path[question.id].state is not State.NOT_ASKED
    )


def answer_text(ruleset: RuleSet, question: Question, value: Any) -> str:
    """An answer as worded. None and an empty list were left unanswered."""
    if value is None or value == []:
        return str(_("Not answered"))
    field = ruleset.fields[question.id]
    return _WORDINGS[field.kind](ruleset, field, question, value)


def _label(question: Question, code: Any) -> str:
    choice = question.choice(code)
    return str(choice.label if choice else code)


def _one(ruleset: RuleSet, field: Field, question: Question, value: Any) -> str:
    return _label(question, value)


def _any(ruleset: RuleSet, field: Field, question: Question, value: list[str]) -> str:
    return "; ".join(str(choice.label) for choice in question.choices if choice.code in value)


def _integer(ruleset: RuleSet, field: Field, question: Question, value: int) -> str:
    return f"{value} {question.unit}" if question.unit else str(value)


def _scale(ruleset: RuleSet, field: Field, question: Question, value: int) -> str:
    if question.choices:
        return _label(question, value)
    return str(_("%(value)s out of %(max)s", value=value, max=field.max))


def _opioid_rows(ruleset: RuleSet, field: Field, question: Question, value: list[dict[str, Any]]) -> str:
    return "; ".join(_opioid_row(ruleset, question, row) for row in value)


def _opioid_row(ruleset: RuleSet, question: Question, row: Mapping[str, Any]) -> str:
    drug, dose, per_day = row.get("drug"), row.get("dose"), row.get("per_day")
    known = ruleset.opioids.drugs.get(drug or "")
    name = _label(question, drug) if drug else str(_("Opioid whose name is not known"))
    if dose is None:
        name = _("%(name)s, dose not known", name=name)
    elif known:
        name = _("%(name)s %(dose)s %(unit)s", name=name, dose=dose, unit=UNITS[known.unit])
    else:
        name = _("%(name)s, dose %(dose)s", name=name, dose=dose)
    if per_day is not None:
        return str(_("%(medicine)s, %(number)s a day", medicine=name, number=per_day))
    if known and not known.per_day_used:
        return str(name)
    return str(_("%(medicine)s, times a day not known", medicine=name))


def _text(ruleset: RuleSet, field: Field, question: Question, value: str) -> str:
    return value


_WORDINGS: dict[str, Callable[[RuleSet, Field, Question, Any], str]] = {
    "one": _one,
    "any": _any,
    "integer": _integer,
    "scale": _scale,
    "rows": _opioid_rows,
    "text": _text,
}


def finding_texts(ruleset: RuleSet, assessment: Assessment, record: Record, under_18: bool) -> tuple[FindingText, ...]:
    """Every finding as worded, in the assessment's order. The record is of the same answers."""
    causes = ruleset.causes({row.id: row.code for row in record.rows()} | {"age_years": record.age_years})
    return tuple(
        _finding_text(ruleset, finding, causes[finding.rule], record, under_18) for finding in assessment.findings
    )


def _finding_text(ruleset: RuleSet, finding: Finding, cause: Cause, record: Record, under_18: bool) -> FindingText:
    rule = ruleset.rules[finding.rule]
    return FindingText(
        rule=rule.id,
        title=rule.title,
        topic=rule.topic,
        tier=finding.tier.name,
        basis=finding.basis,
        because=_pairs(record, finding.because),
        sources=tuple((_cited(source), source.verified) for source in rule.sources),
        evidence=tuple(ruleset.evidence[evidence] for evidence in rule.evidence),
        physician=rule.physician,
        patient=ruleset.patient_text(finding, under_18=under_18) or "",
        project_threshold=_rests_on_project_threshold(ruleset, finding),
        smallest=_pairs(record, cause.smallest),
        clears=_pairs(record, cause.clears),
    )


def _pairs(record: Record, fields: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(_because(record, field) for field in fields)


def _because(record: Record, field: str) -> tuple[str, str]:
    row = record.row(field)
    if row is not None:
        return row.short, row.answer
    return _("Age"), _("Not known") if record.age_years is None else str(record.age_years)


def _cited(source: Source) -> str:
    year = f" ({source.year})" if source.year else ""
    return f"{source.title}{year}. {source.place}"


def _rests_on_project_threshold(ruleset: RuleSet, finding: Finding) -> bool:
    """Whether the level that fired is the project's own, or compares with a number of the project's own."""
    level = next(level for level in ruleset.rules[finding.rule].levels if level.tier == finding.level)
    names = set(re.findall(r"\w+", level.when))
    return level.project or any(threshold.project for threshold in ruleset.thresholds.values() if threshold.id in names)
