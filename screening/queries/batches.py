"""Files of many summaries, and which cases were ticked for one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer

from screening.models import Case, PrintJob, db


def case_ids(references: Sequence[str]) -> list[int]:
    """The cases of these references, in their order; one that is not there is left out."""
    rows = db.session.execute(select(Case.reference, Case.id).where(Case.reference.in_(references)))
    found = {row.reference: row.id for row in rows}
    return [found[reference] for reference in dict.fromkeys(references) if reference in found]


def print_job(job_id: int, user_id: int | None) -> PrintJob | None:
    """A job of this user, without its file."""
    query = select(PrintJob).where(PrintJob.id == job_id, PrintJob.user_id == user_id)
    return db.session.scalars(query.options(defer(PrintJob.pdf))).one_or_none()


def left_out(job: PrintJob) -> list[str]:
    """The references of the cases that a finished file is without."""
    without = [sheet["case"] for sheet in job.sheets if not sheet["content_hash"]]
    return list(db.session.scalars(select(Case.reference).where(Case.id.in_(without)).order_by(Case.id)))
