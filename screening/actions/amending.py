"""Answers that a person gives later, by telephone: the case is assessed anew, and what it was before is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from rules import State, Tier
from screening.actions.alerts import raise_alert
from screening.actions.assessing import Assessed, assess_answers, foresee, on_path
from screening.actions.open_draft import allowed
from screening.actions.re_review import settle
from screening.actions.telling import tell_staff
from screening.actions.unit import Actor, Missing, Unit, unit_of_work
from screening.models import Case, CaseAssessment, CaseFinding, db
from screening.provenance import BY, Channel, Given
from screening.rulebook import hold_in_force, ruleset

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


@dataclass(frozen=True)
class Amended:
    """What new answers led to. `reopened`: a decision rested on something that they changed."""

    before: Tier
    after: Tier
    changed: tuple[str, ...]
    reopened: bool = False
    conflicts: tuple[str, ...] = ()
    """Questions to which somebody else keyed in another answer meanwhile, which stays."""


def amend_answers(*, case_id: int, values: Mapping[str, Any], seen: int, by: Actor) -> Amended:
    """Put what was said by telephone in place of answers of a case.

    `values` are answers by field id, None for one left blank; `seen` is the number of the assessment that was read.
    Raises Missing, or rules.AnswerError for an answer that cannot stand beside the others.
    """
    case = db.session.get(Case, case_id)
    if case is None:
        raise Missing(f"Case {case_id}")
    # Searching for the call list takes up to a second: others need not wait to write.
    foreseen = foresee(_amended(case, _news(case, values, seen)[0]))
    with unit_of_work(by) as unit:
        hold_in_force()
        case = unit.lock(Case, case_id)
        news, conflicts = _news(case, values, seen)
        if not news:
            return Amended(Tier(case.tier), Tier(case.tier), (), conflicts=conflicts)
        answers = _amended(case, news)
        given = _given(unit, case, answers, list(news))
        assessed = assess_answers(
            answers, language=case.language, foreseen=foreseen, put_next=_never_put(answers, given)
        )
        before, after = Tier(case.tier), assessed.assessment.tier
        reopened = _replace(unit, case, assessed, given)
        unit.audit("case.amended", case, fields=sorted(news), before=before.name, after=after.name, reopened=reopened)
        return Amended(before, after, tuple(news), reopened, conflicts)


def _news(case: Case, values: Mapping[str, Any], seen: int) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Those of the values that somebody changed from what they saw, and the fields that somebody else changed since."""
    shown = _answers_at(case, seen)
    own = {field: value for field, value in values.items() if shown.get(field) != value != case.answers.get(field)}
    conflicts = tuple(field for field in own if case.answers.get(field) != shown.get(field))
    return {field: value for field, value in own.items() if field not in conflicts}, conflicts


def _answers_at(case: Case, number: int) -> Mapping[str, Any]:
    if number == case.assessment_number:
        return case.answers
    earlier = (CaseAssessment.case_id == case.id, CaseAssessment.number == number)
    answers: Mapping[str, Any] | None = db.session.scalar(select(CaseAssessment.answers).where(*earlier))
    if answers is None:
        raise Missing(f"Assessment {number} of case {case.id}")
    return answers


def _amended(case: Case, values: Mapping[str, Any]) -> dict[str, Any]:
    together = {**allowed(case.answers), **values}
    ruleset().check_answers(together)
    return on_path(together)


def _given(unit: Unit, case: Case, answers: Mapping[str, Any], changed: list[str]) -> dict[str, Any]:
    """Who gave each answer. One that was off the path between has to be asked for again, and is nobody's."""
    source = Given(Channel.PHONE, "staff", unit.by.name, unit.now).to_json()
    before = _as_sent(case) if case.given is None else case.given
    stays = {field: given for field, given in before.items() if field in case.answers}
    return {field: given for field, given in {**stays, **dict.fromkeys(changed, source)}.items() if field in answers}


def _as_sent(case: Case) -> dict[str, Any]:
    """Where the answers of a case came from that was stored before this was kept."""
    by = BY.get(str(case.answers.get("completed_by")), "patient")
    return dict.fromkeys(case.answers, Given(Channel(case.channel), by, "", case.submitted_at).to_json())


def _never_put(answers: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """What these answers open, or newer rules ask for, and nobody has asked the person."""
    path = ruleset().path(answers)
    new = answers.keys() - given.keys() - {"age_years"}
    return [field for field in answers if field in new and path[field].state is State.UNANSWERED]


def _replace(unit: Unit, case: Case, assessed: Assessed, given: dict[str, Any]) -> bool:
    """The new assessment takes the place of the old one. Returns whether that reopens a decision."""
    assessment = assessed.assessment
    rests_changed = _rests_on(case.tier, case.findings) != _rests_on(assessment.tier, assessed.findings)
    reopened = rests_changed and case.reviewed_at is not None
    _keep(unit, case, reopened)
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
    tell_staff(unit, case.draft, assessment, case.answers)
    return reopened


def _rests_on(tier: int, findings: list[CaseFinding]) -> tuple[int, frozenset[tuple[str, int, str]]]:
    """What a decision rests on: the tier, and each finding with its tier and its grounds."""
    return int(tier), frozenset((found.rule, int(found.tier), str(found.basis)) for found in findings)


def _keep(unit: Unit, case: Case, reopened: bool) -> None:
    db.session.add(
        CaseAssessment(
            case_id=case.id,
            number=case.assessment_number,
            findings=[finding.detail for finding in case.findings],
            replaced_at=unit.now,
            replaced_by_id=unit.by.user_id,
            replaced_name=unit.by.name,
            reopened=reopened,
            **{name: getattr(case, name) for name in KEPT},
        )
    )
