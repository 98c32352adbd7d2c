"""Summaries of many cases as one file: asked for, made by the worker, opened, noted for each case, forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, or_, select

from screening import clock
from screening.actions.summaries import made_summary
from screening.actions.unit import Actor, Missing, unit_of_work
from screening.models import Case, PrintJob, db
from screening.sheets import one_file

CASES_MAX = 200
SILENT = timedelta(minutes=5)
"""After this long without word from its worker a job is another's."""
KEPT = timedelta(days=1)


class NotReady(Exception):
    """The file is not made yet, or could not be made."""


def request(*, case_ids: Sequence[int], by: Actor) -> PrintJob:
    """Ask for the summaries of these cases, CASES_MAX at most, in this order."""
    if by.user_id is None:
        raise PermissionError("a member of staff prints")
    if not 0 < len(case_ids) <= CASES_MAX:
        raise ValueError(f"1 to {CASES_MAX} cases")
    with unit_of_work(by) as unit:
        sheets = [{"case": case_id, "content_hash": None} for case_id in case_ids]
        job = PrintJob(user_id=by.user_id, requested_at=unit.now, sheets=sheets)
        db.session.add(job)
        unit.audit("print_job.requested", job, cases=list(case_ids))
    return job


def make_next(*, by: Actor) -> int | None:
    """Make the file that has waited longest. Returns its job's id; None if none waits.

    What is made is kept case by case: a job that another worker left is soon done.
    """
    job_id = _take(by)
    if job_id is None:
        return None
    try:
        _make(job_id, by)
    except Exception as fault:
        _end(job_id, None, type(fault).__name__, by)
        raise
    return job_id


def open_file(*, job_id: int, by: Actor) -> bytes:
    """The file, with each of its cases noted as printed. Raises Missing if it is not one's own, or NotReady."""
    with unit_of_work(by) as unit:
        job = unit.lock(PrintJob, job_id)
        if job.user_id != by.user_id:
            raise Missing(f"PrintJob {job_id} of somebody else")
        if job.pdf is None or job.finished_at is None:
            raise NotReady(str(job_id))
        hashes = {sheet["case"]: sheet["content_hash"] for sheet in job.sheets}
        rows = select(Case).where(Case.id.in_(hashes)).order_by(Case.id).with_for_update()
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
        return job.pdf


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


def _make(job_id: int, by: Actor) -> None:
    sheets = db.session.scalars(select(PrintJob.sheets).where(PrintJob.id == job_id)).one()
    made = []
    for number, sheet in enumerate(sheets, start=1):
        summary = made_summary(case_id=sheet["case"], by=by)
        made.append(summary)
        with unit_of_work(by) as unit:
            job = unit.lock(PrintJob, job_id)
            job.done, job.worked_at = number, unit.now
            job.sheets = [
                *job.sheets[: number - 1],
                {**sheet, "content_hash": summary.content_hash},
                *job.sheets[number:],
            ]
    _end(job_id, one_file(summary.pdf for summary in made), None, by)


def _end(job_id: int, pdf: bytes | None, fault: str | None, by: Actor) -> None:
    with unit_of_work(by) as unit:
        job = unit.lock(PrintJob, job_id)
        job.pdf, job.fault, job.finished_at = pdf, fault, unit.now
        unit.audit("print_job.finished", job, fault=fault)
