"""Letters to referrers: what one begins with, those that were signed, and whether they still hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date
from sqlalchemy import select

from screening.actions.review import counting, decisions_of, standing
from screening.clinic import Clinic
from screening.letter import LANGUAGE, Letter
from screening.letter_words import filled_in
from screening.models import AuditEvent, Case, Decision, ReferralLetter, db
from screening.queries.review import CaseFile

PRINTED = "case.letter_printed"


@dataclass(frozen=True)
class SignedLetter:
    id: int
    to: str
    """The recipient's name."""
    letter: Letter
    mark: str
    decision_id: int
    signed_name: str
    signed_at: datetime
    superseded: tuple[str, ...]
    """Why it does not hold any more, each in a sentence; empty while it does."""
    printed_at: datetime | None


def letters_of(case: Case) -> tuple[SignedLetter, ...]:
    """The letters about a case, the newest first."""
    query = select(ReferralLetter).where(ReferralLetter.case_id == case.id).order_by(ReferralLetter.id.desc())
    rows = db.session.scalars(query).all()
    decisions = decisions_of(case) if rows else []
    printed = _printed(case.id) if rows else {}
    return tuple(_signed(row, case, decisions, printed.get(row.id)) for row in rows)


def letter_by_mark(case_id: int, mark: str) -> SignedLetter | None:
    """The letter whose QR code was read."""
    case = db.session.get(Case, case_id)
    return next((letter for letter in letters_of(case) if letter.mark == mark), None) if case else None


def first_text(file: CaseFile, clinic: Clinic, physician: str) -> str:
    """The clinic's template with the facts of a case, on which a decision counts."""
    case, decision = file.case, file.counting
    if decision is None:
        raise ValueError("a letter tells a decision")
    identity = case.patient.identity
    born = identity.get("date_of_birth")
    values = {
        "patient_name": identity.get("full_name") or "",
        "date_of_birth": _day(date.fromisoformat(born)) if born else "",
        "reference": case.reference,
        "screening_date": _day(clinic.today(case.submitted_at)),
        "tier": file.tier.staff_name,
        "decision": decision.kind,
        "reason_for_decision": decision.reason,
        "decision_date": _day(clinic.today(decision.signed_at)),
        "findings": "\n".join(_findings(file)),
        "scores": "\n".join(f"- {score.name}: {score.text}" for score in file.scores),
        "physician": physician,
        "clinic_name": clinic.name,
        "clinic_address": clinic.address,
        "clinic_phone": clinic.phone,
    }
    return filled_in(clinic.letter_template, values)


def _findings(file: CaseFile) -> list[str]:
    """One a line. What a physician marked as not relevant is there, and says so."""
    lines = []
    for tier, findings in file.by_tier:
        for finding in findings:
            marked = " (marked as not relevant)" if finding.rule in file.marks else ""
            lines.append(f"- {tier.staff_name}: {finding.title}{marked}")
    return lines or ["- No rule of the screening flagged the case."]


def _signed(row: ReferralLetter, case: Case, decisions: list[Decision], printed_at: datetime | None) -> SignedLetter:
    letter = Letter.from_json(row.content)
    return SignedLetter(
        id=row.id,
        to=letter.recipient[0],
        letter=letter,
        mark=row.mark,
        decision_id=row.decision_id,
        signed_name=row.signed_name,
        signed_at=row.signed_at,
        superseded=tuple(_superseded(row, letter, case, decisions)),
        printed_at=printed_at,
    )


def _superseded(row: ReferralLetter, letter: Letter, case: Case, decisions: Sequence[Decision]) -> list[str]:
    rows = list(decisions)
    valid = counting(case, rows)
    identity = case.patient.identity
    shown = (identity.get("full_name") or "", identity.get("date_of_birth") or "")
    because = {
        "Its decision was annulled.": row.decision_id not in {decision.id for decision in standing(rows)},
        "Another decision counts now.": bool(valid) and valid[-1].id > row.decision_id,
        "The answers were changed.": row.assessment_number != case.assessment_number,
        "The name or date of birth was corrected.": shown != (letter.patient_name, letter.patient_born),
    }
    return [words for words, holds in because.items() if holds]


def _printed(case_id: int) -> dict[int, datetime]:
    """When each letter of a case was printed last, by id."""
    query = (
        select(AuditEvent.at, AuditEvent.detail)
        .where(AuditEvent.subject_kind == "case", AuditEvent.subject_id == case_id, AuditEvent.action == PRINTED)
        .order_by(AuditEvent.id)
    )
    return {row.detail["letter"]: row.at for row in db.session.execute(query)}


def _day(day: date) -> str:
    return str(format_date(day, "long", locale=LANGUAGE))
