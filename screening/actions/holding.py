"""What was typed but could not be saved: kept encrypted for one form, until its person saves that page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, exists, or_, select

from rules import Tier
from screening.actions.alerts import raise_alert
from screening.actions.open_draft import allowed, answers_so_far, lock_open, release
from screening.actions.telling import note_shown, untold_emergency
from screening.actions.unit import Actor, unit_of_work
from screening.models import Draft, HeldPost, ReturnCode, db
from screening.notices import Message
from screening.rulebook import ruleset

LARGEST = 64 * 1024
"""Bytes of one held page: many times the longest text that a page takes."""

Typed = Mapping[str, Sequence[str]]
"""Texts by the name of the form's field."""


class TooLarge(ValueError):
    """More was sent than any page of ours holds."""


class Held(NamedTuple):
    """A page that waits. `settled`: nothing else was saved since, so that it may be saved as if it came just now."""

    page: str
    typed: dict[str, list[str]]
    settled: bool


def hold(*, draft_id: int, page: str, typed: Typed, answers: Mapping[str, Any], by: Actor) -> Message | None:
    """Keep what was typed on a page in place of what was held of it before. Raises Missing, or TooLarge.

    `answers` are those among it that are fit to save. What they add to a danger does not wait: the clinic is alerted,
    and the message that the person must see at once is returned.
    """
    if len(json.dumps(typed)) > LARGEST:
        raise TooLarge
    with unit_of_work(by) as unit:
        draft = lock_open(unit, draft_id)
        release(draft_id, page)
        db.session.add(HeldPost(draft_id=draft_id, page=page, form=dict(typed), held_at=unit.now))
        unit.audit("page.held", draft, page=page)
        together = allowed({**answers_so_far(draft), **answers})
        assessment = ruleset().assess(together, reached=together.keys())
        if assessment.tier < Tier.URGENT or assessment.tier <= draft.tier:
            return None
        raise_alert(unit, draft, assessment, at_least=Tier.URGENT)
        message = untold_emergency(draft, assessment, together)
        if message is not None:
            note_shown(unit, draft, [message])
        return message


def held_of(draft: Draft, page: str) -> dict[str, list[str]] | None:
    """What is held of a page of this form."""
    row = db.session.scalar(select(HeldPost).where(HeldPost.draft_id == draft.id, HeldPost.page == page))
    return None if row is None else dict(row.form)


def all_held(draft: Draft) -> list[Held]:
    """The pages of this form that wait, in the order in which they were sent."""
    rows = db.session.scalars(select(HeldPost).where(HeldPost.draft_id == draft.id).order_by(HeldPost.id))
    return [Held(row.page, dict(row.form), row.held_at >= draft.last_activity_at) for row in rows]


def purge_held(*, now: datetime, by: Actor) -> None:
    """Forget what nobody can claim any more: the form was sent, or its code has run out."""
    sent = exists().where(Draft.id == HeldPost.draft_id, Draft.closed_at.is_not(None))
    open_code = exists().where(ReturnCode.draft_id == HeldPost.draft_id, ReturnCode.expires_at > now)
    with unit_of_work(by):
        db.session.execute(delete(HeldPost).where(or_(sent, ~open_code)))
