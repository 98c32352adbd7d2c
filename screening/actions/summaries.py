"""Printed summaries: made once for what they show, kept, and sent again as they were made."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from screening.actions.review import DecisionKind
from screening.actions.unit import PATIENT, Actor, Missing, Unit, unit_of_work
from screening.clinic import current_clinic
from screening.config import Settings
from screening.models import Case, StoredPdf, db
from screening.pdf import Prepared, Variant, prepare, summary_of
from screening.rulebook import is_signed, rules_approved


def print_summary(*, case_id: int, by: Actor) -> bytes:
    """The staff summary as a PDF, marked as printed. Raises Missing."""
    prepared = _prepare(case_id, "staff")
    pdf = _stored(prepared.content_hash) or prepared.to_pdf()
    with unit_of_work(by) as unit:
        case = _keep(unit, case_id, prepared, pdf)
        case.printed_at = unit.now
        unit.audit("case.printed", case, content_hash=prepared.content_hash)
    return pdf


def patient_copy(*, case_id: int, by: Actor = PATIENT) -> bytes:
    """The patient's own copy as a PDF. Raises Missing."""
    prepared = _prepare(case_id, "patient")
    pdf = _stored(prepared.content_hash) or prepared.to_pdf()
    with unit_of_work(by) as unit:
        case = _keep(unit, case_id, prepared, pdf)
        unit.audit("case.copied", case, content_hash=prepared.content_hash)
    return pdf


def _prepare(case_id: int, variant: Variant) -> Prepared:
    """What the case's print shows now. The press itself runs outside of any transaction that writes."""
    case = db.session.get(Case, case_id, populate_existing=True)
    if case is None:
        raise Missing(f"Case {case_id}")
    settings: Settings = current_app.extensions["settings"]
    decisions = [kind.staff_name for kind in DecisionKind]
    approved = rules_approved() and is_signed(case.ruleset_sha256)
    summary = summary_of(case, current_clinic(), approved, base_url=settings.base_url, decisions=decisions)
    return prepare(summary, variant)


def _stored(content_hash: str) -> bytes | None:
    return db.session.scalar(select(StoredPdf.pdf).where(StoredPdf.content_hash == content_hash))


def _keep(unit: Unit, case_id: int, prepared: Prepared, pdf: bytes) -> Case:
    """Store the PDF unless the same was stored meanwhile: the case's lock lets one writer through at a time."""
    case = unit.lock(Case, case_id)
    if db.session.get(StoredPdf, prepared.content_hash) is None:
        db.session.add(StoredPdf(content_hash=prepared.content_hash, case_id=case.id, pdf=pdf, made_at=unit.now))
    return case
