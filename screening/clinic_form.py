"""The form of the clinic's policy: a field for every part of clinic.Clinic, checked as the policy needs it."""

from __future__ import annotations

import re
from datetime import time
from typing import Any
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, IntegerField, RadioField, SelectChoice, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from rules.model import ENGLISH
from screening.actions.clinic import settings_json
from screening.clinic import STAFF_IDLE_MAX, WEEKDAYS, Clinic
from screening.language import LANGUAGES, english_name
from screening.staff_forms import cleaned, within

PHONE = re.compile(r"[\d+][\d ()+./-]{1,30}")
ADDRESSES_MAX = 20
DAY = 1440
REVIEW_FIELDS = {
    "EMERGENCY": ("review_emergency", 1),
    "URGENT": ("review_urgent", 1),
    "PRIORITY": ("review_priority", DAY),
    "CONSULT": ("review_consult", DAY),
}
"""The field of each tier's target, and its unit in minutes."""
OTHER_LANGUAGES = tuple(code for code in LANGUAGES if code != ENGLISH)


def _phone(form: FlaskForm, field: Field) -> None:
    if not PHONE.fullmatch(field.data):
        raise ValidationError(f"{field.label.text}: enter a number to call, such as 911 or 555 010 0200.")


def _text(label: str, *checks: Any, required: bool = True, hint: str = "", length: int = 120) -> StringField:
    need = DataRequired(f"{label}: enter a value.") if required else Optional()
    limit = Length(max=length, message=f"{label}: enter {length} characters or fewer.")
    return StringField(label, filters=[cleaned], validators=[need, limit, *checks], description=hint)


def _minutes(label: str, low: int, high: int, hint: str = "") -> IntegerField:
    message = f"{label}: enter a whole number from {low} to {high}."
    checks = [InputRequired(message), within(low, high, message)]
    return IntegerField(label, validators=checks, description=hint)


class ClinicForm(FlaskForm):  # type: ignore[misc]
    name = _text("Name of the clinic")
    address = _text("Address", required=False, length=200)
    phone = _text("Telephone", _phone, required=False)
    emergency_number = _text(
        "Emergency number", _phone, hint="Shown on every page, and the first thing on the emergency page."
    )
    crisis_line = _text("Crisis line", _phone, hint="For people who think of harming themselves.")
    youth_line = _text("Crisis line for people under 18", _phone)
    urgent_care_place = _text("Where to go when it gets worse", hint="Completes the sentence: go to …")
    urgent_care_line = _text("Urgent-care line", _phone, hint="Shown outside opening hours, in place of a call back.")
    time_zone = _text("Time zone", hint="As in the IANA list, such as America/New_York.")
    call_back_minutes = _minutes(
        "Call back within (minutes)", 15, 720, "Promised for a same-day review, within opening hours."
    )
    left_form_minutes = _minutes("Alert for a form left after (minutes)", 5, 240)
    acknowledge_emergency = _minutes("Next contact told after (minutes): emergency", 1, 240)
    acknowledge_urgent = _minutes("Next contact told after (minutes): same-day review", 1, 1440)
    review_emergency = _minutes("Decide within (minutes): emergency", 1, 1440)
    review_urgent = _minutes("Decide within (minutes): same-day review", 1, 1440)
    review_priority = _minutes("Decide within (days): priority", 1, 60)
    review_consult = _minutes("Decide within (days): specialist consult", 1, 120)
    escalation = TextAreaField(
        "Who is told by e-mail",
        filters=[cleaned],
        description="One address a line. The first is told at once, the others in turn until somebody acknowledges.",
    )
    paper = RadioField(
        "Paper of the summaries",
        choices=[SelectChoice("A4", "A4"), SelectChoice("Letter", "Letter")],
        validators=[InputRequired("Choose a paper size.")],
    )
    alcohol_screening = BooleanField("Ask the alcohol questions (AUDIT-C)")
    draft_days = _minutes("Keep unfinished forms for (days)", 1, 365)
    idle_minutes = _minutes(
        "Close a form in the browser after (minutes)", 20, 480, "When nothing is pressed. Nothing typed is lost."
    )
    invitation_days = _minutes("An invitation can be opened for (days)", 1, 365)
    alert_draft_days = _minutes(
        "Keep unfinished forms that raised an alert for (days)", 30, 3650, "After somebody acknowledged the alert."
    )
    case_years = _minutes(
        "Keep cases for (years)",
        0,
        99,
        "0 keeps every case. Laws say how long records must be kept, and longer for children: ask before you set it.",
    )
    invitation_kept_days = _minutes("List invitations that ran out for (days)", 1, 3650)
    mail_days = _minutes("Keep e-mails that were delivered for (days)", 1, 3650)
    export_years = _minutes("Keep the list of exports for (years)", 1, 99)
    kiosk_idle_minutes = _minutes("Clear a tablet that is left untouched after (minutes)", 1, 30)
    staff_idle_minutes = _minutes(
        "Sign staff out after (minutes)",
        5,
        STAFF_IDLE_MAX,
        "When they do nothing. What they typed and did not send comes back when they sign in again.",
    )
    desk_second_factor = BooleanField("The front desk signs in with a second factor too")
    remind_days = _minutes("Remind people of an invitation after (days)", 1, 365, "Once, if the form was not sent.")

    def validate_time_zone(self, field: Field) -> None:
        if field.data not in available_timezones():
            raise ValidationError("Time zone: enter a name from the IANA list, such as America/New_York.")

    def validate_escalation(self, field: Field) -> None:
        lines = _lines(field.data)
        if len(lines) > ADDRESSES_MAX:
            raise ValidationError(f"Who is told by e-mail: enter {ADDRESSES_MAX} addresses or fewer.")
        for line in lines:
            try:
                validate_email(line, check_deliverability=False)
            except EmailNotValidError as fault:
                raise ValidationError(f"Who is told by e-mail: {line} is not an e-mail address.") from fault

    def in_languages(self, name: str) -> list[Field]:
        """The fields of a setting that has one for each language beside English: "place" or "offer"."""
        return [self[f"{name}_{code}"] for code in OTHER_LANGUAGES]

    def hours(self, day: str) -> tuple[Field, Field]:
        """The fields of one weekday: opens and closes."""
        return self[f"{day}_opens"], self[f"{day}_closes"]

    def validate(self, extra_validators: Any = None) -> bool:
        sound = bool(super().validate(extra_validators))
        for day in WEEKDAYS:
            opens, closes = self.hours(day)
            if not _sound_hours(opens.data, closes.data):
                opens.errors = [f"{day}: enter an opening time and a later closing time, or leave both empty."]
                sound = False
        return sound

    def settings(self) -> dict[str, Any]:
        """What was entered, as the policy is stored."""
        values = {name: field.data for name, field in self._fields.items() if name in PLAIN_FIELDS}
        return {
            **values,
            "opening_hours": {day: _stored_hours(*self.hours(day)) for day in WEEKDAYS},
            "acknowledge_minutes": {
                "EMERGENCY": self.acknowledge_emergency.data,
                "URGENT": self.acknowledge_urgent.data,
            },
            "review_minutes": {tier: self[name].data * unit for tier, (name, unit) in REVIEW_FIELDS.items()},
            "escalation": _lines(self.escalation.data),
            "languages": [ENGLISH, *(code for code in OTHER_LANGUAGES if self[f"offer_{code}"].data)],
            "urgent_care_places": {code: self[f"place_{code}"].data for code in OTHER_LANGUAGES},
        }


for _code in OTHER_LANGUAGES:
    setattr(ClinicForm, f"offer_{_code}", BooleanField(f"Patients may choose {english_name(_code)}"))
    _label = f"Where to go when it gets worse, in {english_name(_code)}"
    setattr(ClinicForm, f"place_{_code}", _text(_label, hint="Completes the sentence: go to …"))

for _day in WEEKDAYS:
    setattr(ClinicForm, f"{_day}_opens", TimeField(f"{_day}, opens", validators=[Optional()]))
    setattr(ClinicForm, f"{_day}_closes", TimeField(f"{_day}, closes", validators=[Optional()]))

STRUCTURED = frozenset(
    {"opening_hours", "acknowledge_minutes", "review_minutes", "escalation", "languages", "urgent_care_places"}
)
PLAIN_FIELDS = frozenset(settings_json(Clinic())) - STRUCTURED


def clinic_form(clinic: Clinic) -> ClinicForm:
    """The form as posted, or else as the policy stands."""
    stored = settings_json(clinic)
    hours = {
        f"{day}_{part}": time.fromisoformat(stored["opening_hours"][day][index])
        for day in WEEKDAYS
        if stored["opening_hours"].get(day)
        for index, part in enumerate(("opens", "closes"))
    }
    minutes = stored["acknowledge_minutes"]
    return ClinicForm(
        data={
            **stored,
            **hours,
            "escalation": "\n".join(stored["escalation"]),
            "acknowledge_emergency": minutes["EMERGENCY"],
            "acknowledge_urgent": minutes["URGENT"],
            **{name: stored["review_minutes"][tier] // unit for tier, (name, unit) in REVIEW_FIELDS.items()},
            **{f"offer_{code}": code in stored["languages"] for code in OTHER_LANGUAGES},
            **{f"place_{code}": stored["urgent_care_places"].get(code, "") for code in OTHER_LANGUAGES},
        }
    )


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _sound_hours(opens: time | None, closes: time | None) -> bool:
    if opens is None or closes is None:
        return opens is closes
    return opens < closes


def _stored_hours(opens: Field, closes: Field) -> list[str] | None:
    if opens.data is None or closes.data is None:
        return None
    return [part.data.isoformat("minutes") for part in (opens, closes)]
