"""Answers that a person gives later, by telephone: the case is assessed anew, and what it was before is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from rules import Tier
from screening.actions.assessing import foresee, on_path
from screening.actions.open_draft import allowed
from screening.actions.reassessing import reassess, sources_of
from screening.actions.unit import Actor, Missing, Unit, unit_of_work
from screening.models import Case, CaseAssessment, db
from screening.provenance import Channel, Given
from screening.rulebook import hold_in_force, ruleset


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
        before = Tier(case.tier)
        reopened = reassess(unit, case, answers, given=given, foreseen=foreseen)
        after = Tier(case.tier)
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
    stays = {field: given for field, given in sources_of(case).items() if field in case.answers}
    return {field: given for field, given in {**stays, **dict.fromkeys(changed, source)}.items() if field in answers}
