"""The forms that staff fill in around what they key in: who it is about, and that the person agreed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rules.model import ENGLISH
from screening.forms import ContactForm, PageForm, contact_fields
from screening.forms.identity import BirthDateField, DayField, PickField, TickField
from screening.language import english_name, offered
from screening.provenance import Channel

BIRTH_HINT = "Leave it blank if it is not known. The age then counts as unknown."
AGREED = {
    Channel.PAPER: "The person signed the form, so that the clinic may use the answers",
    Channel.PHONE: "The person said that the clinic may use the answers",
}


class AboutForm(ContactForm):
    """Who a form is about, as far as known, and the day of a paper form."""

    allow_blank = True
    OF_THE_FORM = ("filled_on", "language")

    def identity(self) -> dict[str, Any]:
        return {field.name: field.data for field in self.shown() if field.name not in self.OF_THE_FORM}

    def day(self) -> date | None:
        typed = self["filled_on"].data if "filled_on" in self else None
        return date.fromisoformat(typed) if typed else None

    def written_in(self) -> str:
        return str(self["language"].data) if "language" in self else ENGLISH


class SentForm(PageForm):
    """That the person agreed."""


def about_form(today: date, identity: Mapping[str, Any]) -> AboutForm:
    """The identity of a form that is being keyed in, to change it."""
    return _about({}, today, identity)


def begin_form(channel: Channel, today: date) -> AboutForm:
    """The first page of what is keyed in."""
    paper = {
        "filled_on": DayField(
            "When was the form filled in?",
            "If it has no date, enter the day on which it came to the clinic.",
            today=today,
        )
    }
    names = [(code, english_name(code)) for code in offered()]
    language = {"language": PickField("Language of the form", names)} if len(names) > 1 else {}
    return _about({**(paper if channel is Channel.PAPER else {}), **language}, today, {})


def sent_form(channel: Channel) -> SentForm:
    members = {"agree": TickField(AGREED[channel], missing="Tick the box to send the answers")}
    form: SentForm = type("AskedSent", (SentForm,), members)()
    return form


def _about(first: Mapping[str, Any], today: date, identity: Mapping[str, Any]) -> AboutForm:
    birth = BirthDateField("Date of birth", BIRTH_HINT, today=today, allow_blank=True)
    members = {**first, "date_of_birth": birth, **contact_fields(allow_blank=True)}
    form: AboutForm = type("AskedAbout", (AboutForm,), members)(data=dict(identity))
    return form
