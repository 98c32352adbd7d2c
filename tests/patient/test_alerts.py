"""From an answer to the emergency page, the banner, the alert and the proof of what was shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from rules import Tier
from screening import clock
from screening.actions.alerts import acknowledge, raise_for_left_draft
from screening.actions.unit import SYSTEM, Actor
from screening.models import Alert, Notice, OutboxMessage, db
from tests.conftest import NOON
from tests.patient.conftest import the_draft
from tests.walk import HttpWalker, person

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CES = {"rf_bladder": "new_or_worse_2w"}


def the_alert() -> Alert:
    return db.session.scalars(select(Alert)).one()


def messages() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage)))


def notices() -> list[tuple[str, str]]:
    return [(notice.kind, notice.shown_to) for notice in db.session.scalars(select(Notice).order_by(Notice.id))]


def change(walker: HttpWalker, page: str, **answers: Any) -> str:
    walker.open(f"/screening/{page}")
    return walker.answer(person(**answers))


def test_an_emergency_answer_leads_to_the_page_and_raises_the_alert_at_once(walker: HttpWalker) -> None:
    walker.walk(person(**CES), until="emergency")
    assert walker.visited[-2:] == ["bladder-bowel", "emergency"]
    assert "<h1" in walker.text and "Stop and call 911 now" in walker.text
    assert 'href="tel:911"' in walker.text
    assert "No one is on the way. Call now." in walker.text
    alert = the_alert()
    assert (alert.tier, alert.rules, alert.origin) == (Tier.EMERGENCY, ["S01"], "Website")
    assert alert.raised_at == NOON and alert.changed_back_at is None
    assert [message.contact_position for message in messages()] == [0]
    assert notices() == [("emergency", "patient")]


def test_going_on_keeps_the_banner_on_every_later_page(walker: HttpWalker) -> None:
    answers = person(**CES)
    walker.walk(answers, until="emergency")
    assert walker.answer(answers) == "legs"
    assert notices() == [("emergency", "patient"), ("emergency_banner", "patient")]
    for page in ("legs", "contact", "feelings", "check"):
        walker.until(page, answers)
        assert 'id="emergency_banner-heading"' in walker.text, page
    assert walker.visited.count("emergency") == 1
    assert len(notices()) == len(set(notices()))


@ON_SQLITE
def test_a_proof_holds_the_very_words(walker: HttpWalker) -> None:
    walker.walk(person(**CES), until="emergency")
    notice = db.session.scalars(select(Notice)).one()
    assert notice.text["rules"] == ["S01"]
    assert notice.shown_at == NOON
    for line in notice.text["lines"]:
        assert line in walker.text


def test_an_answer_changed_back_marks_the_alert_and_never_withdraws_it(walker: HttpWalker) -> None:
    answers = person(**CES)
    walker.walk(answers, until="legs")
    assert change(walker, "bladder-bowel") == "legs"
    assert the_alert().changed_back_at == NOON
    assert the_alert().tier == Tier.EMERGENCY
    assert "You changed an answer" in walker.text
    assert change(walker, "bladder-bowel", **CES) == "legs"
    assert the_alert().changed_back_at is None
    assert len(messages()) == 1


def test_another_emergency_is_told_anew_and_opens_an_acknowledged_alert(walker: HttpWalker) -> None:
    walker.walk(person(**CES), until="right-now")
    acknowledge(alert_id=the_alert().id, by=Actor("system", name="Sam"))
    assert the_alert().acknowledged_name == "Sam"
    assert walker.answer(person(rf_acute=["chest_pain"])) == "emergency"
    alert = the_alert()
    assert alert.rules == ["S01", "S03"]
    assert alert.acknowledged_at is None and alert.acknowledged_name is None
    assert len(messages()) == 2
    assert "ambulance" in walker.text


@ON_SQLITE
def test_an_acknowledgement_counts_once(walker: HttpWalker) -> None:
    walker.walk(person(**CES), until="emergency")
    acknowledge(alert_id=the_alert().id, by=Actor("system", name="Sam"))
    acknowledge(alert_id=the_alert().id, by=Actor("system", name="Kim"))
    assert the_alert().acknowledged_name == "Sam"


def test_name_phone_and_place_reach_the_alert_at_once(walker: HttpWalker) -> None:
    walker.walk(person(**CES), until="emergency")
    given = {"name": "Robin", "phone": "0142", "place": "12 Main Street"}
    assert walker.send("/screening/emergency", given) == "emergency"
    assert the_alert().contact == given
    assert the_draft().contact == given
    assert "The clinic can see this now. No one is on the way until you call." in walker.text


@ON_SQLITE
def test_all_of_it_may_be_left_blank(walker: HttpWalker) -> None:
    walker.walk(person(**CES), until="emergency")
    assert walker.send("/screening/emergency", {}) == "emergency"


@ON_SQLITE
def test_the_emergency_page_is_not_there_without_an_emergency(walker: HttpWalker) -> None:
    walker.arrive(person(), "legs")
    assert walker.open("/screening/emergency") == "legs"


def test_an_emergency_from_the_check_page_comes_back_to_it(walker: HttpWalker) -> None:
    walker.arrive(person())
    walker.open("/screening/bladder-bowel?to=check")
    assert walker.answer(person(**CES)) == "emergency"
    assert the_alert().tier == Tier.EMERGENCY
    assert walker.send("/screening/go-on?to=check", {}) == "check"
    assert 'id="emergency_banner-heading"' in walker.text


@pytest.mark.parametrize(
    ("who", "shown_to", "heading"),
    [
        ({"completed_by": "carer", "with_patient": "no"}, "carer", "Call 911 now and get someone to them"),
        ({"completed_by": "staff"}, "staff", "Call this person now"),
    ],
)
@ON_SQLITE
def test_carers_and_staff_have_words_of_their_own(
    walker: HttpWalker, who: dict[str, str], shown_to: str, heading: str
) -> None:
    walker.walk(person(**who, **CES), until="emergency")
    assert heading in walker.text
    assert notices() == [("emergency", shown_to)]


def test_urgent_is_a_panel_in_full_once_then_short(walker: HttpWalker) -> None:
    answers = person(rf_trauma="major")
    walker.walk(answers, until="contact")
    assert "A clinician needs to see you today" in walker.text
    assert "<details" not in walker.text
    assert notices() == [("urgent", "patient")]
    walker.answer(answers)
    assert "A clinician needs to see you today" in walker.text
    assert "<details" in walker.text
    assert db.session.scalars(select(Alert)).all() == []


@ON_SQLITE
def test_the_promise_stands_through_the_day(walker: HttpWalker) -> None:
    answers = person(rf_trauma="major")
    half_past_two = NOON + timedelta(hours=2, minutes=30)
    with clock.fixed_at(half_past_two):
        walker.walk(answers, until="contact")
    with clock.fixed_at(half_past_two + timedelta(minutes=20)):
        walker.answer(answers)
        assert "called you by 4:30" in walker.text
    with clock.fixed_at(half_past_two + timedelta(hours=11)):
        walker.come_back(walker.code, answers)
        walker.answer(answers)
        assert "called you by" not in walker.text
        assert "We cannot call you in time today" in walker.text


def test_a_form_left_with_an_urgent_answer_raises_its_alert(walker: HttpWalker) -> None:
    walker.arrive(person(rf_trauma="major"), "contact")
    raise_for_left_draft(draft_id=the_draft().id, by=SYSTEM)
    raise_for_left_draft(draft_id=the_draft().id, by=SYSTEM)
    assert (the_alert().tier, the_alert().rules) == (Tier.URGENT, ["S06"])
    assert len(messages()) == 1


def test_a_tier_that_rises_opens_the_alert_again(walker: HttpWalker) -> None:
    walker.arrive(person(rf_trauma="major"), "contact")
    raise_for_left_draft(draft_id=the_draft().id, by=SYSTEM)
    acknowledge(alert_id=the_alert().id, by=Actor("system", name="Sam"))
    assert change(walker, "bladder-bowel", **CES) == "emergency"
    alert = the_alert()
    assert alert.tier == Tier.EMERGENCY
    assert alert.acknowledged_at is None
    assert alert.rules == ["S06", "S01"]


def test_submission_raises_the_alert_of_an_urgent_answer(walker: HttpWalker) -> None:
    walker.finish(person(rf_trauma="major"))
    assert (the_alert().tier, the_alert().rules) == (Tier.URGENT, ["S06"])
    assert len(messages()) == 1


@ON_SQLITE
def test_the_crisis_line_is_on_every_page_about_mood_and_on_no_other(walker: HttpWalker) -> None:
    answers = person()
    walker.walk(answers, until="mood")
    for page in ("mood", "dark-thoughts", "past-harm", "mind"):
        walker.until(page, answers)
        assert 'id="crisis_line-heading"' in walker.text, page
    walker.until("alcohol", answers)
    assert 'id="crisis_line-heading"' not in walker.text
    assert notices() == [("crisis_line", "patient")]


@ON_SQLITE
def test_a_get_never_writes(walker: HttpWalker) -> None:
    walker.walk(person(**CES), until="legs")
    before = (notices(), the_draft().last_activity_at)
    with clock.fixed_at(NOON + timedelta(hours=1)):
        for address in ("/screening/emergency", "/screening/legs", "/screening/who"):
            walker.open(address)
    assert (notices(), the_draft().last_activity_at) == before


@ON_SQLITE
def test_an_answer_off_the_path_raises_nothing(walker: HttpWalker, noon: datetime) -> None:
    answers = person(phq9_item9=1, si_now="no")
    walker.arrive(answers, "mind")
    change(walker, "dark-thoughts", phq9_item9=0)
    assert the_draft().tier < Tier.URGENT
    assert 'id="urgent-heading"' not in walker.text
