"""The form with which staff invite a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import RadioField, SelectChoice
from wtforms.validators import AnyOf

from screening.forms import PageForm
from screening.forms.fields import Problem
from screening.forms.identity import BirthDateField, EmailField, LineField, PhoneField
from screening.language import english_name

NAME_LENGTH_MAX = 200
PHONE_LENGTH_MAX = 40
EMAIL_LENGTH_MAX = 254


class BirthField(BirthDateField):
    """The date of birth of somebody else."""

    def part_autocomplete(self, part: str) -> str:
        return "off"

    def missing(self) -> str:
        return "Enter the person's date of birth"


class InvitationForm(PageForm):
    def shown(self) -> list[Any]:
        """All but the language, which is drawn as staff forms are."""
        return [field for field in self if field.name != "language"]

    def problems(self) -> list[Problem]:
        own: list[Problem] = [{"text": str(error), "href": "#language"} for error in self["language"].errors]
        return super().problems() + own

    def identity(self) -> dict[str, str]:
        """full_name, date_of_birth as ISO, phone and email; empty if not given."""
        return {field.name: field.data for field in self.shown()}


def invitation_form(today: date, languages: Sequence[str]) -> InvitationForm:
    """Who is invited. `languages` are codes, the usual one first."""
    choices = [SelectChoice(code, english_name(code)) for code in languages]
    members = {
        "full_name": LineField(
            "Full name", longest=NAME_LENGTH_MAX, missing="Enter the person's full name", autocomplete="off"
        ),
        "date_of_birth": BirthField(
            "Date of birth",
            "Month, day and year, such as 3 27 1975. The person is asked for it beside the code.",
            today=today,
        ),
        "email": EmailField(
            "E-mail address", "May be left blank.", longest=EMAIL_LENGTH_MAX, inputtype="email", autocomplete="off"
        ),
        "phone": PhoneField(
            "Phone number", "May be left blank.", longest=PHONE_LENGTH_MAX, inputtype="tel", autocomplete="off"
        ),
        "language": RadioField(
            "Language of the invitation",
            choices=choices,
            default=languages[0],
            validate_choice=False,
            validators=[AnyOf(languages, message="Choose a language")],
        ),
    }
    form: InvitationForm = type("AskedInvitation", (InvitationForm,), members)()
    return form
