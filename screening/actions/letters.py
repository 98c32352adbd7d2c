"""Letters to referrers: signed once, kept as they were signed, printed again as often as needed."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_date
from flask import current_app
from sqlalchemy import select

from screening import clock
from screening.actions.review import AmendedMeanwhile, DecidedMeanwhile, counting, decisions_of
from screening.actions.unit import Actor, Missing, unit_of_work
from screening.clinic import current_clinic
from screening.config import Settings
from screening.letter import LANGUAGE, Letter, prepare_letter
from screening.models import Case, Decision, ReferralLetter, db
from screening.pdf import Prepared
from screening.rulebook import is_signed, rules_approved
from screening.sealing import sealed
from screening.summary import summary_of


class NoDecision(Exception):
    """No decision counts, so there is nothing to write."""


class NotOwnDecision(Exception):
    """Somebody else signed the decision that counts: a letter that says "my decision" is theirs to sign."""


def sign_letter(
    *,
    case_id: int,
    recipient: tuple[str, ...],
    text: str,
    decision_seen: int,
    assessment_seen: int,
    by: Actor,
    wait: float | None = None,
) -> ReferralLetter:
    """Sign a letter that tells the decision that counts: the one that its writer signed, and read the case with.

    Raises NoDecision, NotOwnDecision, DecidedMeanwhile, AmendedMeanwhile, Missing; NotPrinted, or TimeoutError when it
    is not made within `wait` seconds: nothing is signed then.
    """
    case = db.session.get(Case, case_id, populate_existing=True)
    if case is None:
        raise Missing(f"Case {case_id}")
    _check(case, decision_seen, assessment_seen, by)
    at = clock.now()
    letter = _letter(case, recipient, text, at, by)
    prepared = _prepared(case, letter, at)
    # The press runs outside of any transaction that writes; what it stands on is compared again below.
    pdf = sealed(prepared.to_pdf(wait), at)
    with unit_of_work(by) as unit:
        case = unit.lock(Case, case_id)
        decision = _check(case, decision_seen, assessment_seen, by)
        if letter != _letter(case, recipient, text, at, by):
            raise AmendedMeanwhile(case_id)
        row = _row(case, decision, letter, prepared.mark, at)
        row.pdf, row.signed_name = pdf, by.name
        db.session.add(row)
        db.session.flush()
        unit.audit("case.letter_signed", case, letter=row.id, decision=decision.id)
    return row


def print_letter(*, case_id: int, letter_id: int, by: Actor) -> bytes:
    """A letter of the case as it was signed, noted as printed. Raises Missing."""
    with unit_of_work(by) as unit:
        query = select(ReferralLetter).where(ReferralLetter.id == letter_id, ReferralLetter.case_id == case_id)
        row = db.session.scalar(query)
        if row is None:
            raise Missing(f"ReferralLetter {letter_id} of case {case_id}")
        unit.audit("case.letter_printed", Case(id=case_id), letter=row.id)
        return row.pdf


def _row(case: Case, decision: Decision, letter: Letter, mark: str, at: datetime) -> ReferralLetter:
    return ReferralLetter(
        case_id=case.id,
        decision_id=decision.id,
        assessment_number=case.assessment_number,
        mark=mark,
        content=letter.to_json(),
        user_id=decision.user_id,
        signed_at=at,
    )


def _check(case: Case, decision_seen: int, assessment_seen: int, by: Actor) -> Decision:
    """The decision that the letter tells."""
    decisions = decisions_of(case)
    valid = counting(case, decisions)
    if not valid:
        raise NoDecision(case.id)
    if valid[-1].id != decision_seen:
        raise DecidedMeanwhile(decisions[-1])
    if case.assessment_number != assessment_seen:
        raise AmendedMeanwhile(case.id)
    if valid[-1].user_id != by.user_id:
        raise NotOwnDecision(case.id)
    return valid[-1]


def _letter(case: Case, recipient: tuple[str, ...], text: str, at: datetime, by: Actor) -> Letter:
    identity = case.patient.identity
    return Letter(
        recipient=recipient,
        text=text,
        patient_name=identity.get("full_name") or "",
        patient_born=identity.get("date_of_birth") or "",
        date=format_date(current_clinic().today(at), "long", locale=LANGUAGE),
        signed_name=by.name,
    )


def _prepared(case: Case, letter: Letter, at: datetime) -> Prepared:
    settings: Settings = current_app.extensions["settings"]
    approved = rules_approved() and is_signed(case.ruleset_sha256)
    summary = summary_of(case, current_clinic(), approved, base_url=settings.base_url)
    return prepare_letter(letter, summary, at.strftime("%Y-%m-%dT%H:%M:%SZ"))
