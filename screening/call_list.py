"""The call list of a case: the fewest questions whose answers settle its tier, as worded, for who may ask them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _

from rules import Answers, RuleSet
from screening.questions import QUESTIONS
from screening.questions.official import asked


@dataclass(frozen=True)
class Call:
    """One question to ask."""

    id: str
    question: str


@dataclass(frozen=True)
class CallList:
    """Each part in the questionnaire's order. A question stands for its follow-ups too."""

    front_desk: tuple[Call, ...] = ()
    clinician: tuple[Call, ...] = ()
    """Never shown to the front desk: how many there are is all that it may know."""

    def __len__(self) -> int:
        return len(self.front_desk) + len(self.clinician)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, assessment: Mapping[str, Any]) -> CallList:
        """The call list in a stored assessment; empty in one that was stored before there were call lists."""
        stored = assessment.get("call_list", {})
        return cls(**{part: tuple(Call(**call) for call in calls) for part, calls in stored.items()})


def call_list(ruleset: RuleSet, answers: Answers) -> CallList:
    """What to ask, in the language of the moment. Takes a second where dozens of questions are open."""
    front_desk, clinician = ruleset.call_list_for(answers)
    return CallList(_worded(front_desk), _worded(clinician))


def with_more(ruleset: RuleSet, calls: CallList, fields: Collection[str]) -> CallList:
    """A call list with some more open questions, in the questionnaire's order and the language of the moment."""
    listed = {call.id for call in (*calls.front_desk, *calls.clinician)}
    if listed.issuperset(fields):
        return calls
    every = [field for field in ruleset.fields.values() if field.id in listed.union(fields)]
    return CallList(
        _worded(tuple(field.id for field in every if not field.clinician_only)),
        _worded(tuple(field.id for field in every if field.clinician_only)),
    )


def _worded(fields: tuple[str, ...]) -> tuple[Call, ...]:
    return tuple(Call(field, _question(field)) for field in fields)


def _question(field: str) -> str:
    question = QUESTIONS.get(field)
    return str(asked(question).text) if question else str(_("What is your date of birth?"))
