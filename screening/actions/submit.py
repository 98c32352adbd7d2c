"""Submission: a draft becomes a case, once, in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select

from rules import Assessment, State, Tier
from rules.model import ENGLISH
from screening import journey, questions
from screening.actions.alerts import raise_alert
from screening.actions.open_draft import answers_so_far
from screening.actions.telling import tell
from screening.actions.unit import Actor, Missing, Unit, unit_of_work
from screening.call_list import CallList, call_list
from screening.crypto import exact_token, name_tokens
from screening.identity import under_18
from screening.models import Case, CaseFinding, Draft, Patient, SearchToken, db
from screening.questions.spec import Page
from screening.record import Record, as_seen, build_record, finding_texts
from screening.rulebook import hold_in_force, in_force_sha256, ruleset
from screening.scores import with_scores
from screening.translation import is_approved

REFERENCE_ALPHABET = "34679CDFGHJKMNPQRTWXY"
"""No letters or figures that look or sound like another, and no vowels to make words of."""
REFERENCE_PART = 4
SEARCHED_WHOLE = {"date_of_birth": "dob", "phone": "phone", "email": "email"}
"""What a person is found by as a whole: the part of the identity, and the kind of its token."""


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
        stands = foreseen and (foreseen.answers, foreseen.rules) == (answers, in_force_sha256())
        return _make_case(unit, draft, answers, foreseen.calls if foreseen and stands else None)


@dataclass(frozen=True)
class _Foreseen:
    answers: dict[str, Any]
    rules: str
    """The hash of the set that the call list was made with."""
    calls: CallList


def _foresee(draft_id: int) -> _Foreseen | None:
    """The call list that the case will have, if its answers stay as they are: no other write waits for the search."""
    draft = db.session.get(Draft, draft_id)
    if draft is None or draft.closed_at is not None:
        return None
    try:
        answers = _complete_answers(draft)
    except Unfinished:
        return None
    return _Foreseen(answers, in_force_sha256(), _calls(answers))


def _calls(answers: Mapping[str, Any]) -> CallList:
    with force_locale(ENGLISH):
        return call_list(ruleset(), answers)


def _complete_answers(draft: Draft) -> dict[str, Any]:
    """The answers on the path, checked once more, with the age. Raises Unfinished."""
    answers = answers_so_far(draft)
    missing = journey.first_unfinished(ruleset(), answers, draft.identity)
    if missing is not None:
        raise Unfinished(missing)
    path = ruleset().path(answers)
    return {field: given.value for field, given in path.items() if given.state is not State.NOT_ASKED}


def _make_case(unit: Unit, draft: Draft, answers: Mapping[str, Any], calls: CallList | None) -> Case:
    assessment = ruleset().assess(answers)
    with force_locale(ENGLISH):
        record = build_record(ruleset(), answers)
        findings = _findings(assessment, record, under_18(ruleset(), answers))
    case = Case(
        reference=_reference(),
        draft_id=draft.id,
        patient=_patient(unit, draft.identity),
        answers=dict(answers),
        given=draft.given,
        filled_on=draft.filled_on,
        record=record.to_json(),
        as_seen=as_seen(ruleset(), answers, assessment, draft.language, approved=is_approved(draft.language)),
        assessment=_scored(draft, answers, assessment, calls),
        tier=assessment.tier,
        flagged=assessment.flagged,
        a04=assessment.fired("A04") is not None,
        rests_on_unknown=assessment.rests_on_unknown,
        incomplete=bool(assessment.incomplete),
        out_of_scope=assessment.out_of_scope,
        channel=draft.channel,
        origin=draft.origin,
        language=draft.language,
        demo=current_app.extensions["settings"].demo,
        questionnaire_version=questions.VERSION,
        questionnaire_sha256=questions.questionnaire_sha256(),
        ruleset_version=assessment.version,
        ruleset_sha256=assessment.sha256,
        submitted_at=unit.now,
        findings=findings,
    )
    db.session.add(case)
    draft.tier = assessment.tier
    raise_alert(unit, draft, assessment, at_least=Tier.URGENT)
    tell(unit, draft, assessment)
    draft.last_activity_at = draft.closed_at = unit.now
    unit.audit("case.submitted", case, tier=assessment.tier.name, rules=[found.rule for found in assessment.findings])
    return case


def _scored(draft: Draft, answers: Mapping[str, Any], assessment: Assessment, calls: CallList | None) -> dict[str, Any]:
    calls = _calls(answers) if calls is None else calls
    # What was asked in an instrument's own words depends on the language.
    with force_locale(draft.language):
        return with_scores(assessment.to_json(), ruleset(), answers, calls)


def _findings(assessment: Assessment, record: Record, under_18: bool) -> list[CaseFinding]:
    texts = finding_texts(ruleset(), assessment, record, under_18)
    return [
        CaseFinding(position=position, rule=found.rule, tier=found.tier, basis=found.basis, detail=text.to_json())
        for position, (found, text) in enumerate(zip(assessment.findings, texts, strict=True))
    ]


def _patient(unit: Unit, identity: Mapping[str, Any]) -> Patient:
    tokens = [SearchToken(kind="name", token=token) for token in sorted(name_tokens(identity.get("full_name") or ""))]
    tokens += [
        SearchToken(kind=kind, token=exact_token(kind, identity[part]))
        for part, kind in SEARCHED_WHOLE.items()
        if identity.get(part)
    ]
    return Patient(identity=dict(identity), created_at=unit.now, tokens=tokens)


def _reference() -> str:
    """A reference that no other case has, such as 7KXM-3TRW: random, and easy to say over the phone."""
    while True:
        marks = [secrets.choice(REFERENCE_ALPHABET) for _ in range(2 * REFERENCE_PART)]
        reference = "".join(marks[:REFERENCE_PART]) + "-" + "".join(marks[REFERENCE_PART:])
        if db.session.scalar(select(Case.id).where(Case.reference == reference)) is None:
            return reference
