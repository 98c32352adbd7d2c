"""What was typed on a page, whether or not all of it is fit to save."""

from __future__ import annotations

from typing import Any

from flask import request

from screening.actions.holding import Typed
from screening.actions.open_draft import allowed
from screening.forms import QuestionForm
from screening.models import Draft
from screening.views.patient.marks import FIELD

STOP, SWITCH = "stop", "switch_language"
"""The names of the buttons that stop for now, and that change the language."""
NOT_TYPED = ("csrf_token", FIELD, STOP, SWITCH)


def typed_here() -> dict[str, list[str]]:
    """What the present request sends of a page."""
    return {name: texts for name, texts in request.form.lists() if name not in NOT_TYPED}


def has_text(field: str, typed: Typed) -> bool:
    """Whether anything was typed or chosen for a field, or for a part of it."""
    return any(
        text.strip() for name, texts in typed.items() if name == field or name.startswith(f"{field}-") for text in texts
    )


def fit_answers(form: QuestionForm, draft: Draft, typed: Typed) -> dict[str, Any]:
    """The answers of a validated form that are fit to save by themselves. A question left blank stays unasked."""
    given = {
        field.question.id: field.data
        for field in form.shown()
        if not field.errors and (field.question.id in draft.answers or has_text(field.name, typed))
    }
    return allowed(given)
