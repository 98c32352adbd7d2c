"""What the person at a form is told, kept with the form, and the proof of what was shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select

from rules import Assessment, State, Tier
from rules.model import ENGLISH
from screening import journey, questions
from screening.actions.open_draft import answers_so_far
from screening.actions.unit import Unit
from screening.clinic import Clinic, current_clinic
from screening.models import Case, Draft, Notice, db
from screening.notices import Kind, Message, messages, rules_at, situation
from screening.provenance import Channel
from screening.rulebook import ruleset

TOLD_AT = {Kind.EMERGENCY: Tier.EMERGENCY, Kind.URGENT: Tier.URGENT}


@dataclass(frozen=True)
class Told:
    emergency_new: bool
    """There is a rule at EMERGENCY of which this person was not told before."""
    urgent_new: bool


def tell(unit: Unit, draft: Draft, assessment: Assessment) -> Told:
    """Work out what the person is told from now on, keep it in draft.told, and note what the next page shows."""
    before = draft.told
    emergencies, urgents = rules_at(assessment, Tier.EMERGENCY), rules_at(assessment, Tier.URGENT)
    told = Told(
        emergency_new=not set(emergencies) <= set(before.get("emergency", ())),
        urgent_new=not set(urgents) <= set(before.get("urgent", ())),
    )
    call_by = _call_by(before, current_clinic(), unit.now) if urgents else None
    due = _due(draft, assessment, call_by)
    if not told.emergency_new:
        # The emergency page stays as it was shown, and can be opened again even after the answer changed.
        kept = [Message.from_json(one) for one in before.get("messages", ()) if one["kind"] == Kind.EMERGENCY]
        due = [*kept, *(message for message in due if message.kind != Kind.EMERGENCY)]
    draft.told = {
        "emergency": sorted({*before.get("emergency", ()), *emergencies}),
        "urgent": sorted({*before.get("urgent", ()), *urgents}),
        "urgent_new": told.urgent_new,
        "call_by": call_by.isoformat() if call_by else None,
        "messages": [message.to_json() for message in due],
    }
    note_shown(unit, draft, due[:1] if told.emergency_new else due)
    return told


def tell_again(unit: Unit, draft: Draft, assessment: Assessment) -> None:
    """Word what the person is told once more, in the form's language as it is now.

    An emergency whose answers were changed back stays as it was shown.
    """
    promised = draft.told.get("call_by")
    due = _due(draft, assessment, datetime.fromisoformat(promised) if promised else None)
    worded = {message.kind for message in due}
    kept = [
        one for one in draft.told.get("messages", ()) if one["kind"] == Kind.EMERGENCY and one["kind"] not in worded
    ]
    draft.told = {**draft.told, "messages": [*kept, *(message.to_json() for message in due)]}
    note_shown(unit, draft, due)


def tell_staff(unit: Unit, case: Case, assessment: Assessment) -> None:
    """What staff are to say to the person of a case that was assessed anew, kept in its draft.told["by_phone"].

    What the person was told before, at the form, is not said again.
    """
    draft, before = case.draft, case.draft.told
    found = {kind: rules_at(assessment, tier) for kind, tier in TOLD_AT.items()}
    fresh = any(not set(rules) <= set(before.get(kind, ())) for kind, rules in found.items())
    due: list[Message] = []
    if fresh or before.get("by_phone"):
        call_by = _call_by(before, current_clinic(), unit.now) if found[Kind.URGENT] else None
        worded = _due(draft, assessment, call_by, case.answers, corrected=case.patient.identity)
        due = [message for message in worded if message.kind in found]
    told = {str(kind): sorted({*before.get(kind, ()), *rules}) for kind, rules in found.items()}
    draft.told = {**before, **told, "by_phone": [message.to_json() for message in due]}
    note_shown(unit, draft, due)


def note_shown(unit: Unit, draft: Draft, shown: Iterable[Message]) -> None:
    """Keep proof of each message that the person has not been shown before, word for word."""
    fresh = [(message, _as_shown(message)) for message in shown]
    if not fresh:
        return
    known = [
        (notice.kind, notice.shown_to, notice.text)
        for notice in db.session.scalars(select(Notice).where(Notice.draft_id == draft.id))
    ]
    for message, text in fresh:
        if (message.kind, message.shown_to, text) not in known:
            db.session.add(
                Notice(
                    draft_id=draft.id,
                    kind=str(message.kind),
                    shown_to=str(message.shown_to),
                    text=text,
                    shown_at=unit.now,
                )
            )


def _as_shown(message: Message) -> dict[str, Any]:
    reasons = [message.reasons_heading, *message.reasons] if message.reasons else []
    lines = [message.heading, *message.lines, *reasons, *(call.text for call in message.calls)]
    return {"rules": list(message.rules), "lines": lines, "language": message.language}


def untold_emergency(draft: Draft, assessment: Assessment, answers: Mapping[str, Any]) -> Message | None:
    """What to do now, for somebody whose `answers` cannot be saved yet: nothing of what is stored shows in it."""
    if set(rules_at(assessment, Tier.EMERGENCY)) <= set(draft.told.get("emergency", ())):
        return None
    due = _due(draft, assessment, None, answers)
    return next((replace(message, reasons=()) for message in due if message.kind == Kind.EMERGENCY), None)


def _due(
    draft: Draft,
    assessment: Assessment,
    call_by: datetime | None,
    given: Mapping[str, Any] | None = None,
    *,
    corrected: Mapping[str, Any] | None = None,
) -> list[Message]:
    """`corrected` is the identity as staff know it now, who say it all; without it the person's own is in the draft."""
    by_staff = corrected is not None or Channel(draft.channel).by_staff
    identity = draft.identity if corrected is None else corrected
    answers = answers_so_far(draft) if given is None else given
    path = ruleset().path(answers, reached=answers.keys())
    at = situation(
        clinic=current_clinic(),
        ruleset=ruleset(),
        values={field: given.value for field, given in path.items() if given.state is not State.NOT_ASKED},
        phone=identity.get("phone") or (draft.contact or {}).get("phone") or "",
        no_phone=bool(identity.get("no_phone")),
        told=draft.told.get("emergency", ()),
        call_by=call_by,
        mood_reached=_mood_reached(draft, answers),
        keyed_by_staff=by_staff,
    )
    # Staff who key in what is on paper read English, whatever the paper was written in.
    with force_locale(ENGLISH if by_staff else draft.language):
        return list(messages(ruleset(), assessment, at))


def _mood_reached(draft: Draft, answers: Mapping[str, Any]) -> bool:
    """Whether the person has come to a page that carries the crisis line."""
    here = journey.first_unfinished(ruleset(), answers, draft.identity)
    pages = [page for page in questions.PAGES.values() if page.crisis_line]
    return here is None or here in pages or any(q.id in draft.answers for page in pages for q in page.questions)


def _call_by(before: Mapping[str, Any], clinic: Clinic, now: datetime) -> datetime | None:
    """When the clinic promises to call by. A promise made today stands."""
    promised = before.get("call_by")
    if promised is not None:
        moment = datetime.fromisoformat(promised)
        if clinic.today(moment) == clinic.today(now):
            return moment
    return clinic.call_back_by(now)
