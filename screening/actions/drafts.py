"""A screening while it is being filled in. Every save assesses the answers so far, alerts and tells, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rules import Assessment, Tier
from screening import journey, questions
from screening.actions import return_codes
from screening.actions.alerts import raise_alert
from screening.actions.open_draft import answers_so_far, assess_so_far, lock_open, release
from screening.actions.telling import note_shown, tell
from screening.actions.unit import Actor, Missing, Unit, unit_of_work
from screening.clinic import current_clinic
from screening.models import Draft, db
from screening.notices import Message
from screening.provenance import Channel, answered_by, given_by
from screening.questions.spec import Page
from screening.rulebook import ruleset

__all__ = [
    "Saved",
    "answers_so_far",
    "begin",
    "first_unfinished",
    "go_on",
    "load",
    "messages_of",
    "save_identity",
    "save_page",
    "start_draft",
]


@dataclass(frozen=True)
class Saved:
    """What a save led to. `show_emergency`: there is an emergency that this person was not told of before."""

    draft: Draft
    assessment: Assessment
    show_emergency: bool
    urgent_new: bool


def load(draft_id: int) -> Draft:
    """An open draft. Raises Missing if it is not there, or was submitted."""
    draft = db.session.get(Draft, draft_id)
    if draft is None or draft.closed_at is not None:
        raise Missing(f"Draft {draft_id}")
    return draft


def first_unfinished(draft: Draft) -> Page | None:
    """The first page on the path that still needs an answer; None when all is answered."""
    return journey.first_unfinished(ruleset(), answers_so_far(draft), draft.identity)


def messages_of(draft: Draft) -> tuple[Message, ...]:
    """What the person at this form is told at the moment."""
    return tuple(Message.from_json(message) for message in draft.told.get("messages", ()))


def start_draft(
    *,
    identity: Mapping[str, Any],
    channel: str,
    origin: str,
    language: str,
    by: Actor,
    kiosk_id: int | None = None,
    filled_on: date | None = None,
) -> Draft:
    """Begin a screening: with the person's consent and date of birth, or from what staff have on paper or are told."""
    with unit_of_work(by) as unit:
        draft = begin(unit, identity=identity, channel=channel, origin=origin, language=language)
        draft.entered_by_id, draft.kiosk_id, draft.filled_on = by.user_id, kiosk_id, filled_on
        if not Channel(channel).by_staff:
            lasts = timedelta(days=current_clinic().draft_days)
            return_codes.issue(unit, draft_id=draft.id, expires_at=unit.now + lasts)
        return draft


def begin(unit: Unit, *, identity: Mapping[str, Any], channel: str, origin: str, language: str) -> Draft:
    """A new form within a write that is under way. It has no code of its own yet."""
    draft = Draft(
        identity=dict(identity),
        answers={},
        channel=channel,
        origin=origin,
        language=language,
        questionnaire_version=questions.VERSION,
        told={},
        consented_at=unit.now,
        started_at=unit.now,
        last_activity_at=unit.now,
    )
    db.session.add(draft)
    unit.audit("draft.started", draft, channel=channel)
    return draft


def save_page(*, draft_id: int, values: Mapping[str, Any], page: str | None = None, by: Actor) -> Saved:
    """Keep the answers of one page beside those of all others. Raises Missing, or AnswerError for a wrong value.

    `page` is the id of a page that was sent whole: what was held of it has done its part.
    """
    with unit_of_work(by) as unit:
        ruleset().check_answers(values)
        draft = lock_open(unit, draft_id)
        changed = [
            field for field, value in values.items() if field not in draft.answers or draft.answers[field] != value
        ]
        draft.answers = {**draft.answers, **values}
        draft.given = given_by(
            draft.given,
            changed,
            channel=draft.channel,
            completed_by=draft.answers.get("completed_by"),
            name=by.name,
            at=unit.now,
        )
        if "completed_by" in changed and Channel(draft.channel).by_staff:
            draft.given = answered_by(draft.given, draft.answers["completed_by"])
        unit.audit("draft.saved", draft, fields=sorted(values))
        return _consider(unit, draft, page)


def save_identity(*, draft_id: int, identity: Mapping[str, Any], page: str | None = None, by: Actor) -> Saved:
    """Keep a part of who the person is. A new date of birth may open or close questions. Raises Missing.

    `page` is as for save_page.
    """
    with unit_of_work(by) as unit:
        draft = lock_open(unit, draft_id)
        draft.identity = {**draft.identity, **identity}
        unit.audit("draft.identity_saved", draft, fields=sorted(identity))
        return _consider(unit, draft, page)


def go_on(*, draft_id: int, by: Actor) -> Draft:
    """The person leaves the emergency page for the questions, where the messages stay. Raises Missing."""
    with unit_of_work(by) as unit:
        draft = lock_open(unit, draft_id)
        draft.last_activity_at = unit.now
        note_shown(unit, draft, messages_of(draft))
        unit.audit("draft.went_on", draft)
        return draft


def _consider(unit: Unit, draft: Draft, page_sent: str | None) -> Saved:
    if page_sent is not None:
        release(draft.id, page_sent)
    if draft.questionnaire_version != questions.VERSION:
        unit.audit("draft.form_changed", draft, before=draft.questionnaire_version, after=questions.VERSION)
        draft.questionnaire_version = questions.VERSION
    assessment = assess_so_far(draft)
    draft.last_activity_at = unit.now
    draft.tier = assessment.tier
    by_staff = Channel(draft.channel).by_staff
    raise_alert(unit, draft, assessment, at_least=Tier.URGENT if by_staff else Tier.EMERGENCY)
    told = tell(unit, draft, assessment)
    page = first_unfinished(draft)
    draft.reached = page.id if page else None
    return Saved(draft, assessment, told.emergency_new, told.urgent_new)
