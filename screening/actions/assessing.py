"""Answers assessed as a case keeps them: the record, the findings as worded, the scores, whom to ask what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale

from rules import Assessment, State
from rules.model import ENGLISH
from screening import questions
from screening.call_list import CallList, call_list, with_more
from screening.identity import under_18
from screening.models import CaseFinding
from screening.record import Record, as_seen, build_record, finding_texts
from screening.rulebook import in_force_sha256, ruleset
from screening.scores import with_scores
from screening.translation import is_approved

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Foreseen:
    """A call list that was made before a write began, so that no other write waits for the search."""

    answers: dict[str, Any]
    rules: str
    """The hash of the set that it was made with."""
    calls: CallList


@dataclass(frozen=True)
class Assessed:
    """What answers come to under the rules in force: `columns` are a case's, and `findings` its rows."""

    assessment: Assessment
    columns: dict[str, Any]
    findings: list[CaseFinding]


def on_path(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the answers that are asked for, with None for what was left unanswered."""
    path = ruleset().path(answers)
    return {field: given.value for field, given in path.items() if given.state is not State.NOT_ASKED}


def foresee(answers: dict[str, Any]) -> Foreseen:
    return Foreseen(answers, in_force_sha256(), _calls(answers))


def assess_answers(
    answers: dict[str, Any], *, language: str, foreseen: Foreseen | None, put_next: Collection[str] = NOTHING
) -> Assessed:
    """Assess answers on the path. `put_next` are open questions that stand on the call list whatever they decide."""
    stands = foreseen and (foreseen.answers, foreseen.rules) == (answers, in_force_sha256())
    calls = foreseen.calls if foreseen and stands else _calls(answers)
    assessment = ruleset().assess(answers)
    with force_locale(ENGLISH):
        record = build_record(ruleset(), answers)
        findings = _findings(assessment, record, under_18(ruleset(), answers))
        calls = with_more(ruleset(), calls, put_next)
    # What was asked in an instrument's own words depends on the language.
    with force_locale(language):
        scored = with_scores(assessment.to_json(), ruleset(), answers, calls)
    columns = {
        "answers": dict(answers),
        "record": record.to_json(),
        "as_seen": as_seen(ruleset(), answers, assessment, language, approved=is_approved(language)),
        "assessment": scored,
        "tier": assessment.tier,
        "flagged": assessment.flagged,
        "a04": assessment.fired("A04") is not None,
        "rests_on_unknown": assessment.rests_on_unknown,
        "incomplete": bool(assessment.incomplete),
        "out_of_scope": assessment.out_of_scope,
        "questionnaire_version": questions.VERSION,
        "questionnaire_sha256": questions.questionnaire_sha256(),
        "ruleset_version": assessment.version,
        "ruleset_sha256": assessment.sha256,
    }
    return Assessed(assessment, columns, findings)


def _calls(answers: Mapping[str, Any]) -> CallList:
    with force_locale(ENGLISH):
        return call_list(ruleset(), answers)


def _findings(assessment: Assessment, record: Record, minor: bool) -> list[CaseFinding]:
    texts = finding_texts(ruleset(), assessment, record, minor)
    return [
        CaseFinding(position=position, rule=found.rule, tier=found.tier, basis=found.basis, detail=text.to_json())
        for position, (found, text) in enumerate(zip(assessment.findings, texts, strict=True))
    ]
