"""An open draft: its answers so far, and the hold on it that every write to it begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete

from rules import AnswerError, Assessment
from screening import clock
from screening.actions.unit import Missing, Unit
from screening.clinic import current_clinic
from screening.identity import age_on
from screening.models import Draft, HeldPost, db
from screening.rulebook import ruleset


def lock_open(unit: Unit, draft_id: int) -> Draft:
    """The draft, held for this transaction. Raises Missing if it is not there, or was submitted."""
    draft = unit.lock(Draft, draft_id)
    if draft.closed_at is not None:
        raise Missing(f"Draft {draft_id} is closed")
    return draft


def release(draft_id: int, page: str) -> None:
    """Within a write: forget what was held of a page."""
    db.session.execute(delete(HeldPost).where(HeldPost.draft_id == draft_id, HeldPost.page == page))


def answers_so_far(draft: Draft) -> dict[str, Any]:
    """All that was answered, off the path too, with today's age in place of the date of birth.

    An answer that the rules in force do not allow any more is left out, so that its question is asked again.
    """
    today = current_clinic().today(clock.now())
    return allowed({"age_years": age_on(draft.identity.get("date_of_birth"), today), **draft.answers})


def allowed(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the answers that the rules in force allow, alone and together."""
    kept = dict(answers)
    while True:
        try:
            ruleset().check_answers(kept)
        except AnswerError as refused:
            del kept[refused.field]
        else:
            return kept


def assess_so_far(draft: Draft) -> Assessment:
    """What the rules say while the form is being filled in: what was not shown counts as not asked."""
    answers = answers_so_far(draft)
    return ruleset().assess(answers, reached=answers.keys())
