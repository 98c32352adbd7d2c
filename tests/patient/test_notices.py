"""What a person is told, from what the rules say: pure, without a page or a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

import rules
from screening.clinic import Clinic
from screening.notices import Kind, Message, messages, situation
from tests.walk import person

NOON = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
LATE = datetime(2026, 11, 18, 20, 30, tzinfo=UTC)
"""Half past three in the afternoon at the clinic: its two hours end after it closes."""

CLINIC = Clinic(
    emergency_number="911",
    crisis_line="988",
    youth_line="777",
    urgent_care_place="the hospital on Main Street",
    urgent_care_line="555-0199",
)


def told(now: datetime = NOON, before: tuple[str, ...] = (), **changes: Any) -> dict[str, Message]:
    """The messages of a person, by kind. `phone`, `no_phone` and `mood_reached` are no answers."""
    ruleset = rules.load()
    extra: dict[str, Any] = {"phone": "", "no_phone": False, "mood_reached": False}
    extra |= {name: changes.pop(name) for name in list(changes) if name in extra}
    answers = {name: value for name, value in person(**changes).items() if name in ruleset.fields}
    at = situation(
        clinic=CLINIC, ruleset=ruleset, values=answers, told=before, call_by=CLINIC.call_back_by(now), **extra
    )
    return {message.kind: message for message in messages(ruleset, ruleset.assess(answers), at)}


def numbers(message: Message) -> list[str]:
    return [call.number for call in message.calls]


def said(message: Message) -> str:
    return " ".join((message.heading, *message.lines, *message.reasons))


def test_nothing_is_told_where_nothing_is_wrong() -> None:
    assert told() == {}


def test_an_emergency_says_to_call_the_clinics_number() -> None:
    message = told(rf_bladder="new_or_worse_2w")[Kind.EMERGENCY]
    assert message.heading == "Stop and call 911 now"
    assert message.lines[0] == "No one is on the way. Call now."
    assert numbers(message) == ["911"]
    assert message.rules == ("S01",)
    assert "nerves in your back" in said(message)
    assert message.shown_to == "patient"


def test_self_harm_alone_leads_to_the_crisis_line_first() -> None:
    message = told(phq9_item9=1, si_now="yes")[Kind.EMERGENCY]
    assert message.heading == "Stop and call 988 now"
    assert numbers(message) == ["988", "911"]
    assert "No one is on the way" in said(message)


def test_self_harm_beside_another_emergency_gives_both_numbers() -> None:
    message = told(phq9_item9=1, si_now="yes", rf_acute=["chest_pain"])[Kind.EMERGENCY]
    assert message.heading == "Stop and call 911 now"
    assert numbers(message) == ["911", "988"]


def test_one_number_for_both_is_shown_once() -> None:
    clinic = replace(CLINIC, crisis_line="911")
    ruleset = rules.load()
    answers = {name: value for name, value in person(phq9_item9=1, si_now="yes").items() if name in ruleset.fields}
    at = situation(
        clinic=clinic, ruleset=ruleset, values=answers, phone="", no_phone=False, told=(), call_by=None,
        mood_reached=True,
    )  # fmt: skip
    assert numbers(messages(ruleset, ruleset.assess(answers), at)[0]) == ["911"]


def test_a_carer_with_the_person_stays_with_them() -> None:
    message = told(completed_by="carer", with_patient="yes", rf_acute=["collapse"])[Kind.EMERGENCY]
    assert "Stay with them until help comes." in message.lines
    assert message.shown_to == "carer"


@pytest.mark.parametrize("there", ["no", None])
def test_a_carer_elsewhere_gets_someone_to_them(there: str | None) -> None:
    message = told(completed_by="carer", with_patient=there, rf_acute=["collapse"])[Kind.EMERGENCY]
    assert message.heading == "Call 911 now and get someone to them"
    assert "Do not leave them alone." in said(message)


def test_staff_are_to_call_the_person() -> None:
    without = told(completed_by="staff", rf_acute=["collapse"])[Kind.EMERGENCY]
    assert without.heading == "Call this person now"
    assert "Look for it on the paper form" in said(without)
    given = told(completed_by="staff", rf_acute=["collapse"], phone="555-010-0142")[Kind.EMERGENCY]
    assert numbers(given) == ["555-010-0142", "911"]
    assert "No one is on the way" in said(given)


def test_the_banner_stays_and_is_worded_by_whether_the_sign_still_holds() -> None:
    holding = told(rf_bladder="new_or_worse_2w", before=("S01",))[Kind.EMERGENCY_BANNER]
    changed = told(before=("S01",))[Kind.EMERGENCY_BANNER]
    assert holding.heading == "Call 911 now" and holding.holds
    assert changed.heading == "You changed an answer" and not changed.holds
    assert numbers(changed) == ["911"]
    assert numbers(told(before=("S07",))[Kind.EMERGENCY_BANNER]) == ["988", "911"]


def test_urgent_promises_a_call_within_the_clinics_hours() -> None:
    message = told(rf_trauma="major")[Kind.URGENT]
    line = message.lines[0].replace("\u202f", " ")
    assert "If we have not called you by 2:00 PM, or it gets worse, go to the hospital on Main Street." in line
    assert message.rules == ("S06",)
    assert message.reasons


@pytest.mark.parametrize("now", [NIGHT, LATE])
def test_urgent_outside_hours_gives_the_urgent_care_line_and_no_promise(now: datetime) -> None:
    message = told(now=now, rf_trauma="major")[Kind.URGENT]
    assert "called you by" not in said(message)
    assert numbers(message) == ["555-0199"]
    assert "the hospital on Main Street" in said(message)


def test_urgent_without_a_phone_promises_no_call() -> None:
    assert "called you by" not in said(told(no_phone=True, rf_trauma="major")[Kind.URGENT])


def test_urgent_beside_an_emergency_never_says_to_wait() -> None:
    message = told(rf_trauma="major", rf_acute=["chest_pain"])[Kind.URGENT]
    assert message.lines == ("Call for help first. Then tell them this too.",)


def test_urgent_for_an_attempt_gives_the_crisis_line() -> None:
    assert numbers(told(suicide_attempt="last_3_months")[Kind.URGENT]) == ["988"]


@pytest.mark.parametrize("thoughts", [1, 2, 3])
def test_thoughts_of_harm_put_the_crisis_line_on_every_page(thoughts: int) -> None:
    message = told(phq9_item9=thoughts, si_now="no")[Kind.CRISIS_LINE]
    assert message.everywhere
    assert numbers(message) == ["988"]


@pytest.mark.parametrize("thoughts", [0, "declined"])
def test_everyone_sees_the_crisis_line_on_the_pages_about_mood(thoughts: int | str) -> None:
    assert Kind.CRISIS_LINE not in told(phq9_item9=thoughts)
    message = told(phq9_item9=thoughts, mood_reached=True)[Kind.CRISIS_LINE]
    assert not message.everywhere


@pytest.mark.parametrize(("age", "line"), [(17, "777"), (18, "988"), (None, "988")])
def test_under_18_it_is_the_youth_line(age: int | None, line: str) -> None:
    assert numbers(told(age_years=age, phq9_item9=2, si_now="no")[Kind.CRISIS_LINE]) == [line]
    assert numbers(told(age_years=age, phq9_item9=2, si_now="yes")[Kind.EMERGENCY])[0] == line


@pytest.mark.parametrize(("upper", "lower", "due"), [(180, 80, True), (150, 120, True), (179, 119, False)])
def test_a_very_high_blood_pressure_is_to_be_measured_again(upper: int, lower: int, due: bool) -> None:
    messages_due = told(bp_systolic=upper, bp_diastolic=lower)
    assert (Kind.MEASURE_AGAIN in messages_due) is due
    if due:
        assert "5 minutes" in said(messages_due[Kind.MEASURE_AGAIN])
        assert "Call 911 at once if there is chest pain" in said(messages_due[Kind.MEASURE_AGAIN])


def test_a_message_is_the_same_after_storing() -> None:
    for message in told(phq9_item9=1, si_now="yes", rf_trauma="major").values():
        assert Message.from_json(message.to_json()) == message


EVERY_SCENE = [
    {"completed_by": "self"},
    {"completed_by": "carer", "with_patient": "yes"},
    {"completed_by": "carer", "with_patient": "no"},
    {"completed_by": "staff"},
]


@pytest.mark.parametrize("scene", EVERY_SCENE)
@pytest.mark.parametrize("no_phone", [True, False])
@pytest.mark.parametrize("now", [NOON, NIGHT])
@pytest.mark.parametrize(
    "changes",
    [
        {"rf_bladder": "new_or_worse_2w"},
        {"phq9_item9": 1, "si_now": "yes"},
        {"rf_trauma": "major"},
        {"rf_trauma": "major", "rf_acute": ["chest_pain"]},
        {"before": ("S01",)},
        {"before": ("S07",)},
        {"phq9_item9": 1, "si_now": "no", "bp_systolic": 200, "bp_diastolic": 100},
    ],
)
def test_every_message_has_its_words(scene: dict[str, Any], no_phone: bool, now: datetime, changes: Any) -> None:
    due = told(now=now, no_phone=no_phone, **scene, **changes)
    assert due
    for message in due.values():
        assert message.heading and all(message.lines)
        assert "%(" not in said(message)
        assert "  " not in said(message)
