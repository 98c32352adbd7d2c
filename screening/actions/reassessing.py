"""A case assessed anew: what it was before is kept, and a decision is taken again where it rested on what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import delete

from rules import State, Tier
from screening.actions.alerts import raise_alert
from screening.actions.assessing import Foreseen, assess_answers
from screening.actions.re_review import settle
from screening.actions.telling import tell_staff
from screening.actions.unit import Unit
from screening.models import Case, CaseAssessment, CaseFinding, db
from screening.provenance import BY, Channel, Given
from screening.rulebook import ruleset

KEPT = (
    "answers",
    "given",
    "record",
    "as_seen",
    "assessment",
    "tier",
    "questionnaire_version",
    "ruleset_version",
    "ruleset_sha256",
)
"""What an earlier assessment keeps of its case."""


def reassess(
    unit: Unit,
    case: Case,
    answers: dict[str, Any],
    *,
    given: dict[str, Any],
    foreseen: Foreseen | None,
    correction_id: int | None = None,
) -> bool:
    """Within a write that holds the case and the rules in force: a new assessment takes the place of the old one.

    `answers` are all on the path, and `given` says who gave them. Returns whether that reopens a decision.
    """
    put_next = _never_put(answers, given)
    assessed = assess_answers(answers, language=case.language, foreseen=foreseen, put_next=put_next)
    assessment = assessed.assessment
    rests_changed = _rests_on(case.tier, case.findings) != _rests_on(assessment.tier, assessed.findings)
    reopened = rests_changed and case.reviewed_at is not None
    _keep(unit, case, reopened, correction_id)
    db.session.flush()
    db.session.execute(delete(CaseFinding).where(CaseFinding.case_id == case.id))
    db.session.expire(case, ["findings"])
    for name, value in {**assessed.columns, "given": given}.items():
        setattr(case, name, value)
    case.findings = assessed.findings
    case.assessment_number += 1
    if rests_changed:
        case.decisions_from, case.reviewed_at = case.assessment_number, None
    case.draft.tier = assessment.tier
    settle(unit, case)
    raise_alert(unit, case.draft, assessment, at_least=Tier.URGENT)
    tell_staff(unit, case, assessment)
    return reopened


def sources_of(case: Case) -> Mapping[str, Any]:
    """Who gave each answer of a case, by field."""
    return _as_sent(case) if case.given is None else case.given


def _as_sent(case: Case) -> dict[str, Any]:
    """Where the answers of a case came from that was stored before this was kept."""
    by = BY.get(str(case.answers.get("completed_by")), "patient")
    return dict.fromkeys(case.answers, Given(Channel(case.channel), by, "", case.submitted_at).to_json())


def _never_put(answers: Mapping[str, Any], given: Collection[str]) -> list[str]:
    """What these answers open, or newer rules ask for, and nobody has asked the person."""
    path = ruleset().path(answers)
    new = answers.keys() - {*given, "age_years"}
    return [field for field in answers if field in new and path[field].state is State.UNANSWERED]


def _rests_on(tier: int, findings: Iterable[CaseFinding]) -> tuple[int, frozenset[tuple[str, int, str]]]:
    """What a decision rests on: the tier, and each finding with its tier and its grounds."""
    return int(tier), frozenset((found.rule, int(found.tier), str(found.basis)) for found in findings)


def _keep(unit: Unit, case: Case, reopened: bool, correction_id: int | None) -> None:
    db.session.add(
        CaseAssessment(
            case_id=case.id,
            number=case.assessment_number,
            findings=[finding.detail for finding in case.findings],
            replaced_at=unit.now,
            replaced_by_id=unit.by.user_id,
            replaced_name=unit.by.name,
            reopened=reopened,
            correction_id=correction_id,
            **{name: getattr(case, name) for name in KEPT},
        )
    )
