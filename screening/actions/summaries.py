"""Printed summaries: made once for what they show, kept, and sent again as they were made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import func, or_, select
from structlog import get_logger

from screening import clock
from screening.actions.review import DecisionKind
from screening.actions.unit import PATIENT, Actor, Missing, Unit, unit_of_work
from screening.clinic import current_clinic
from screening.config import Settings
from screening.models import Case, StoredPdf, db
from screening.pdf import Prepared, Variant, prepare, summary_of
from screening.rendering import NotPrinted
from screening.rulebook import is_signed, rules_approved

PREPARED_FOR: tuple[Variant, ...] = ("staff", "patient")
LOOKED_BACK = timedelta(days=1)
"""How long the worker tries to have a case's summaries ready before somebody asks; later they are made on the spot."""
AT_ONCE = 20

log = get_logger()


def print_summary(*, case_id: int, by: Actor, wait: float | None = None) -> bytes:
    """The staff summary as a PDF, marked as printed.

    Raises Missing, NotPrinted, or TimeoutError when it is not made after `wait` seconds; it is then under way.
    """
    prepared = _prepare(case_id, "staff")
    pdf = _stored(prepared.content_hash) or prepared.to_pdf(wait)
    with unit_of_work(by) as unit:
        case = _keep(unit, case_id, prepared, pdf)
        case.printed_at = unit.now
        unit.audit("case.printed", case, content_hash=prepared.content_hash)
    return pdf


def is_ready(*, case_id: int) -> bool:
    """Whether the staff summary as it stands can be had at once; if not, it is being made. Raises Missing."""
    prepared = _prepare(case_id, "staff")
    return _stored(prepared.content_hash) is not None or prepared.begin()


def current_mark(*, case_id: int) -> str:
    """What the QR code of a print of the case says if the print shows the case as it stands. Raises Missing."""
    return _prepare(case_id, "staff").mark


def prepare_due(*, by: Actor) -> int:
    """Have ready, before anyone asks, what shows cases that are new or changed. Returns for how many cases."""
    since = clock.now() - LOOKED_BACK
    last_change = func.coalesce(Case.changed_at, Case.submitted_at)
    made_since = select(StoredPdf.case_id).where(StoredPdf.case_id == Case.id, StoredPdf.made_at >= last_change)
    due = (
        select(Case.id)
        .where(or_(Case.submitted_at > since, Case.changed_at > since), ~made_since.exists())
        .order_by(Case.tier.desc(), Case.id)
        .limit(AT_ONCE)
    )
    case_ids = db.session.scalars(due).all()
    for case_id in case_ids:
        try:
            _prepare_case(case_id, by)
        except NotPrinted:
            log.exception("a summary could not be prepared", case=case_id)
    return len(case_ids)


def _prepare_case(case_id: int, by: Actor) -> None:
    for variant in PREPARED_FOR:
        prepared = _prepare(case_id, variant)
        pdf = _stored(prepared.content_hash) or prepared.to_pdf()
        with unit_of_work(by) as unit:
            _keep(unit, case_id, prepared, pdf)
            # What changed may not show on the pages: they are up to date all the same.
            db.session.get_one(StoredPdf, prepared.content_hash).made_at = unit.now


@dataclass(frozen=True)
class Made:
    """A summary as it is stored."""

    content_hash: str
    pdf: bytes


def made_summary(*, case_id: int, by: Actor) -> Made:
    """The staff summary as it stands, made and stored, but not marked as printed. Raises Missing."""
    prepared = _prepare(case_id, "staff")
    pdf = _stored(prepared.content_hash) or prepared.to_pdf()
    with unit_of_work(by) as unit:
        _keep(unit, case_id, prepared, pdf)
    return Made(prepared.content_hash, pdf)


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
