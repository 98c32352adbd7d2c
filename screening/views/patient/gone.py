"""What a person sees when the form is not there any more, or a post did not carry the form's own mark."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import NotFound

from screening.actions.unit import Missing
from screening.coming_back_forms import code_form
from screening.models import Draft, db
from screening.views.patient.blueprint import bp, current_draft, today
from screening.views.patient.coming_back import come_back_page, copy_page, stop_page
from screening.views.patient.emergency import emergency_page
from screening.views.patient.finish import check_page
from screening.views.patient.held import late_page
from screening.views.patient.invited import invited_page
from screening.views.patient.pages import page_asked, question_page
from screening.views.patient.start import birth_page, start_page
from screening.visit import keep_visit


@bp.errorhandler(Missing)
def form_gone(_error: Missing) -> ResponseReturnValue:
    """The form was sent already, or this browser has none open."""
    posted = request.method == "POST"
    if "receipt" in session or _was_sent_elsewhere():
        return render_template("patient/already_sent.html", posted=posted), 409 if posted else 200
    return render_template("patient/lost.html", posted=posted), 410


@bp.errorhandler(CSRFError)
def not_our_form(_error: CSRFError) -> ResponseReturnValue:
    """Nothing is saved; what was typed is shown again, to be sent by the person's own press, or kept for them."""
    keep_visit()
    late = late_page()
    if late is not None:
        return late
    again = SHOWN_AGAIN.get(request.endpoint or "")
    if again is None:
        return render_template("patient/lost.html", posted=True), 400
    try:
        return again(_("Please press the button again. The page was open for a long time, and nothing was saved.")), 400
    except Missing as missing:
        return form_gone(missing)
    except NotFound as nowhere:
        # What fails within an error handler would be a failure of ours.
        return current_app.handle_http_exception(nowhere)


def _was_sent_elsewhere() -> bool:
    draft = db.session.get(Draft, session.get("draft_id", 0))
    return draft is not None and draft.closed_at is not None


SHOWN_AGAIN: dict[str, Callable[[str], str]] = {
    "patient.open_again": lambda problem: come_back_page(code_form(today()), problem=problem),
    "patient.download_copy": lambda problem: copy_page(problem=problem),
    "patient.leave": lambda problem: stop_page(current_draft(), problem=problem),
    "patient.begin": lambda problem: start_page(problem=problem),
    "patient.accept": lambda problem: invited_page(problem=problem),
    "patient.change_birth": lambda problem: birth_page(current_draft(), problem=problem),
    "patient.answer": lambda problem: question_page(page_asked(), current_draft(), problem=problem),
    "patient.tell_where": lambda problem: emergency_page(current_draft(), problem=problem),
    "patient.go_on": lambda problem: emergency_page(current_draft(), problem=problem),
    "patient.send": lambda problem: check_page(current_draft(), problem=problem),
}
"""How each page is shown again, by the endpoint that its form is sent to."""
