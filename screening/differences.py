"""What is different between two assessments of one case, in the words that staff read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.model import Tier
from screening.record import FindingText, Record, Row

NOT_ASKED = "Not asked"
AGE, UNKNOWN_AGE = "Age", "Unknown"


@dataclass(frozen=True)
class Version:
    """One assessment of a case, as stored."""

    number: int
    record: Record
    findings: tuple[FindingText, ...]
    tier: Tier
    ruleset_version: str

    @classmethod
    def of(cls, row: Any, number: int, findings: Sequence[Mapping[str, Any]]) -> Version:
        """`row` has the columns of a case; `findings` are record.FindingText as JSON."""
        texts = tuple(FindingText.from_json(finding) for finding in findings)
        return cls(number, Record.from_json(row.record), texts, Tier(row.tier), row.ruleset_version)


@dataclass(frozen=True)
class AnswerChange:
    question: str
    before: str
    after: str


@dataclass(frozen=True)
class FindingChange:
    """A finding before and after; None where there was none."""

    before: FindingText | None
    after: FindingText | None

    @property
    def either(self) -> FindingText | None:
        return self.after or self.before


@dataclass(frozen=True)
class Difference:
    tier_before: Tier
    tier_after: Tier
    answers: tuple[AnswerChange, ...]
    findings: tuple[FindingChange, ...]
    """Those that came, went, or have another tier or other grounds."""
    rules: tuple[str, str] | None
    """The versions of the rule sets, where they are not the same."""


def difference(before: Version, after: Version) -> Difference:
    versions = before.ruleset_version, after.ruleset_version
    return Difference(
        tier_before=before.tier,
        tier_after=after.tier,
        answers=(*_age(before.record, after.record), *_answers(before.record, after.record)),
        findings=_findings(before.findings, after.findings),
        rules=versions if versions[0] != versions[1] else None,
    )


def _age(before: Record, after: Record) -> tuple[AnswerChange, ...]:
    old, new = before.age_years, after.age_years
    return () if old == new else (AnswerChange(AGE, _years(old), _years(new)),)


def _years(age: int | None) -> str:
    return UNKNOWN_AGE if age is None else str(age)


def _answers(before: Record, after: Record) -> tuple[AnswerChange, ...]:
    old, new = _by_id(before), _by_id(after)
    return tuple(
        AnswerChange((new.get(field) or old[field]).question, _said(old.get(field)), _said(new.get(field)))
        for field in [*new, *(field for field in old if field not in new)]
        if _code(old.get(field)) != _code(new.get(field))
    )


def _by_id(record: Record) -> dict[str, Row]:
    return {row.id: row for row in record.rows()}


def _code(row: Row | None) -> object:
    return NOT_ASKED if row is None else (row.code,)


def _said(row: Row | None) -> str:
    return NOT_ASKED if row is None else row.answer


def _findings(before: tuple[FindingText, ...], after: tuple[FindingText, ...]) -> tuple[FindingChange, ...]:
    old, new = ({finding.rule: finding for finding in findings} for findings in (before, after))
    return tuple(
        FindingChange(old.get(rule), new.get(rule))
        for rule in dict.fromkeys([*new, *old])
        if _weight(old.get(rule)) != _weight(new.get(rule))
    )


def _weight(finding: FindingText | None) -> tuple[str, str] | None:
    return None if finding is None else (finding.tier, finding.basis)
