"""The patient's forms that are no page of the questionnaire: help on the emergency page, and sending."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from screening.forms import PageForm, StartForm
from screening.forms.identity import BirthDateField, LineField, TickField
from screening.notice_words import Audience

NAME_LENGTH_MAX = 200
PHONE_LENGTH_MAX = 40
PLACE_LENGTH_MAX = 300


class HelpForm(PageForm):
    """Who and where the person is. All may be blank, and a phone number is taken as it is."""

    def contact(self) -> dict[str, str]:
        return {field.name: field.data for field in self.shown()}


class SendForm(PageForm):
    """Consent to send."""


def birth_form(today: date, identity: Mapping[str, Any]) -> StartForm:
    """The date of birth alone, to change it later."""
    members = {
        "date_of_birth": BirthDateField(_("What is the date of birth?"), _("For example, 3 27 1975"), today=today)
    }
    form: StartForm = type("AskedBirth", (StartForm,), members)(data=dict(identity))
    return form


def help_form(known: Mapping[str, Any], audience: Audience) -> HelpForm:
    """`known` is what was given before: name, phone and place."""
    own = audience is Audience.PATIENT
    members = {
        "name": LineField(
            _("Your name") if own else _("Name of the person"), longest=NAME_LENGTH_MAX, autocomplete="name"
        ),
        "phone": LineField(
            _("Your phone number") if own else _("Phone number of the person"),
            longest=PHONE_LENGTH_MAX,
            inputtype="tel",
            autocomplete="tel",
        ),
        "place": LineField(
            _("Where you are now") if own else _("Where the person is now"),
            _("For example, the street and house number, or the room at the clinic."),
            longest=PLACE_LENGTH_MAX,
        ),
    }
    form: HelpForm = type("AskedHelp", (HelpForm,), members)(data=dict(known))
    return form


def send_form(audience: Audience) -> SendForm:
    own = audience is Audience.PATIENT
    label = (
        _("I agree that the clinic may read these answers and use them to plan my care")
        if own
        else _("The person agrees that the clinic may read these answers and use them to plan their care")
    )
    members = {"agree": TickField(label, missing=_("Tick the box to send the answers"))}
    form: SendForm = type("AskedSend", (SendForm,), members)()
    return form
