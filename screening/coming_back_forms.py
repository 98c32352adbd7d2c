"""The patient's forms about stopping and coming back: a code with a date of birth, and where to send the code."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import ValidationError

from screening.codes import Slip, read_code
from screening.forms import PageForm
from screening.forms.identity import BirthDateField, EmailField, LineField

TYPED_LENGTH_MAX = 40
EMAIL_LENGTH_MAX = 254


class CodeField(LineField):
    """A code as somebody types it. `code` is how codes.read_code gives it."""

    code = ""

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        try:
            self.code = read_code(self.data)
        except Slip as slip:
            raise ValidationError(_("Check the code. A letter or number is wrong or missing.")) from slip


class NeededEmailField(EmailField):
    """An e-mail address that may not be blank."""

    def pre_validate(self, form: Any) -> None:
        try:
            super().pre_validate(form)
        except ValidationError as error:
            raise ValidationError(_("Check the email. It must look like name@example.com")) from error


class CodeForm(PageForm):
    code: CodeField

    def not_found(self) -> None:
        """Say that nothing was found: the same words whatever is wrong."""
        self.code.errors = [_("We found no form with this code and date of birth. Check both.")]

    def too_many(self) -> None:
        self.code.errors = [_("There were too many tries. Wait a while and try again, or call the clinic.")]


class EmailForm(PageForm):
    email: NeededEmailField

    def too_many(self) -> None:
        self.email.errors = [_("We cannot send more emails now. Write the code down.")]


def code_form(today: date) -> CodeForm:
    members = {
        "code": CodeField(
            _("What is your code?"),
            _("It has 9 letters and numbers, such as %(example)s.", example="7KX M3T RW4"),
            longest=TYPED_LENGTH_MAX,
            missing=_("Enter your code"),
            autocomplete="off",
        ),
        "date_of_birth": BirthDateField(
            _("What is the date of birth?"),
            _("The one that was given at the start. For example, 3 27 1975"),
            today=today,
        ),
    }
    form: CodeForm = type("AskedCode", (CodeForm,), members)()
    return form


def email_form(known: str) -> EmailForm:
    members = {
        "email": NeededEmailField(
            _("Email address"),
            longest=EMAIL_LENGTH_MAX,
            missing=_("Check the email. It must look like name@example.com"),
            inputtype="email",
            autocomplete="email",
        )
    }
    form: EmailForm = type("AskedEmail", (EmailForm,), members)(data={"email": known})
    return form
