"""The code of a form: shown at the start and when the person stops, and asked for when they come back."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, jsonify, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import format_date

from screening import clock
from screening.access import public
from screening.actions import coming_back, invitations, return_codes
from screening.actions.attempts import Refused, TooMany
from screening.actions.unit import PATIENT, Missing
from screening.clinic import current_clinic
from screening.coming_back_forms import CodeForm, EmailForm, code_form, email_form
from screening.forms import as_if_sent
from screening.models import Draft, Invitation, db
from screening.notices import Message
from screening.views.patient.blueprint import bp, current_draft, see_other, today
from screening.views.patient.claiming import claim
from screening.views.patient.finish import copy_of
from screening.views.patient.invited import come_to
from screening.views.patient.pages import resume
from screening.visit import SEEN, begin_visit, end_visit, seconds_left


@bp.get("/screening/code")
@public
def code() -> ResponseReturnValue:
    return render_template("patient/code.html", **_code_context(current_draft()))


@bp.get("/screening/stop")
@public
def stop() -> ResponseReturnValue:
    return stop_page(current_draft())


@bp.post("/screening/stop")
@public
def leave() -> ResponseReturnValue:
    draft = current_draft()
    form = email_form("") if "email" in request.form else None
    if form and not form.validate():
        return stop_page(draft, form), 422
    try:
        email = form.email.data if form else ""
        coming_back.stop(draft_id=draft.id, email=email, address=request.remote_addr, by=PATIENT)
    except TooMany:
        if form:
            form.too_many()
        return stop_page(current_draft(), form), 429
    end_visit()
    return see_other("patient.stopped")


@bp.get("/stopped")
@public
def stopped() -> ResponseReturnValue:
    return render_template("patient/stopped.html")


@bp.post("/screening/stay")
@public
def stay() -> ResponseReturnValue:
    """The person is still there. Answers how many seconds the form stays open now."""
    current_draft()
    session[SEEN] = int(clock.now().timestamp())
    return jsonify(seconds=seconds_left())


@bp.get("/come-back")
@public
def come_back() -> ResponseReturnValue:
    return come_back_page()


@bp.post("/come-back")
@public
def open_again() -> ResponseReturnValue:
    form = code_form(today())
    if not form.validate():
        return come_back_page(form), 422
    code, born = form.code.code, form["date_of_birth"].data
    try:
        found = coming_back.come_back(code=code, date_of_birth=born, address=request.remote_addr, by=PATIENT)
    except Refused:
        form.not_found()
        return come_back_page(form), 422
    except TooMany:
        form.too_many()
        return come_back_page(form), 429
    name = "invitation_id" if found.draft_id is None else "draft_id"
    return OPENERS[name](getattr(found, name))


@bp.get("/your-copy")
@public
def your_copy() -> ResponseReturnValue:
    return copy_page()


@bp.post("/your-copy")
@public
def download_copy() -> ResponseReturnValue:
    """The code of a form that was sent opens the copy, and nothing else."""
    form = code_form(today())
    if not form.validate():
        return copy_page(form), 422
    code, born = form.code.code, form["date_of_birth"].data
    try:
        return copy_of(coming_back.find_copy(code=code, date_of_birth=born, address=request.remote_addr, by=PATIENT))
    except Refused:
        form.not_found()
        return copy_page(form), 422
    except TooMany:
        form.too_many()
        return copy_page(form), 429


def come_back_page(
    form: CodeForm | None = None,
    *,
    problem: str = "",
    message: Message | None = None,
    kept: bool = False,
    told_clinic: bool = False,
) -> str:
    """Asks for the code. `message` is an emergency that stands above it; `kept`: a page was sent and is held."""
    if form is None:
        with as_if_sent({}):
            form = code_form(today())
    return render_template(
        "patient/come_back.html",
        form=form,
        errors=form.problems(),
        problem=problem,
        message=message,
        kept=kept,
        told_clinic=told_clinic,
    )


def open_form(draft_id: int) -> ResponseReturnValue:
    begin_visit(draft_id)
    return claim(draft_id)


def open_invitation(invitation_id: int) -> ResponseReturnValue:
    invitation = db.session.get(Invitation, invitation_id)
    if invitation is None:
        raise Missing(f"Invitation {invitation_id}")
    return come_to(invitation)


OPENERS: dict[str, Callable[[int], ResponseReturnValue]] = {"draft_id": open_form, "invitation_id": open_invitation}
"""What a code leads to, by the id that coming_back.Subject has set."""


def copy_page(form: CodeForm | None = None, problem: str = "") -> str:
    form = form or code_form(today())
    return render_template("patient/your_copy.html", form=form, errors=form.problems(), problem=problem)


def stop_page(draft: Draft, form: EmailForm | None = None, problem: str = "") -> str:
    offered = current_app.extensions["settings"].smtp_url is not None
    if form is None and offered:
        form = email_form(draft.identity.get("email") or "")
    return render_template(
        "patient/stop.html",
        form=form if offered else None,
        errors=form.problems() if form else [],
        problem=problem,
        **_code_context(draft),
    )


def _code_context(draft: Draft) -> dict[str, object]:
    """The code of a form, the last day on which it opens it, the page that takes it, and where the person goes on."""
    row = return_codes.of_draft(draft.id)
    if row is None:
        raise Missing(f"code of Draft {draft.id}")
    last_day = row.expires_at.astimezone(current_clinic().zone).date()
    return {
        "code": return_codes.text_of(row),
        "last_day": format_date(last_day, "long"),
        "address": invitations.come_back_address(),
        "go_on": resume(draft).location,
    }
