"""Printing many summaries at once: ask, see how far it is, open the file."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from screening.access import Permission, requires
from screening.actions import printing
from screening.actions.unit import Missing
from screening.auth import actor
from screening.queries import desk
from screening.queries.batches import case_ids, left_out, print_job
from screening.views.front_desk import today_began

bp = Blueprint("batches", __name__, url_prefix="/staff/prints")


@bp.post("")
@requires(Permission.PRINT_CASES)
def ask() -> ResponseReturnValue:
    """The ticked cases, or all of today that are not printed as they stand."""
    if "today" in request.form:
        asked = desk.todays_cases(today_began(), printing.CASES_MAX)
    else:
        asked = case_ids(request.form.getlist("case")[: printing.CASES_MAX])
    if not asked:
        flash("Tick the cases to print first." if "today" not in request.form else "All of today is printed.")
        return redirect(url_for("front_desk.cases"))
    job = printing.request(case_ids=asked, by=actor())
    return redirect(url_for("batches.job", job_id=job.id))


@bp.get("/<int(max=2147483647):job_id>")
@requires(Permission.PRINT_CASES)
def job(job_id: int) -> ResponseReturnValue:
    return _shown("front_desk/batch.html", job_id)


@bp.get("/<int(max=2147483647):job_id>/progress")
@requires(Permission.PRINT_CASES)
def progress(job_id: int) -> ResponseReturnValue:
    """How far it is, for the script that asks again and again."""
    return _shown("front_desk/batch_progress.html", job_id)


@bp.post("/<int:job_id>/cancel")
@requires(Permission.PRINT_CASES)
def cancel(job_id: int) -> ResponseReturnValue:
    try:
        printing.cancel(job_id=job_id, by=actor())
    except Missing:
        abort(404)
    return redirect(url_for("batches.job", job_id=job_id))


@bp.post("/<int(max=2147483647):job_id>/file")
@requires(Permission.PRINT_CASES)
def file(job_id: int) -> ResponseReturnValue:
    try:
        opened = printing.open_file(job_id=job_id, by=actor())
    except Missing:
        abort(404)
    except printing.NotReady:
        return redirect(url_for("batches.job", job_id=job_id))
    # With its length, so that a browser tells when the end is missing.
    headers = {"Content-Disposition": f'inline; filename="summaries-{job_id}.pdf"', "Content-Length": str(opened.size)}
    return Response(stream_with_context(opened.pieces), mimetype="application/pdf", headers=headers)


def _shown(template: str, job_id: int) -> str:
    found = print_job(job_id, actor().user_id)
    if found is None:
        abort(404)
    without = left_out(found) if found.finished_at else []
    return render_template(template, job=found, without=without, cancelled=found.fault == printing.CANCELLED)
