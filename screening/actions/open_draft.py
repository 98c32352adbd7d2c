"""An open draft: its answers so far, and the hold on it that every write to it begins with."""

from __future__ import annotations

from typing import Any

from rules import AnswerError, Assessment
from screening import clock
from screening.actions.unit import Missing, Unit
from screening.clinic import current_clinic
from screening.identity import age_on
from screening.models import Draft
from screening.rulebook import ruleset


def lock_open(unit: Unit, draft_id: int) -> Draft:
    """The draft, held for this transaction. Raises Missing if it is not there, or was submitted."""
    draft = unit.lock(Draft, draft_id)
    if draft.closed_at is not None:
        raise Missing(f"Draft {draft_id} is closed")
    return draft


def answers_so_far(draft: Draft) -> dict[str, Any]:
    """All that was answered, off the path too, with today's age in place of the date of birth.

    An answer that the rules in force do not allow any more is left out, so that its question is asked again.
    """
    today = current_clinic().today(clock.now())
    answers = {"age_years": age_on(draft.identity.get("date_of_birth"), today), **draft.answers}
    while True:
        try:
            ruleset().check_answers(answers)
        except AnswerError as refused:
            del answers[refused.field]
        else:
            return answers


def assess_so_far(draft: Draft) -> Assessment:
    """What the rules say while the form is being filled in: what was not shown counts as not asked."""
    answers = answers_so_far(draft)
    return ruleset().assess(answers, reached=answers.keys())
