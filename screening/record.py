"""The record: what one person was asked and answered, as worded. Check page, case page and PDF show this alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


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

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Record:
        sections = tuple(
            Section(part["id"], part["number"], part["title"], tuple(Row(**row) for row in part["rows"]))
            for part in data["sections"]
        )
        return cls(data["questionnaire_version"], data["questionnaire_sha256"], data["language"], sections)

    def rows(self) -> tuple[Row, ...]:
        return tuple(row for section in self.sections for row in section.rows)

    def row(self, field: str) -> Row | None:
        return next((row for row in self.rows() if row.id == field), None)


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

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FindingText:
        pairs = {name: tuple(tuple(pair) for pair in data[name]) for name in ("because", "sources")}
        return cls(**{**data, **pairs, "evidence": tuple(data["evidence"])})
