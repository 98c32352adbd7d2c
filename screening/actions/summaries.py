"""Printed summaries: made once for what they show, kept, and sent again as they were made."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import joinedload, selectinload
from structlog import get_logger

from screening import clock
from screening.actions.review import DecisionKind
from screening.actions.unit import PATIENT, Actor, Missing, unit_of_work
from screening.clinic import stored_clinic
from screening.config import Settings
from screening.models import Case, StoredPdf, db
from screening.pdf import Prepared, Variant, mark_of, prepare, summary_of
from screening.queries import print_inputs
from screening.rendering import NotPrinted
from screening.rulebook import forget_in_force

PREPARED_FOR: tuple[Variant, ...] = ("staff", "patient")
LOOKED_BACK = timedelta(days=1)
"""How long the worker tries to have a case's summaries ready before somebody asks; later they are made on the spot."""
AT_ONCE = 20
IN_FLIGHT = 4
"""Pages that are made ready while earlier ones are printed, so that no process that prints waits for the next."""
TRIES = 3
"""How often a print is made anew where its case changes meanwhile."""

log = get_logger()

_CASE, _PRINT = Case.metadata.tables["screening_case"], StoredPdf.metadata.tables["stored_pdf"]
_IS_CASE = _CASE.c.id == bindparam("case_id")
_IS_MADE_FROM = _PRINT.c.fingerprint == bindparam("fingerprint")
# Put together once: to build a statement takes longer than to run it, and a click on a print waits for these.
_HELD = select(_CASE.c.id).where(_IS_CASE).with_for_update()
_NOTE_PRINTED = update(_CASE).where(_IS_CASE).values(printed_at=bindparam("now"))
_FOUND = select(_PRINT.c.content_hash, _PRINT.c.pdf).where(_IS_MADE_FROM)
_FOUND_HASH = select(_PRINT.c.content_hash).where(_IS_MADE_FROM)


@dataclass(frozen=True)
class Made:
    """A print as it is stored."""

    content_hash: str
    pdf: bytes


@dataclass(frozen=True)
class _Pages:
    """A case's pages, and the fingerprint of what they were made from."""

    case_id: int
    prepared: Prepared
    fingerprint: str


def print_summary(*, case_id: int, by: Actor, wait: float | None = None) -> bytes:
    """The staff summary as a PDF, marked as printed.

    Raises Missing, NotPrinted, or TimeoutError when it is not made after `wait` seconds; it is then under way.
    """
    return _sent(case_id, "staff", "case.printed", by, wait)


def patient_copy(*, case_id: int, by: Actor = PATIENT) -> bytes:
    """The patient's own copy as a PDF. Raises Missing or NotPrinted."""
    return _sent(case_id, "patient", "case.copied", by)


def is_ready(*, case_id: int) -> bool:
    """Whether the staff summary as it stands can be had at once; if not, it is being made. Raises Missing."""
    if _stored_hash(case_id, "staff"):
        return True
    prepared = _pages(case_id, "staff").prepared
    return _is_stored(prepared) or prepared.begin()


def current_mark(*, case_id: int) -> str:
    """What the QR code of a print of the case says if the print shows the case as it stands. Raises Missing."""
    return mark_of(_stored_hash(case_id, "staff") or _pages(case_id, "staff").prepared.content_hash)


def made_summary(*, case_id: int, by: Actor) -> Made:
    """The staff summary as it stands, made and stored, but not marked as printed. Raises Missing or NotPrinted."""
    for _ in range(TRIES):
        found = _stored(case_id, "staff")
        if found:
            return found
        _store(_pages(case_id, "staff"), by)
    raise NotPrinted("the case changed each time that its summary was made")


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
    for _content_hash in made_each(((case_id, variant) for case_id in case_ids for variant in PREPARED_FOR), by):
        pass
    return len(case_ids)


def made_each(wanted: Iterable[tuple[int, Variant]], by: Actor) -> Iterator[str | None]:
    """Have each print made and stored, several at once. Yields their content hashes in order; None if one failed."""
    begun: deque[_Pages | str | None] = deque()
    for case_id, variant in wanted:
        begun.append(_begin(case_id, variant))
        if len(begun) > IN_FLIGHT:
            yield _finish(begun.popleft(), by)
    while begun:
        yield _finish(begun.popleft(), by)


def stored_pdfs(content_hashes: Iterable[str]) -> Iterator[bytes]:
    """Each stored print, one at a time."""
    for content_hash in content_hashes:
        yield db.session.scalars(select(StoredPdf.pdf).where(StoredPdf.content_hash == content_hash)).one()


def _begin(case_id: int, variant: Variant) -> _Pages | str | None:
    """A print under way, or its content hash if it is stored. None if the case is gone."""
    # Many prints take as long as many requests: what is put in force meanwhile counts.
    forget_in_force()
    try:
        now = _fingerprint(case_id, variant)
        pages = _hash_of(now) or _pages(case_id, variant, now)
    except Missing:
        return None
    if isinstance(pages, _Pages) and not _is_stored(pages.prepared):
        pages.prepared.begin()
    return pages


def _finish(begun: _Pages | str | None, by: Actor) -> str | None:
    if not isinstance(begun, _Pages):
        return begun
    try:
        _store(begun, by)
    except (NotPrinted, Missing):
        log.exception("a summary could not be made", case=begun.case_id)
        return None
    return begun.prepared.content_hash


def _sent(case_id: int, variant: Variant, event: str, by: Actor, wait: float | None = None) -> bytes:
    """A print of the case as it stands when its event is written: reading it and noting it are one transaction."""
    for _ in range(TRIES):
        with unit_of_work(by) as unit:
            _hold(case_id)
            found = _stored(case_id, variant)
            if found:
                if variant == "staff":
                    db.session.execute(_NOTE_PRINTED, {"case_id": case_id, "now": unit.now})
                unit.audit_row(event, Case, case_id, content_hash=found.content_hash)
                return found.pdf
        _store(_pages(case_id, variant), by, wait)
    raise NotPrinted("the case changed each time that its summary was made")


def _hold(case_id: int) -> None:
    """Hold the case against other writers until the commit, with nothing of it read. Raises Missing."""
    if db.session.scalar(_HELD, {"case_id": case_id}) is None:
        raise Missing(f"Case {case_id}")


def _pages(case_id: int, variant: Variant, before: str = "") -> _Pages:
    """What the case's print shows now, `before` being its fingerprint, if known. The press itself runs outside of any
    transaction that writes."""
    before = before or _fingerprint(case_id, variant)
    for _ in range(TRIES):
        prepared = _prepared(case_id, variant)
        # Where another writer came in between, the pages may show more than the fingerprint stands for.
        after = _fingerprint(case_id, variant)
        if after == before:
            return _Pages(case_id, prepared, before)
        before = after
    raise NotPrinted("the case changed each time that its pages were made")


def _fingerprint(case_id: int, variant: Variant) -> str:
    found = print_inputs.fingerprint(case_id, variant)
    if found is None:
        raise Missing(f"Case {case_id}")
    return found


def _prepared(case_id: int, variant: Variant) -> Prepared:
    everything = [joinedload(Case.patient), selectinload(Case.findings)]
    case = db.session.get(Case, case_id, options=everything, populate_existing=True)
    if case is None:
        raise Missing(f"Case {case_id}")
    settings: Settings = current_app.extensions["settings"]
    decisions = [kind.staff_name for kind in DecisionKind]
    approved = print_inputs.approved(case.ruleset_sha256)
    summary = summary_of(case, stored_clinic(), approved, base_url=settings.base_url, decisions=decisions)
    return prepare(summary, variant)


def _stored(case_id: int, variant: Variant) -> Made | None:
    """The stored print that shows the case as it stands."""
    row = db.session.execute(_FOUND, {"fingerprint": _fingerprint(case_id, variant)}).first()
    return Made(row.content_hash, row.pdf) if row else None


def _stored_hash(case_id: int, variant: Variant) -> str | None:
    return _hash_of(_fingerprint(case_id, variant))


def _hash_of(fingerprint: str) -> str | None:
    return db.session.scalar(_FOUND_HASH, {"fingerprint": fingerprint})


def _is_stored(prepared: Prepared) -> bool:
    query = select(StoredPdf.content_hash).where(StoredPdf.content_hash == prepared.content_hash)
    return db.session.scalar(query) is not None


def _store(pages: _Pages, by: Actor, wait: float | None = None) -> None:
    """Print the pages unless the same are stored, and have them found by what they were made from."""
    content_hash = pages.prepared.content_hash
    pdf = None if _is_stored(pages.prepared) else pages.prepared.to_pdf(wait)
    with unit_of_work(by) as unit:
        _hold(pages.case_id)
        row = update(StoredPdf).where(StoredPdf.content_hash == content_hash)
        known = db.session.execute(
            row.values(fingerprint=pages.fingerprint, made_at=unit.now).returning(StoredPdf.case_id)
        )
        if known.first() is None and pdf is not None:
            db.session.add(
                StoredPdf(
                    content_hash=content_hash,
                    case_id=pages.case_id,
                    pdf=pdf,
                    made_at=unit.now,
                    fingerprint=pages.fingerprint,
                )
            )
