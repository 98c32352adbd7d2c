"""The switch of the language. On a page with a form it sends along what was typed, which is shown again, not saved."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from screening.access import public
from screening.actions.languages import change_language
from screening.actions.unit import PATIENT, Missing
from screening.language import LANGUAGES, choose, language_now, offered
from screening.translation import is_approved
from screening.views.patient.blueprint import bp, see_other
from screening.views.patient.gone import SHOWN_AGAIN

SWITCH = "switch_language"
"""The name of the buttons."""
ENDPOINTS = f"{bp.name}."


@bp.app_context_processor
def languages() -> dict[str, Any]:
    """On patients' pages alone, and nothing while the database does not answer.

    `awaits_review` tells whether the words of the page are still to be approved by the clinic.
    """
    try:
        codes = offered() if (request.endpoint or "").startswith(ENDPOINTS) else ()
    except SQLAlchemyError:
        codes = ()
    return {
        "languages": {code: LANGUAGES[code] for code in codes},
        "awaits_review": lambda: not is_approved(language_now()),
    }


@bp.before_request
def switch_on_page() -> ResponseReturnValue | None:
    """What else the form was sent for is left undone: the person has not pressed its own button."""
    if SWITCH not in request.form or request.endpoint == f"{bp.name}.{speak.__name__}":
        return None
    _switch(request.form[SWITCH])
    again = SHOWN_AGAIN.get(request.endpoint or "")
    return again("") if again else see_other("patient.start")


@bp.post("/language")
@public
def speak() -> ResponseReturnValue:
    """The switch of a page without a form."""
    _switch(request.form.get(SWITCH, ""))
    return redirect(_came_from(), code=303)


def _switch(language: str) -> None:
    if language not in offered():
        return
    # Where the form is not open any more, the page that says so is to be read.
    with suppress(Missing):
        if "draft_id" in session:
            change_language(draft_id=session["draft_id"], language=language, by=PATIENT)
    choose(language)


def _came_from() -> str:
    """The address of the patient's page that the switch was pressed on; the first page if it cannot be opened."""
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, values = adapter.match(request.form.get("from"), "GET") if adapter else ("", {})
    except HTTPException:
        endpoint, values = "", {}
    return url_for(endpoint, **values) if endpoint.startswith(ENDPOINTS) else url_for("patient.start")
