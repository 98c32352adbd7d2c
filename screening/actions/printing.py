"""Summaries of many cases as one file: asked for, made by the worker, opened, noted for each case, forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select, true
from sqlalchemy.orm import load_only

from screening import clock
from screening.actions.print_pieces import PrintedFile, file_of, has_file, keep
from screening.actions.summaries import made_each, stored_pdfs
from screening.actions.unit import Actor, Missing, Unit, unit_of_work
from screening.models import Case, PrintJob, PrintPiece, db
from screening.sheets import one_file

CASES_MAX = 500
SILENT = timedelta(minutes=2)
"""After this long without word from its worker a job is another's."""
WORD = timedelta(seconds=1)
"""How often a worker says how far it is."""
CANCELLED = "cancelled"
"""The fault of a job that whoever asked for it does not want any more."""
KEPT = timedelta(days=1)


class NotReady(Exception):
    """The file is not made yet, or could not be made."""


def request(*, case_ids: Sequence[int], by: Actor, taken: bool = False) -> PrintJob:
    """Ask for the summaries of these cases, CASES_MAX at most, in this order. `taken`: the asker makes them itself."""
    if by.user_id is None:
        raise PermissionError("a member of staff prints")
    if not 0 < len(case_ids) <= CASES_MAX:
        raise ValueError(f"1 to {CASES_MAX} cases")
    with unit_of_work(by) as unit:
        sheets = [{"case": case_id, "content_hash": None} for case_id in case_ids]
        worked_at = unit.now if taken else None
        job = PrintJob(user_id=by.user_id, requested_at=unit.now, sheets=sheets, worked_at=worked_at)
        db.session.add(job)
        unit.audit("print_job.requested", job, cases=list(case_ids))
    return job


def cancel(*, job_id: int, by: Actor) -> None:
    """Leave a file unmade; what is made of it stays ready. Does nothing once it is done. Raises Missing."""
    with unit_of_work(by) as unit:
        job = _own(unit, job_id)
        if job.finished_at is None:
            job.fault, job.finished_at = CANCELLED, unit.now
            unit.audit("print_job.cancelled", job)


def make_next(*, by: Actor) -> int | None:
    """Make the file that has waited longest. Returns its job's id; None if none waits."""
    job_id = _take(by)
    if job_id is not None:
        make(job_id=job_id, by=by)
    return job_id


def make(*, job_id: int, by: Actor, progress: Callable[[int], object] = lambda _more: None) -> None:
    """Make the file of a job. `progress` hears how many more are made.

    What is made is kept case by case: a job that another worker left is soon done.
    """
    try:
        sheets = db.session.scalars(select(PrintJob.sheets).where(PrintJob.id == job_id)).one()
        made = list(_made(job_id, [sheet["case"] for sheet in sheets], by, progress))
        if len(made) == len(sheets):
            hashes = [content_hash for content_hash in made if content_hash]
            attempt = keep(job_id, one_file(stored_pdfs(hashes)), by) if hashes else None
            done = [{**sheet, "content_hash": content_hash} for sheet, content_hash in zip(sheets, made, strict=True)]
            _end(job_id, attempt, None if attempt else "NotPrinted", by, done)
    except Exception as fault:
        _end(job_id, None, type(fault).__name__, by)
        raise


def open_file(*, job_id: int, by: Actor) -> PrintedFile:
    """The file, with each of its cases noted as printed. Raises Missing if it is not one's own, or NotReady."""
    with unit_of_work(by) as unit:
        job = _own(unit, job_id)
        if not has_file(job):
            raise NotReady(str(job_id))
        hashes = {sheet["case"]: sheet["content_hash"] for sheet in job.sheets if sheet["content_hash"]}
        rows = select(Case).where(Case.id.in_(hashes)).order_by(Case.id).with_for_update()
        rows = rows.options(load_only(Case.printed_at, Case.changed_at))
        cases = db.session.scalars(rows.execution_options(populate_existing=True)).all()
        for case in cases:
            # A case that changed since is not printed as it stands.
            case.printed_at = (
                unit.now if (case.changed_at or job.requested_at) <= job.requested_at else job.requested_at
            )
        job.opened_at = unit.now
        unit.audit_each(
            "case.printed", [(case, {"content_hash": hashes[case.id], "print_job": job.id}) for case in cases]
        )
        return file_of(job)


def forget_old(*, by: Actor) -> None:
    """Forget the files of yesterday: each case's own summary is kept, and so is the note that it was printed."""
    with unit_of_work(by) as unit:
        db.session.execute(delete(PrintJob).where(PrintJob.requested_at < unit.now - KEPT))


def _take(by: Actor) -> int | None:
    left = or_(PrintJob.worked_at.is_(None), PrintJob.worked_at < clock.now() - SILENT)
    query = select(PrintJob.id).where(PrintJob.finished_at.is_(None), left).order_by(PrintJob.id)
    with unit_of_work(by) as unit:
        job_id = db.session.scalar(query.limit(1).with_for_update(skip_locked=True))
        if job_id is not None:
            db.session.get_one(PrintJob, job_id).worked_at = unit.now
        return job_id


def _made(job_id: int, case_ids: Sequence[int], by: Actor, progress: Callable[[int], object]) -> Iterator[str | None]:
    """The content hash of each summary as it is made, None for one that could not be. Ends early if it is cancelled."""
    said = clock.now()
    for done, content_hash in enumerate(made_each(((case_id, "staff") for case_id in case_ids), by), start=1):
        yield content_hash
        progress(1)
        if clock.now() - said >= WORD:
            said = clock.now()
            if not _say(job_id, done, by):
                return


def _say(job_id: int, done: int, by: Actor) -> bool:
    """Say how far a job is. Whether it is still wanted."""
    with unit_of_work(by) as unit:
        job = unit.lock(PrintJob, job_id)
        if job.finished_at is None:
            job.done, job.worked_at = done, unit.now
        return job.finished_at is None


def _own(unit: Unit, job_id: int) -> PrintJob:
    job = unit.lock(PrintJob, job_id)
    if job.user_id != unit.by.user_id:
        raise Missing(f"PrintJob {job_id} of somebody else")
    return job


def _end(
    job_id: int, attempt: str | None, fault: str | None, by: Actor, sheets: list[dict[str, Any]] | None = None
) -> None:
    """Say that a job is done, if nobody did before, and forget the pieces of every other attempt."""
    with unit_of_work(by) as unit:
        job = unit.lock(PrintJob, job_id)
        if job.finished_at is None:
            job.pieces, job.fault, job.finished_at = attempt, fault, unit.now
            if sheets:
                job.sheets, job.done = sheets, len(sheets)
            unit.audit("print_job.finished", job, fault=fault)
        others = PrintPiece.attempt != job.pieces if job.pieces else true()
        db.session.execute(delete(PrintPiece).where(PrintPiece.job_id == job_id, others))
