"""Submission: a draft becomes a case, once, in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import current_app
from sqlalchemy import select

from rules import Tier
from screening import journey
from screening.actions.alerts import raise_alert
from screening.actions.assessing import Foreseen, assess_answers, foresee, on_path
from screening.actions.open_draft import answers_so_far
from screening.actions.telling import tell
from screening.actions.unit import Actor, Missing, Unit, unit_of_work
from screening.models import Case, Draft, Patient, SearchToken, db
from screening.questions.spec import Page
from screening.rulebook import hold_in_force, ruleset
from screening.search import tokens_of

REFERENCE_ALPHABET = "34679CDFGHJKMNPQRTWXY"
"""No letters or figures that look or sound like another, and no vowels to make words of."""
REFERENCE_PART = 4


class Unfinished(Exception):
    """The form cannot be sent yet. `page` is the first one that still needs an answer."""

    def __init__(self, page: Page) -> None:
        super().__init__(page.id)
        self.page = page


def submit(*, draft_id: int, by: Actor) -> Case:
    """Make the case of this draft, or find the one that was made. Raises Unfinished, or Missing."""
    foreseen = _foresee(draft_id)
    with unit_of_work(by) as unit:
        # A set put in force at this moment either assesses this case or finds it among the open ones.
        hold_in_force()
        draft = unit.lock(Draft, draft_id)
        case = db.session.scalar(select(Case).where(Case.draft_id == draft_id))
        if case is not None:
            return case
        if draft.closed_at is not None:
            raise Missing(f"Draft {draft_id} is closed")
        answers = _complete_answers(draft)
        return _make_case(unit, draft, answers, foreseen)


def _foresee(draft_id: int) -> Foreseen | None:
    """The call list that the case will have, if its answers stay as they are."""
    draft = db.session.get(Draft, draft_id)
    if draft is None or draft.closed_at is not None:
        return None
    try:
        return foresee(_complete_answers(draft))
    except Unfinished:
        return None


def _complete_answers(draft: Draft) -> dict[str, Any]:
    """The answers on the path, checked once more, with the age. Raises Unfinished."""
    answers = answers_so_far(draft)
    missing = journey.first_unfinished(ruleset(), answers, draft.identity)
    if missing is not None:
        raise Unfinished(missing)
    return on_path(answers)


def _make_case(unit: Unit, draft: Draft, answers: dict[str, Any], foreseen: Foreseen | None) -> Case:
    assessed = assess_answers(answers, language=draft.language, foreseen=foreseen)
    assessment = assessed.assessment
    case = Case(
        reference=_reference(),
        draft_id=draft.id,
        patient=_patient(unit, draft.identity),
        given=draft.given,
        filled_on=draft.filled_on,
        channel=draft.channel,
        origin=draft.origin,
        language=draft.language,
        demo=current_app.extensions["settings"].demo,
        submitted_at=unit.now,
        findings=assessed.findings,
        **assessed.columns,
    )
    db.session.add(case)
    draft.tier = assessment.tier
    raise_alert(unit, draft, assessment, at_least=Tier.URGENT)
    tell(unit, draft, assessment)
    draft.last_activity_at = draft.closed_at = unit.now
    unit.audit("case.submitted", case, tier=assessment.tier.name, rules=[found.rule for found in assessment.findings])
    return case


def _patient(unit: Unit, identity: Mapping[str, Any]) -> Patient:
    tokens = [SearchToken(kind=kind, token=token) for kind, token in sorted(tokens_of(identity))]
    return Patient(identity=dict(identity), created_at=unit.now, tokens=tokens)


def _reference() -> str:
    """A reference that no other case has, such as 7KXM-3TRW: random, and easy to say over the phone."""
    while True:
        marks = [secrets.choice(REFERENCE_ALPHABET) for _ in range(2 * REFERENCE_PART)]
        reference = "".join(marks[:REFERENCE_PART]) + "-" + "".join(marks[REFERENCE_PART:])
        if db.session.scalar(select(Case.id).where(Case.reference == reference)) is None:
            return reference
