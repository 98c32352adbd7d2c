"""The start page, and the date of birth when it is changed later."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user
from structlog import get_logger

from screening.access import public
from screening.actions import drafts, holding
from screening.actions.attempts import TooMany
from screening.actions.beginning import begin_form
from screening.actions.unit import PATIENT, Missing
from screening.forms import StartForm, as_if_sent, start_form
from screening.language import language_now
from screening.models import Draft
from screening.patient_forms import birth_form
from screening.sessions import on_tablet
from screening.tablet import came_by
from screening.views.patient.blueprint import (
    BIRTH,
    bp,
    current_draft,
    open_page,
    see_other,
    to_check,
    today,
    told_context,
)
from screening.visit import begin_visit

log = get_logger()

TRY_AGAIN_SECONDS = 3600


@bp.get("/")
@public
def start() -> ResponseReturnValue:
    return start_page(_form())


@bp.post("/")
@public
def begin() -> ResponseReturnValue:
    form = _form()
    if not form.validate():
        return start_page(form), 422
    draft = _same_person(form.identity()["date_of_birth"])
    return open_page(drafts.first_unfinished(draft), None) if draft else _begin(form)


def start_page(form: StartForm | None = None, problem: str = "") -> str:
    form = form or _form()
    return render_template("patient/start.html", form=form, errors=form.problems(), problem=problem)


@bp.get("/screening/date-of-birth")
@public
def birth() -> ResponseReturnValue:
    return birth_page(current_draft())


@bp.post("/screening/date-of-birth")
@public
def change_birth() -> ResponseReturnValue:
    draft = current_draft()
    form = birth_form_of(draft)
    if not form.validate():
        return birth_page(draft, form), 422
    saved = drafts.save_identity(draft_id=draft.id, identity=form.identity(), page=BIRTH, by=PATIENT)
    if saved.show_emergency:
        return see_other("patient.emergency", to=to_check())
    return open_page(drafts.first_unfinished(saved.draft), to_check())


def birth_page(draft: Draft, form: StartForm | None = None, problem: str = "") -> str:
    if form is None and request.method == "GET" and (typed := holding.held_of(draft, BIRTH)):
        form = birth_form_of(draft, typed)
        form.validate()
    form = form or birth_form_of(draft)
    return render_template(
        "patient/birth.html", form=form, errors=form.problems(), problem=problem, to=to_check(), **told_context(draft)
    )


def birth_form_of(draft: Draft, typed: holding.Typed | None = None) -> StartForm:
    """The date of birth, filled in with `typed`, with what is being sent, or with what is stored."""
    if typed is not None:
        with as_if_sent(typed):
            return birth_form_of(draft)
    return birth_form(today(), draft.identity)


def _form() -> StartForm:
    return start_form(today())


def _same_person(date_of_birth: str) -> Draft | None:
    """The form that is open in this browser, if it is about a person of this date of birth: going back loses nothing.

    Anyone else begins a form of their own, and never sees the one before. On a tablet everyone does: two people may
    share a birthday.
    """
    if on_tablet():
        return None
    try:
        draft = current_draft()
    except Missing:
        return None
    return draft if draft.identity["date_of_birth"] == date_of_birth else None


def _begin(form: StartForm) -> ResponseReturnValue:
    """A new form in a new session, whose code comes first."""
    # The clinic's tablets and staff share its address, and are not to be counted with strangers.
    address = None if on_tablet() or current_user.is_authenticated else request.remote_addr
    try:
        draft = begin_form(address=address, identity=form.identity(), language=language_now(), by=PATIENT, **came_by())
    except TooMany:
        return _too_many()
    begin_visit(draft.id)
    return see_other("patient.code")


def _too_many() -> ResponseReturnValue:
    log.warning("too many forms begun")
    typed = [(name, text) for name, text in request.form.items(multi=True) if name != "csrf_token"]
    return render_template("patient/too_many.html", typed=typed), 429, {"Retry-After": str(TRY_AGAIN_SECONDS)}
