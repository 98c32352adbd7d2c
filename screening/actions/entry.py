"""Forms that staff key in, from paper or by telephone. They are drafts like any other, marked as the clinic's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from screening.actions import drafts
from screening.actions.drafts import Saved
from screening.actions.open_draft import lock_open
from screening.actions.submit import submit
from screening.actions.unit import Actor, Missing, unit_of_work
from screening.models import Case, Draft
from screening.provenance import Channel

ORIGINS = {Channel.PAPER: "Paper form", Channel.PHONE: "Telephone"}


def begin(*, channel: Channel, identity: Mapping[str, Any], filled_on: date | None, language: str, by: Actor) -> Saved:
    """Begin to key in a form. `identity` is as far as known. Consent is stated when it is sent (see send)."""
    draft = drafts.start_draft(
        identity={},
        channel=channel,
        origin=ORIGINS[channel],
        language=language,
        filled_on=filled_on if channel is Channel.PAPER else None,
        by=by,
    )
    return drafts.save_identity(draft_id=draft.id, identity=identity, by=by)


def load(draft_id: int) -> Draft:
    """A form that staff are keying in. Raises Missing for any other: staff never open a patient's own form."""
    return _own(drafts.load(draft_id))


def save_page(*, draft_id: int, values: Mapping[str, Any], by: Actor) -> Saved:
    """Keep the answers of one page; None is one that was left blank. Raises Missing, or AnswerError."""
    return drafts.save_page(draft_id=load(draft_id).id, values=values, by=by)


def save_identity(*, draft_id: int, identity: Mapping[str, Any], by: Actor) -> Saved:
    """Keep a part of who the person is, as far as known. Raises Missing."""
    return drafts.save_identity(draft_id=load(draft_id).id, identity=identity, by=by)


def note_call(*, draft_id: int, by: Actor) -> Draft:
    """A member of staff has read whom to call, and goes on keying. Raises Missing."""
    return drafts.go_on(draft_id=load(draft_id).id, by=by)


def send(*, draft_id: int, by: Actor) -> Case:
    """Send a form whose consent is on paper, or was spoken, or find the case that was made of it.

    Raises Missing, or submit.Unfinished.
    """
    with unit_of_work(by) as unit:
        draft = _own(unit.lock(Draft, draft_id))
        if draft.closed_at is None:
            draft.consented_at = unit.now
            unit.audit("draft.consent_stated", draft)
    return submit(draft_id=draft_id, by=by)


def discard(*, draft_id: int, by: Actor) -> None:
    """Put away a form that was begun by mistake. Its row, its alert and what was told stay. Raises Missing."""
    with unit_of_work(by) as unit:
        draft = _own(lock_open(unit, draft_id))
        draft.closed_at = unit.now
        unit.audit("draft.discarded", draft)


def _own(draft: Draft) -> Draft:
    if not Channel(draft.channel).by_staff:
        raise Missing(f"Draft {draft.id} is the patient's own")
    return draft
