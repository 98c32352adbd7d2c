"""What is forgotten and when, legal holds, and the erasure of one person. Admins see references, and no name."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from structlog import get_logger

from screening import clock
from screening.access import Permission, requires
from screening.actions import erasing, holds
from screening.actions.unit import Missing
from screening.auth import actor
from screening.clinic import current_clinic
from screening.queries import erasing as erasures
from screening.queries import retained
from screening.queries.cases import case_id
from screening.retention_forms import ConfirmErasureForm, EraseForm, FindForm, HoldForm, LiftForm
from screening.staff_forms import error_list

bp = Blueprint("retention", __name__, url_prefix="/staff/admin/retention")

HOLD = "/holds/<int(max=2147483647):hold_id>"
PERSON = "/people/<reference>"
UNKNOWN = "There is no screening with this reference."
DIFFERENT = "Something of this person changed while you were reading. Read what would go now, and confirm again."
NOT_NOTED = (
    "The person is erased. The file of tombstones could not be written, so a restored backup would bring them back: "
    "tell whoever looks after this installation. It is tried again each night."
)

log = get_logger()


@bp.get("")
@requires(Permission.MANAGE_RETENTION)
def retention() -> ResponseReturnValue:
    return _show()


@bp.post("/holds")
@requires(Permission.MANAGE_RETENTION)
def place() -> ResponseReturnValue:
    form = HoldForm()
    if not form.validate():
        return _show(hold_form=form), 422
    try:
        holds.place_hold(reference=form.reference.data, reason=form.reason.data, by=actor())
    except Missing:
        form.reference.errors = [UNKNOWN]
        return _show(hold_form=form), 422
    flash("Nothing of this person is forgotten from now on.")
    return redirect(url_for("retention.retention"))


@bp.post(f"{HOLD}/lift")
@requires(Permission.MANAGE_RETENTION)
def lift(hold_id: int) -> ResponseReturnValue:
    form = LiftForm()
    if not form.validate():
        return _show(lift_form=form, lifting=hold_id), 422
    try:
        holds.lift_hold(hold_id=hold_id, reason=form.lift_reason.data, by=actor())
    except Missing:
        abort(404)
    flash("The hold is lifted.")
    return redirect(url_for("retention.retention"))


@bp.post("/people")
@requires(Permission.ERASE_PEOPLE)
def find() -> ResponseReturnValue:
    form = FindForm()
    if form.validate() and case_id(form.erase.data) is None:
        form.erase.errors = [UNKNOWN]
    if form.errors:
        return _show(find_form=form), 422
    return redirect(url_for("retention.person", reference=form.erase.data))


@bp.get(PERSON)
@requires(Permission.ERASE_PEOPLE)
def person(reference: str) -> ResponseReturnValue:
    return _show_person(reference, EraseForm(formdata=None))


@bp.post(f"{PERSON}/check")
@requires(Permission.ERASE_PEOPLE)
def check_erasure(reference: str) -> ResponseReturnValue:
    form = EraseForm().offer(_keys(reference))
    if not form.validate():
        return _show_person(reference, form), 422
    given = {"also": form.also.data, "reason": form.reason.data}
    return _show_plan(reference, ConfirmErasureForm(reference, formdata=None, data=given).offer(form.also.data))


@bp.post(f"{PERSON}/erase")
@requires(Permission.ERASE_PEOPLE)
def erase(reference: str) -> ResponseReturnValue:
    form = ConfirmErasureForm(reference).offer(_keys(reference))
    if not form.validate():
        return _show_plan(reference, form), 422
    also, reason = form.also.data, form.reason.data
    try:
        erasing.erase(reference=reference, also=also, seen=form.seen.data, reason=reason, by=actor())
    except erasing.Refused:
        return _show_plan(reference, form), 409
    except erasing.Different:
        form.typed.errors = [DIFFERENT]
        return _show_plan(reference, form), 409
    except Missing:
        abort(404)
    try:
        erasing.note_tombstones()
        flash("The person is erased.")
    except (OSError, ValueError):
        log.exception("the file of tombstones could not be written")
        flash(NOT_NOTED)
    return redirect(url_for("retention.retention"))


def _keys(reference: str) -> list[str]:
    offered = erasures.others(reference)
    if offered is None:
        abort(404)
    return [one.key for one in offered]


def _show(**forms: Any) -> str:
    given = {
        "hold_form": HoldForm(formdata=None),
        "lift_form": LiftForm(formdata=None),
        "find_form": FindForm(formdata=None),
        **forms,
    }
    faults = [fault for name in ("hold_form", "lift_form", "find_form") for fault in error_list(given[name])]
    due = retained.next_night(current_clinic(), clock.now())
    return render_template(
        "admin/retention.html", due=due, holds=retained.holds(), done=retained.done(), errors=faults, **given
    )


def _show_person(reference: str, form: EraseForm) -> str:
    offered = erasures.others(reference)
    if offered is None:
        abort(404)
    return render_template("admin/erase.html", reference=reference, others=offered, form=form, errors=error_list(form))


def _show_plan(reference: str, form: ConfirmErasureForm) -> str:
    plan = erasures.plan(reference, form.also.data or [])
    if plan is None:
        abort(404)
    return render_template("admin/erase_check.html", plan=plan, form=form, errors=error_list(form))
