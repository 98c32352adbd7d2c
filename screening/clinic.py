"""The clinic's own policy: name, address, numbers, hours, languages, retention. Plain data and pure questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, g
from sqlalchemy import select

from screening.letter_words import DEFAULT_TEMPLATE
from screening.models import ClinicSetting, db

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


LAST_READ = "last_read_clinic"
STAFF_IDLE_MAX = 60
"""Minutes. No setting leaves staff signed in for longer when they do nothing."""

LISTS = frozenset({"escalation", "languages"})
"""Settings that are lists in JSON and tuples here."""


@dataclass(frozen=True)
class Clinic:
    """Defaults are for the United States. Every field can be set by an admin; values are JSON as stored."""

    name: str = "The pain clinic"
    address: str = ""
    phone: str = ""
    emergency_number: str = "911"
    crisis_line: str = "988"
    youth_line: str = "988"
    urgent_care_place: str = "the nearest emergency department"
    urgent_care_places: Mapping[str, str] = field(default_factory=lambda: {"es": "la sala de emergencias más cercana"})
    """`urgent_care_place` in other languages, by code."""
    urgent_care_line: str = "911"
    time_zone: str = "America/New_York"
    opening_hours: Mapping[str, tuple[str, str] | None] = field(
        default_factory=lambda: {day: ("08:00", "17:00") if day in WEEKDAYS[:5] else None for day in WEEKDAYS}
    )
    call_back_minutes: int = 120
    """How soon the clinic calls a person with an URGENT finding, within opening hours."""
    left_form_minutes: int = 15
    """An URGENT finding in a form left for this long raises its alert."""
    acknowledge_minutes: Mapping[str, int] = field(default_factory=lambda: {"EMERGENCY": 10, "URGENT": 60})
    """After this long without acknowledgement the next contact is told."""
    review_minutes: Mapping[str, int] = field(
        default_factory=lambda: {"EMERGENCY": 10, "URGENT": 240, "PRIORITY": 3 * 1440, "CONSULT": 14 * 1440}
    )
    """How soon after it was submitted a case of each tier is to be decided on, nights and closed days included."""
    escalation: tuple[str, ...] = ()
    """E-mail addresses, in the order in which they are told."""
    paper: str = "Letter"
    """"A4" or "Letter"."""
    alcohol_screening: bool = True
    """Whether the alcohol part (audit1 to audit3) is asked."""
    languages: tuple[str, ...] = ("en", "es")
    """Those that patients may choose, beside English; see language.offered."""
    draft_days: int = 14
    """How long an unfinished form is kept, and its code opens it."""
    idle_minutes: int = 120
    """How long a form stays open in a browser where nothing is pressed."""
    invitation_days: int = 30
    """How long an invitation can be opened."""
    remind_days: int = 3
    """After so many days the person is reminded, once, of an invitation whose form was not sent."""
    letter_template: str = DEFAULT_TEMPLATE
    """What a letter to a referrer begins with; see letter_words.PLACEHOLDERS."""
    alert_draft_days: int = 90
    """How long an unfinished form that raised an alert is kept after somebody acknowledged it."""
    case_years: int = 0
    """How long a case is kept after it last changed or was decided on; 0: until the clinic has set a period."""
    invitation_kept_days: int = 30
    """How long an invitation is listed after it ran out."""
    mail_days: int = 30
    """How long an e-mail's address is kept after it was delivered."""
    export_years: int = 6
    """How long the list says who exported what."""
    kiosk_idle_minutes: int = 3
    """A page on a tablet that nobody touches for this long is cleared away."""
    staff_idle_minutes: int = 15
    """Staff who do nothing for this long are signed out."""
    desk_second_factor: bool = False
    """Whether the front desk signs in with a second factor, as all others do."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def switched_off(self) -> frozenset[str]:
        """Parts of the questionnaire that this clinic does not ask."""
        return frozenset() if self.alcohol_screening else frozenset({"audit_c"})

    def place_in(self, language: str) -> str:
        """Where to go when it gets worse, in a language; it completes the sentence "go to"."""
        return self.urgent_care_places.get(language) or self.urgent_care_place

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    def review_by(self, tier_name: str, submitted_at: datetime) -> datetime | None:
        """By when a physician is to decide; None for a tier that nobody waits in."""
        minutes = self.review_minutes.get(tier_name)
        return None if minutes is None else submitted_at + timedelta(minutes=minutes)

    def closing_time(self, now: datetime) -> datetime | None:
        """When the clinic closes, if it is open at this moment."""
        local = now.astimezone(self.zone)
        hours = self.opening_hours.get(WEEKDAYS[local.weekday()])
        if hours is None:
            return None
        opens, closes = (datetime.combine(local.date(), time.fromisoformat(part), self.zone) for part in hours)
        return closes if opens <= local < closes else None

    def call_back_by(self, now: datetime) -> datetime | None:
        """By when the clinic promises to call, or None when it is closed or closes before."""
        closes = self.closing_time(now)
        promised = now.astimezone(self.zone) + timedelta(minutes=self.call_back_minutes)
        return promised if closes is not None and promised <= closes else None


def with_settings(clinic: Clinic, stored: Mapping[str, Any]) -> Clinic:
    """The clinic with what an admin has set. Names that are no field are left out."""
    known = {part.name for part in fields(Clinic)}
    values: dict[str, Any] = {name: value for name, value in stored.items() if name in known}
    for name in LISTS & values.keys():
        values[name] = tuple(values[name])
    return replace(clinic, **values)


# Put together once: every request says it.
_SETTINGS = select(ClinicSetting.__table__.c.name, ClinicSetting.__table__.c.value)


def stored_clinic() -> Clinic:
    """The clinic's policy as it stands."""
    rows = db.session.execute(_SETTINGS)
    return with_settings(Clinic(), {row.name: row.value for row in rows})


def current_clinic() -> Clinic:
    """The clinic's policy as it stands, read once a request."""
    if "clinic" not in g:
        g.clinic = stored_clinic()
        current_app.extensions[LAST_READ] = g.clinic
    clinic: Clinic = g.clinic
    return clinic


def last_known_clinic() -> Clinic:
    """The clinic as this process read it last, for when the database does not answer; the defaults if it never did."""
    clinic: Clinic = current_app.extensions.get(LAST_READ) or Clinic()
    return clinic
