"""Pages as forms: what was typed in, answers by question id (or a message beside each field) out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

import rules
from screening.forms.fields import (
    AnswerField,
    AnyField,
    IntegerField,
    OneField,
    Problem,
    ScaleField,
    TextField,
)
from screening.forms.identity import BirthDateField, EmailField, LineField, PhoneField, TickField
from screening.forms.rows import RowsField
from screening.questions.spec import Page, Question
from screening.rulebook import ruleset

KINDS: dict[str, type[AnswerField]] = {
    "one": OneField,
    "any": AnyField,
    "integer": IntegerField,
    "scale": ScaleField,
    "rows": RowsField,
    "text": TextField,
}
"""The field of each kind of question."""

TOGETHER = {"bp_systolic": _l("The top number must be bigger than the bottom number. Check both.")}
"""What to say where answers are each allowed but not together, by the field that the rules name."""


_typed: ContextVar[MultiDict[str, str] | None] = ContextVar("typed", default=None)


@contextmanager
def as_if_sent(typed: Mapping[str, Sequence[str]]) -> Iterator[None]:
    """A form that is made in the block takes `typed` for what was sent, whatever the request holds."""
    token = _typed.set(MultiDict([(name, text) for name, texts in typed.items() for text in texts]))
    try:
        yield
    finally:
        _typed.reset(token)


_stored: ContextVar[bool] = ContextVar("stored", default=False)


@contextmanager
def as_stored() -> Iterator[None]:
    """A form that is made in the block takes nothing from the request, which is another form's."""
    token = _stored.set(True)
    try:
        yield
    finally:
        _stored.reset(token)


class PageForm(FlaskForm):  # type: ignore[misc]
    """A page's form. CSRFProtect checks the token of every post before a view sees it."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            if _stored.get():
                return None
            typed = _typed.get()
            if typed is not None:
                return typed
            return request.form if form.is_submitted() else None

    def shown(self) -> list[Any]:
        """The fields, in the order in which they stand on the page."""
        return list(self)

    def problems(self) -> list[Problem]:
        """The lines of the error summary, in the order of the page."""
        return [problem for field in self.shown() for problem in field.problems()]


class QuestionForm(PageForm):
    """The questions of one page."""

    ruleset: rules.RuleSet

    def answers(self) -> dict[str, Any]:
        """The answer to every question shown; None where it was left unanswered. Only after validation."""
        return {field.question.id: field.data for field in self.shown()}

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        try:
            self.ruleset.check_answers(self.answers())
        except rules.AnswerError as error:
            message = TOGETHER.get(error.field) or _("Check this answer")
            self[error.field].errors = [message]
            return False
        return True


class StartForm(PageForm):
    def identity(self) -> dict[str, Any]:
        return {"date_of_birth": self["date_of_birth"].data}


class ContactForm(PageForm):
    allow_blank = False

    def identity(self) -> dict[str, Any]:
        """full_name, phone and email (empty if not given), no_phone and may_leave_message."""
        return {field.name: field.data for field in self.shown()}

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        phone, none = self["phone"], self["no_phone"]
        if not phone.errors and ((phone.data and none.data) or not (phone.data or none.data or self.allow_blank)):
            phone.errors = [
                _("Enter a phone number or tick the box, not both")
                if phone.data
                else _("Enter a phone number, or tick that you have no phone")
            ]
            return False
        return valid


def page_form(
    page: Page, questions: Sequence[Question], stored: Mapping[str, Any], *, allow_blank: bool = False
) -> QuestionForm:
    """The form of a page's questions, filled in with what was sent, or else with what is stored.

    `allow_blank` is for staff who key in what a person wrote or said: any question may have no answer.
    """
    return build_form(ruleset(), questions, stored, allow_blank=allow_blank)


def build_form(
    rule_set: rules.RuleSet, questions: Sequence[Question], stored: Mapping[str, Any], *, allow_blank: bool = False
) -> QuestionForm:
    """The form of some questions, under a given rule set."""
    members: dict[str, Any] = {"ruleset": rule_set}
    for question in questions:
        spec = rule_set.fields[question.id]
        members[question.id] = KINDS[spec.kind](question, spec, rule_set.opioids, allow_blank=allow_blank)
    filled = {question.id: stored[question.id] for question in questions if question.id in stored}
    form: QuestionForm = type("AskedForm", (QuestionForm,), members)(data=filled)
    return form


def start_form(today: date, identity: Mapping[str, Any] | None = None) -> StartForm:
    """Consent to begin, and the date of birth: a person aged 0 to 120 on a day."""
    members = {
        "date_of_birth": BirthDateField(_("What is your date of birth?"), _("For example, 3 27 1975"), today=today),
        "consent": TickField(
            _("I agree that the clinic may use my answers to plan my care"), missing=_("Tick the box to go on")
        ),
    }
    form: StartForm = type("AskedStart", (StartForm,), members)(data=dict(identity or {}))
    return form


def contact_form(identity: Mapping[str, Any] | None = None, *, allow_blank: bool = False) -> ContactForm:
    """Name, phone (or none) and e-mail."""
    members = {"allow_blank": allow_blank, **contact_fields(allow_blank=allow_blank)}
    form: ContactForm = type("AskedContact", (ContactForm,), members)(data=dict(identity or {}))
    return form


def contact_fields(*, allow_blank: bool = False) -> dict[str, Any]:
    return {
        "full_name": LineField(
            _("Full name"),
            _("If you help someone else, give the name of the person with the pain."),
            longest=200,
            missing=None if allow_blank else _("Enter the full name"),
            autocomplete="name",
        ),
        "phone": PhoneField(_("Phone number"), longest=40, inputtype="tel", autocomplete="tel"),
        "no_phone": TickField(_("I have no phone")),
        "may_leave_message": TickField(_("You may leave a message at this number")),
        "email": EmailField(
            _("Email address"), _("You may leave this blank."), longest=254, inputtype="email", autocomplete="email"
        ),
    }
