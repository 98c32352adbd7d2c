"""Physicians hand cases to each other: notes, who is to take one up, second opinions."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from screening.access import Permission, requires
from screening.actions import handing, review
from screening.actions.unit import Missing
from screening.auth import actor
from screening.handing_forms import AgreeForm
from screening.views.physician import case_file_or_404, handing_form_of, show_case

bp = Blueprint("handing", __name__, url_prefix="/staff/queue")

MEANWHILE = "Somebody else handed this case over while you were reading. Read it, then send yours if it still holds."
NOT_OPEN = "This case is closed, or that account cannot decide on cases any more. What you typed is still here."
DECIDED = "Somebody else signed while you were reading. Read it, then sign yours or leave it."
OWN = "Another physician signs this second opinion."


@bp.post("/<reference>/handover")
@requires(Permission.HAND_OVER)
def hand_over(reference: str) -> ResponseReturnValue:
    file = case_file_or_404(reference)
    form = handing_form_of(file)
    if not form.validate():
        return show_case(file, handing_form=form), 422
    try:
        handing.hand_over(
            case_id=file.case.id,
            last_seen=form.handover_seen.data,
            note=form.note.data or "",
            assign_to=form.assigned_to,
            asks_opinion=form.second_opinion.data,
            by=actor(),
        )
    except (handing.HandedMeanwhile, handing.NotAssignable) as news:
        file = case_file_or_404(reference)
        form = handing_form_of(file, renewed=True)
        form.form_errors = [MEANWHILE if isinstance(news, handing.HandedMeanwhile) else NOT_OPEN]
        return show_case(file, handing_form=form), 409
    flash("The case is handed over." if form.assigned_to or form.second_opinion.data else "Your note is added.")
    return redirect(url_for("physician.case", reference=reference))


@bp.post("/<reference>/opinion")
@requires(Permission.DECIDE)
def agree(reference: str) -> ResponseReturnValue:
    file, form = case_file_or_404(reference), AgreeForm()
    if not form.validate():
        return show_case(file, agree_form=form), 422
    seen = form.decision_seen.data
    try:
        handing.agree(case_id=file.case.id, decision_seen=seen, note=form.agree_note.data or "", by=actor())
    except (review.DecidedMeanwhile, handing.OwnOpinion) as news:
        form.form_errors = [DECIDED if isinstance(news, review.DecidedMeanwhile) else OWN]
        return show_case(case_file_or_404(reference), agree_form=form), 409
    except Missing:
        abort(404)
    flash("Your second opinion is signed.")
    return redirect(url_for("physician.case", reference=reference))
