"""What is asked by telephone and keyed in on a case's page: the front desk's own questions, or all for clinicians."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect
from flask.typing import ResponseReturnValue

from rules import AnswerError
from screening.actions.amending import Amended, amend_answers
from screening.actions.open_draft import allowed
from screening.actions.unit import Missing
from screening.amend_forms import SeenForm, asked_now, call_form, questions_of
from screening.auth import actor
from screening.forms import TOGETHER, QuestionForm, as_stored
from screening.forms.fields import Problem
from screening.queries.amendments import ToAsk, to_ask
from screening.rulebook import ruleset

MEANWHILE = "Somebody else keyed in another answer to this question a moment ago. Save again to put yours in its place."

NOT_ASKED = "Something on the page is not asked of this person any more, or is a clinician’s to ask. It was not saved."


@dataclass(frozen=True)
class Asking:
    """The form of a call on a page. `fields` are in two parts: still open, and keyed in by telephone before."""

    form: QuestionForm
    open: tuple[Any, ...]
    keyed: tuple[Any, ...]
    seen: int
    problems: tuple[Problem, ...] = ()


def asking(reference: str, *, clinician: bool) -> Asking:
    """The form as a page shows it that was not sent from it."""
    ask = _found(reference, clinician)
    return _stored_form(ask, ask.open | ask.keyed, {})


def key_in(reference: str, *, clinician: bool, show: Callable[[Asking], str], address: str) -> ResponseReturnValue:
    """Save what was sent, and go on to `address`; `show` draws the page again where something stands against it."""
    ask, seen = _found(reference, clinician), SeenForm()
    if not seen.validate():
        abort(400)
    form = _form(ask, _may_ask(clinician) & asked_now(), {})
    if not form.validate():
        return show(_with(ask, form, seen.assessment_seen.data)), 422
    values = form.answers()
    try:
        amended = amend_answers(case_id=ask.case_id, values=values, seen=seen.assessment_seen.data, by=actor())
    except Missing:
        abort(404)
    except AnswerError as refused:
        _refuse(form, refused)
        return show(_with(ask, form, seen.assessment_seen.data)), 422
    if amended.conflicts:
        again = _stored_form(_found(reference, clinician), amended.conflicts, values)
        return show(_marked(again)), 409
    flash(_said(amended))
    if not asked_now() <= values.keys():
        flash(NOT_ASKED)
    return redirect(address, 303)


def _may_ask(clinician: bool) -> frozenset[str]:
    return frozenset(field.id for field in ruleset().fields.values() if clinician or not field.clinician_only)


def _found(reference: str, clinician: bool) -> ToAsk:
    return to_ask(reference, clinician=clinician) or abort(404)


def _form(ask: ToAsk, fields: Collection[str], typed: Mapping[str, Any]) -> QuestionForm:
    answers = allowed(ask.answers)
    return call_form(ruleset(), questions_of(ruleset(), answers, fields), {**answers, **typed})


def _stored_form(ask: ToAsk, fields: Collection[str], typed: Mapping[str, Any]) -> Asking:
    with as_stored():
        return _with(ask, _form(ask, fields, typed), ask.seen)


def _with(ask: ToAsk, form: QuestionForm, seen: int) -> Asking:
    shown = form.shown()
    keyed = tuple(field for field in shown if field.name in ask.keyed and not field.errors)
    open_ = tuple(field for field in shown if field not in keyed)
    return Asking(form, open_, keyed, seen, tuple(form.problems()))


def _marked(asked: Asking) -> Asking:
    """Each question that two people answered is open, with a word on it."""
    for field in asked.form.shown():
        field.errors = [MEANWHILE]
    return Asking(asked.form, tuple(asked.form.shown()), (), asked.seen, tuple(asked.form.problems()))


def _refuse(form: QuestionForm, refused: AnswerError) -> None:
    field = form[refused.field] if refused.field in form else form.shown()[0]
    field.errors = [TOGETHER.get(refused.field, "This answer does not go with the others. Check both.")]


def _said(amended: Amended) -> str:
    if not amended.changed:
        return "Nothing was changed."
    tier = "The tier is the same." if amended.before == amended.after else "The tier changed."
    again = " The case waits for a decision again." if amended.reopened else ""
    return f"The answers are saved. {tier}{again}"
