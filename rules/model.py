"""The shapes that the rules speak in. Plain data: no Flask, no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import Any, Literal

AnswerValue = Any
"""One answer as JSON has it: a code, a whole number, a list of codes, opioid rows, text, or None (unanswered)."""

Answers = Mapping[str, AnswerValue]
"""Answers by field id. A key with None or [] was shown and left blank."""


class Tier(IntEnum):
    """How soon, and by whom, a person should be seen. A case's tier is the highest that fired."""

    INFO = 0
    ROUTINE = 1
    CONSULT = 2
    PRIORITY = 3
    URGENT = 4
    EMERGENCY = 5

    @property
    def flagged(self) -> bool:
        """Whether a case of this tier enters the physicians' queue."""
        return self >= Tier.CONSULT

    @property
    def time_critical(self) -> bool:
        """The queue's time-critical lane; the flagged rest is the planning lane."""
        return self >= Tier.URGENT

    @property
    def staff_name(self) -> str:
        return _STAFF_NAMES[self]


_STAFF_NAMES = {
    Tier.INFO: "For information",
    Tier.ROUTINE: "Routine follow-up",
    Tier.CONSULT: "Specialist consult",
    Tier.PRIORITY: "Priority specialist consult",
    Tier.URGENT: "Same-day review",
    Tier.EMERGENCY: "Emergency now",
}


ENGLISH = "en"
"""The language of everything that staff read, and of every rule set."""


class State(StrEnum):
    """What became of a question, for one person. Four things, never mixed."""

    NOT_ASKED = "not_asked"
    UNANSWERED = "unanswered"
    UNKNOWN = "unknown"
    ANSWERED = "answered"


Basis = Literal["answers", "unknown"]


class RuleError(Exception):
    """A data file of the rules is wrong, and nothing may start with it. The line counts from 1."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


class AnswerError(ValueError):
    """An answer that the questionnaire does not allow. The message says what is allowed, and fits on one line."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Field:
    """One question as the rules know it. See fields.yaml for what each part means."""

    id: str
    step: int
    kind: Literal["one", "any", "integer", "scale", "rows", "text"]
    codes: tuple[str | int, ...] = ()
    min: int | None = None
    max: int | None = None
    unordered: bool = False
    unknown: frozenset[str] = frozenset()
    unanswered_lowest: bool = False
    neutral: tuple[int, int] | None = None
    optional: bool = False
    asked_when: str | None = None
    part: str | None = None
    max_rows: int = 0
    max_length: int = 0
    clinician_only: bool = False


@dataclass(frozen=True)
class OnPath:
    """What became of one field: its answer as given, or None where it was not asked or left unanswered."""

    value: AnswerValue
    state: State


@dataclass(frozen=True)
class Opioid:
    """One drug of the opioid rows. Doses are in `unit`: above `dose_over` (if given), and `dose_min` to `dose_max`.

    `factor` turns the day's dose into mg of morphine equivalent; None where there is none to use.
    `per_day_used` is False for a patch, whose dose is a rate.
    """

    id: str
    factor: float | None
    unit: str
    dose_over: float | None
    dose_min: float | None
    dose_max: float
    per_day_used: bool
    special: bool


@dataclass(frozen=True)
class OpioidTable:
    """The drugs of the opioid rows by code, and how often a day one may be taken (per_day_min to per_day_max)."""

    drugs: Mapping[str, Opioid]
    per_day_min: float
    per_day_max: float


@dataclass(frozen=True)
class Source:
    """Where a rule or a number comes from. `verified` is False if the original text was not checked."""

    id: str
    title: str
    year: int | None
    place: str
    verified: bool


@dataclass(frozen=True)
class Threshold:
    """A number that conditions compare with. `project` marks our own choice, for a medical lead to confirm.

    A clinic may set such a one within `range`, `above` another threshold if one is named.
    """

    id: str
    value: int | float
    unit: str
    project: bool
    source: str | None
    range: tuple[int | float, int | float] | None = None
    above: str | None = None


@dataclass(frozen=True)
class Level:
    """One tier of a rule and the CEL condition that gives it.

    With `in_play_only` the level counts as INFO when ketamine is not a question for this person.
    `patient` is what the patient is told, by language: each that the rule set declares, English among them.
    `because_also` are codes named as a cause although they are the least risky ones. `reads` are the ids of the
    fields that the condition reads, directly or through facts, in the questionnaire's order.
    """

    tier: Tier
    when: str
    in_play_only: bool
    project: bool
    patient: Mapping[str, str]
    because_also: frozenset[str] = frozenset()
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """Answers, changed from the base person, and the tier (or None) and basis that the rule must give."""

    name: str
    answers: Mapping[str, AnswerValue]
    tier: Tier | None
    basis: Basis | None


@dataclass(frozen=True)
class Rule:
    """One rule as its file has it. `heading` is the article's, None in S-rules. `evidence` are ids of texts."""

    id: str
    title: str
    version: int
    owner: str
    review_by: date
    heading: str | None
    topic: str
    sources: tuple[Source, ...]
    evidence: tuple[str, ...]
    levels: tuple[Level, ...]
    physician: str
    hidden_under_18: bool
    examples: tuple[Example, ...]
    file: str


@dataclass(frozen=True)
class Finding:
    """A rule that fired: its tier, whether it rests on something unknown, and the answers behind it.

    `level` is the tier that the level which fired has in the rule's file. It is above `tier` where that level
    counts as INFO because ketamine is not a question for this person.
    """

    rule: str
    tier: Tier
    basis: Basis
    because: tuple[str, ...]
    level: Tier | None = None


@dataclass(frozen=True)
class Assessment:
    """What the rules say of one person's answers."""

    tier: Tier
    findings: tuple[Finding, ...]
    incomplete: tuple[str, ...]
    contradictions: tuple[tuple[str, str], ...]
    out_of_scope: bool
    version: str
    sha256: str

    @property
    def flagged(self) -> bool:
        return self.tier.flagged

    @property
    def rests_on_unknown(self) -> bool:
        return any(finding.basis == "unknown" for finding in self.findings)

    @property
    def reassuring(self) -> bool:
        """Whether the reassuring sentence may be shown: see Tiers in the clinical text."""
        return self.tier <= Tier.ROUTINE and not self.incomplete and not self.rests_on_unknown

    def fired(self, rule: str) -> Finding | None:
        return next((finding for finding in self.findings if finding.rule == rule), None)

    def to_json(self) -> dict[str, Any]:
        """The shape that explain-case prints and a case stores."""
        return {
            "tier": self.tier.name,
            "flagged": self.flagged,
            "out_of_scope": self.out_of_scope,
            "findings": [
                {"rule": f.rule, "tier": f.tier.name, "basis": f.basis, "because": list(f.because)}
                for f in self.findings
            ],
            "incomplete": list(self.incomplete),
            "contradictions": [list(pair) for pair in self.contradictions],
            "ruleset": {"version": self.version, "sha256": self.sha256},
        }
