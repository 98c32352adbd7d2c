"""The blueprint, and what all patient pages share."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, redirect, request, session, url_for
from werkzeug.wrappers import Response

from screening import clock
from screening.actions import drafts
from screening.actions.unit import Missing
from screening.clinic import current_clinic
from screening.models import Draft
from screening.notices import Kind, Message
from screening.questions.spec import Page
from screening.views.patient.marks import make_mark
from screening.visit import WARNED_BEFORE, seconds_left

bp = Blueprint("patient", __name__)

CHECK = "check"
"""The value of `to` in an address: come back to the check page."""

BIRTH, EMERGENCY = "date-of-birth", "emergency"
"""Pages that are no part of the questionnaire, as marks and held pages name them."""


@bp.app_context_processor
def form_furniture() -> dict[str, Any]:
    """What the pages of an open form share: its mark, and how many seconds it stays open here."""
    draft_id = session.get("draft_id")
    if draft_id is None:
        return {"page_mark": lambda _page: ""}
    return {
        "page_mark": lambda page: make_mark(draft_id, page),
        "seconds_left": seconds_left(),
        "warned_before": int(WARNED_BEFORE.total_seconds()),
    }


def current_draft() -> Draft:
    """The form that this browser has open. Raises Missing, which gone.py answers with a page."""
    draft_id = session.get("draft_id")
    if draft_id is None:
        raise Missing("no draft in this session")
    return drafts.load(draft_id)


def today() -> date:
    """The day that it is at the clinic."""
    return current_clinic().today(clock.now())


def see_other(endpoint: str, **values: Any) -> Response:
    return redirect(url_for(endpoint, **values), code=303)


def to_check() -> str | None:
    """Where the person came from to change an answer, kept in every address until they are back."""
    return CHECK if request.args.get("to") == CHECK else None


def open_page(page: Page | None, to: str | None) -> Response:
    """On to a page, or to the check page when there is none left."""
    return see_other("patient.check") if page is None else see_other("patient.page", page_id=page.id, to=to)


def shown_on(draft: Draft, *, mood: bool = False) -> list[Message]:
    """What stands on top of a page of the form. `mood`: the page carries the crisis line."""
    messages = drafts.messages_of(draft)
    return [told for told in messages if told.kind != Kind.EMERGENCY and (told.everywhere or mood)]


def told_context(draft: Draft, *, mood: bool = False) -> dict[str, Any]:
    return {"told": shown_on(draft, mood=mood), "urgent_new": draft.told.get("urgent_new", False)}
