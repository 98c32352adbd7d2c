"""What to do now: the emergency page."""

from __future__ import annotations

from dataclasses import replace

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from screening.access import public
from screening.actions import drafts
from screening.actions.alerts import add_contact
from screening.actions.unit import PATIENT
from screening.models import Draft
from screening.notice_words import Audience
from screening.notices import Kind, Message
from screening.patient_forms import HelpForm, help_form
from screening.views.patient.blueprint import bp, current_draft, see_other, to_check
from screening.views.patient.pages import resume


@bp.get("/screening/emergency")
@public
def emergency() -> ResponseReturnValue:
    draft = current_draft()
    return emergency_page(draft) if _message(draft) else resume(draft)


@bp.post("/screening/emergency")
@public
def tell_where() -> ResponseReturnValue:
    draft = current_draft()
    form = _form(draft)
    if not form.validate():
        return emergency_page(draft, form), 422
    add_contact(draft_id=draft.id, contact=form.contact(), by=PATIENT)
    flash(_("The clinic can see this now. No one is on the way until you call."))
    return see_other("patient.emergency", to=to_check())


@bp.post("/screening/go-on")
@public
def go_on() -> ResponseReturnValue:
    return resume(drafts.go_on(draft_id=current_draft().id, by=PATIENT))


def emergency_page(draft: Draft, form: HelpForm | None = None, problem: str = "") -> str:
    form = form or _form(draft)
    return render_template(
        "patient/emergency.html",
        message=_message(draft),
        form=form,
        errors=form.problems(),
        problem=problem,
        to=to_check(),
    )


def emergency_told(draft: Draft) -> Message | None:
    """What the person was told to do, without anything that was answered."""
    message = _message(draft)
    return replace(message, reasons=()) if message else None


def contact_sent(draft: Draft) -> dict[str, str]:
    """Who and where the person is, in the present request: cut to length rather than refused."""
    form = _form(draft)
    return {field.name: field.data[: field.longest] for field in form.shown()}


def _message(draft: Draft) -> Message | None:
    return next((told for told in drafts.messages_of(draft) if told.kind == Kind.EMERGENCY), None)


def _form(draft: Draft) -> HelpForm:
    message = _message(draft)
    known = {"name": draft.identity.get("full_name"), "phone": draft.identity.get("phone"), **(draft.contact or {})}
    given = {part: text for part, text in known.items() if text}
    return help_form(given, Audience(message.shown_to) if message else Audience.PATIENT)
