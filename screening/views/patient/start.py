"""The start page, and the date of birth when it is changed later."""

from __future__ import annotations

from datetime import date

from flask import render_template, session
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from screening import clock
from screening.access import public
from screening.actions import drafts
from screening.actions.unit import PATIENT, Missing
from screening.clinic import current_clinic
from screening.forms import StartForm, start_form
from screening.models import Draft
from screening.patient_forms import birth_form
from screening.questions.spec import Page
from screening.sessions import start_over
from screening.views.patient.blueprint import bp, current_draft, open_page, see_other, to_check, told_context

CHANNEL = "online"
ORIGIN = "Website"


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
    return open_page(drafts.first_unfinished(draft) if draft else _begin(form), None)


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
    form = birth_form(_today(), draft.identity)
    if not form.validate():
        return birth_page(draft, form), 422
    saved = drafts.save_identity(draft_id=draft.id, identity=form.identity(), by=PATIENT)
    if saved.show_emergency:
        return see_other("patient.emergency", to=to_check())
    return open_page(drafts.first_unfinished(saved.draft), to_check())


def birth_page(draft: Draft, form: StartForm | None = None, problem: str = "") -> str:
    form = form or birth_form(_today(), draft.identity)
    return render_template(
        "patient/birth.html", form=form, errors=form.problems(), problem=problem, to=to_check(), **told_context(draft)
    )


def _form() -> StartForm:
    return start_form(_today())


def _today() -> date:
    return current_clinic().today(clock.now())


def _same_person(date_of_birth: str) -> Draft | None:
    """The form that is open in this browser, if it is about a person of this date of birth: going back loses nothing.

    Anyone else begins a form of their own, and never sees the one before.
    """
    try:
        draft = current_draft()
    except Missing:
        return None
    return draft if draft.identity["date_of_birth"] == date_of_birth else None


def _begin(form: StartForm) -> Page | None:
    """A new form in a new session. Returns its first page."""
    draft = drafts.start_draft(
        identity=form.identity(), channel=CHANNEL, origin=ORIGIN, language=str(get_locale() or "en"), by=PATIENT
    )
    draft_id, first = draft.id, drafts.first_unfinished(draft)
    start_over(keep=("csrf_token",))
    session["draft_id"] = draft_id
    return first
