"""Checking the answers, sending them, and what comes after."""

from __future__ import annotations

from flask import Response, render_template, session
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy import select

from screening.access import public
from screening.actions import drafts, submit, summaries
from screening.actions.submit import Unfinished
from screening.actions.unit import PATIENT, Missing
from screening.clinic import current_clinic
from screening.language import CHOICE
from screening.models import Case, Draft, db
from screening.notice_words import Audience
from screening.notices import scene_of
from screening.patient_forms import send_form
from screening.record import build_record
from screening.result import result_of
from screening.rulebook import ruleset
from screening.security import clear_browser
from screening.sessions import start_over
from screening.views.patient.blueprint import CHECK, bp, current_draft, open_page, see_other, told_context
from screening.views.patient.identity_rows import identity_rows


@bp.get("/screening/check")
@public
def check() -> ResponseReturnValue:
    draft = current_draft()
    unfinished = drafts.first_unfinished(draft)
    return open_page(unfinished, CHECK) if unfinished else check_page(draft)


@bp.post("/screening/check")
@public
def send() -> ResponseReturnValue:
    if "receipt" in session:
        return see_other("patient.done")
    if not send_form(Audience.PATIENT).validate():
        return check_page(current_draft(), sent=True), 422
    try:
        case = submit.submit(draft_id=_draft_id(), by=PATIENT)
    except Unfinished as unfinished:
        return open_page(unfinished.page, CHECK)
    del session["draft_id"]
    session["receipt"], session[CHOICE] = case.id, case.language
    start_over(keep=("receipt", "csrf_token", CHOICE))
    return see_other("patient.done")


def check_page(draft: Draft, *, sent: bool = False, problem: str = "") -> str:
    """All answers with a link to change each. `sent`: say what is wrong with the form below them."""
    answers = drafts.answers_so_far(draft)
    form = send_form(scene_of(answers).audience)
    if sent:
        form.validate()
    return render_template(
        "patient/check.html",
        identity=identity_rows(draft.identity),
        sections=build_record(ruleset(), answers).sections,
        form=form,
        errors=form.problems(),
        problem=problem,
        to=CHECK,
        **told_context(draft),
    )


@bp.get("/screening/done")
@public
def done() -> ResponseReturnValue:
    case = _case()
    # What the rules say stays in the words in which it was said.
    with force_locale(case.language):
        result = result_of(case, current_clinic(), ruleset())
        return render_template("patient/done.html", result=result, languages={})


@bp.get("/screening/copy.pdf")
@public
def copy() -> ResponseReturnValue:
    return copy_of(_case().id)


def copy_of(case_id: int) -> Response:
    """The patient's copy, to download. Raises Missing."""
    pdf = summaries.patient_copy(case_id=case_id)
    response = Response(pdf, mimetype="application/pdf")
    reference = db.session.scalar(select(Case.reference).where(Case.id == case_id))
    response.headers["Content-Disposition"] = f'attachment; filename="screening-{reference}.pdf"'
    return response


@bp.post("/screening/finish")
@public
def finish() -> ResponseReturnValue:
    """Leave nothing in the browser for whoever uses it next."""
    clear_browser()
    start_over(keep=())
    return see_other("patient.start")


def _draft_id() -> int:
    draft_id: int | None = session.get("draft_id")
    if draft_id is None:
        raise Missing("no draft in this session")
    return draft_id


def _case() -> Case:
    """The case that was sent from this browser. Raises Missing."""
    case = db.session.get(Case, session.get("receipt", 0))
    if case is None:
        raise Missing("no receipt in this session")
    return case
