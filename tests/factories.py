"""Cases and forms under way for tests, made by the actions that a patient's browser calls."""

from __future__ import annotations

from datetime import date
from typing import Any

from screening import clock
from screening.actions import drafts
from screening.actions.submit import submit
from screening.actions.unit import PATIENT
from screening.clinic import current_clinic
from screening.identity import age_on
from screening.models import Case, Draft
from screening.rulebook import ruleset

EMERGENCY: dict[str, Any] = {"rf_saddle": "new_or_worse_2w"}
URGENT: dict[str, Any] = {"rf_leg_weakness": "new_or_worse"}
PRIORITY: dict[str, Any] = {"cancer_history": "past"}
CONSULT: dict[str, Any] = {
    "peg_pain": 4,
    "peg_enjoyment": 4,
    "peg_activity": 4,
    "tx_nsaid": "no_help",
    "tx_physio": "helped_some",
}
A04: dict[str, Any] = {**CONSULT, "pain_limits": "every_day", "tx_physio": "no_help"}
"""CONSULT as well, and before other CONSULT cases."""


def start_form(*, name: str = "", born: str = "1981-03-04", origin: str = "Website", **changes: Any) -> Draft:
    """A form under way, in which everything that is asked of the base person, with `changes`, was continued past."""
    draft = drafts.start_draft(
        identity={"date_of_birth": born}, channel="online", origin=origin, language="en", by=PATIENT
    )
    age = age_on(date.fromisoformat(born), current_clinic().today(clock.now()))
    answers = {**ruleset().base_person, **changes, "age_years": age}
    asked = {field: answers.get(field) for field in ruleset().asked(answers) if field != "age_years"}
    drafts.save_page(draft_id=draft.id, values=asked, by=PATIENT)
    if name:
        drafts.save_identity(draft_id=draft.id, identity=contact(name), by=PATIENT)
    return draft


def submit_case(
    *, name: str = "Ana Whitfield-Ortega", born: str = "1981-03-04", phone: str = "", email: str = "", **changes: Any
) -> Case:
    """A submitted case: the base person's answers, with `changes`."""
    draft = start_form(name=name, born=born, **changes)
    if given := {part: value for part, value in (("phone", phone), ("email", email)) if value}:
        drafts.save_identity(draft_id=draft.id, identity=given, by=PATIENT)
    return submit(draft_id=draft.id, by=PATIENT)


def contact(name: str) -> dict[str, Any]:
    return {
        "full_name": name,
        "phone": "555 010 0199",
        "no_phone": False,
        "may_leave_message": True,
        "email": "person@clinic.example",
    }
