"""What patients would read with other settings: the same messages, made with a policy that is not in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import force_locale

from screening.clinic import WEEKDAYS, Clinic
from screening.language import english_name, offered
from screening.notices import Kind, Message, messages, situation
from screening.rulebook import ruleset

ADULT, CHILD = 40, 16
EMERGENCY: Mapping[str, Any] = {"rf_saddle": "new_or_worse_2w"}
URGENT: Mapping[str, Any] = {"rf_leg_weakness": "new_or_worse"}
"""Answers that give the messages."""


@dataclass(frozen=True)
class Told:
    """One message, and when it is read."""

    when: str
    message: Message


@dataclass(frozen=True)
class InLanguage:
    code: str
    name: str
    told: tuple[Told, ...]


def preview(clinic: Clinic, now: datetime) -> tuple[InLanguage, ...]:
    """The messages in each language that patients could choose."""
    return tuple(InLanguage(code, english_name(code), _told(clinic, now, code)) for code in offered(clinic))


def _told(clinic: Clinic, now: datetime, language: str) -> tuple[Told, ...]:
    opens = _next_opening(clinic, now)
    called = opens and clinic.call_back_by(opens)
    with force_locale(language):
        shown = (
            ("Signs of an emergency", _message(clinic, Kind.EMERGENCY, EMERGENCY)),
            ("To be seen today, when the clinic opens", _message(clinic, Kind.URGENT, URGENT, called)),
            (
                "To be seen today, when the clinic is closed or cannot call in time",
                _message(clinic, Kind.URGENT, URGENT),
            ),
            ("On pages about mood", _message(clinic, Kind.CRISIS_LINE, {})),
            ("On pages about mood, under 18", _message(clinic, Kind.CRISIS_LINE, {}, age=CHILD)),
        )
    return tuple(Told(when, message) for when, message in shown)


def _message(
    clinic: Clinic, kind: Kind, changes: Mapping[str, Any], call_by: datetime | None = None, age: int = ADULT
) -> Message:
    rules = ruleset()
    answers = {**rules.base_person, "age_years": age, **changes}
    at = situation(
        clinic=clinic,
        ruleset=rules,
        values=answers,
        phone="",
        no_phone=False,
        told=(),
        call_by=call_by,
        mood_reached=True,
    )
    asked = {field: answers.get(field) for field in rules.asked(answers)}
    return next(message for message in messages(rules, rules.assess(asked), at) if message.kind == kind)


def _next_opening(clinic: Clinic, now: datetime) -> datetime | None:
    """When the clinic opens on the first day from tomorrow on; None if it never does."""
    for ahead in range(1, len(WEEKDAYS) + 1):
        day = clinic.today(now) + timedelta(days=ahead)
        hours = clinic.opening_hours.get(WEEKDAYS[day.weekday()])
        if hours is not None:
            return datetime.combine(day, time.fromisoformat(hours[0]), clinic.zone)
    return None
