"""Answers keyed in by telephone: the case is assessed anew, nothing is lost, a decision stands or is taken again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from screening import clock
from screening.access import Role
from screening.actions import summaries
from screening.actions.tallies import recount
from screening.actions.unit import SYSTEM
from screening.call_list import CallList
from screening.models import Alert, AuditEvent, Case, CaseAssessment, Notice, db
from screening.questions import QUESTIONS
from tests.conftest import NOON, Browser, SignIn
from tests.factories import submit_case
from tests.staff.test_call_list import UNSURE
from tests.staff.test_front_desk import listed
from tests.staff.test_review import REASON, decide, text_of

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DESK, QUEUE = "/staff/cases", "/staff/queue"
LATER = NOON + timedelta(minutes=5)
_HIDDEN = re.compile(r'<input type="hidden" name="(assessment_seen|asked)" value="([^"]*)"')


def at(place: str, case: Case) -> str:
    return f"{place}/{case.reference}"


def key_in(browser: Browser, address: str, seen: int | None = None, **answers: Any) -> TestResponse:
    """Fill in the form of the call as the page has it, and save it."""
    hidden = _HIDDEN.findall(browser.get(address).text)
    number = next(value for name, value in hidden if name == "assessment_seen") if seen is None else seen
    asked = list(dict.fromkeys([*(value for name, value in hidden if name == "asked"), *answers]))
    return browser.send(f"{address}/answers", {"assessment_seen": number, "asked": asked, **answers}, page=address)


def reviewed(case: Case) -> datetime | None:
    db.session.refresh(case)
    return case.reviewed_at


def asked_on(page: str) -> list[str]:
    return [value for name, value in _HIDDEN.findall(page) if name == "asked"]


def test_what_was_said_by_telephone_is_assessed_and_what_was_before_is_kept(sign_in: SignIn, noon: datetime) -> None:
    case = submit_case(name="Ana Whitfield-Ortega", **UNSURE)
    desk, physician = sign_in(Role.FRONT_DESK), sign_in(Role.PHYSICIAN)
    before = {"answers": dict(case.answers), "record": case.record, "assessment": case.assessment}
    desk.send(f"{at(DESK, case)}/summary", page=at(DESK, case))
    mark = summaries.current_mark(case_id=case.id)
    assert asked_on(desk.get(at(DESK, case)).text) == ["meds_list"]
    with clock.fixed_at(LATER):
        # The front desk's form leaves out what only a clinician asks, whatever is sent.
        assert key_in(desk, at(DESK, case), meds_list=["opioid"], suicide_attempt="no").status_code == 303
    db.session.refresh(case)
    assert (case.answers["meds_list"], case.answers["suicide_attempt"]) == (["opioid"], "not_sure")
    assert case.given and case.given["meds_list"]["by"] == "staff" and case.given["meds_list"]["channel"] == "phone"
    (kept,) = db.session.scalars(select(CaseAssessment))
    assert {name: getattr(kept, name) for name in before} == before
    assert (kept.number, case.assessment_number, kept.reopened) == (0, 1, False)
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.amended")).one()
    assert event.detail["fields"] == ["meds_list"]
    # What that answer opens is asked next, and is to be called about until it was.
    opened = asked_on(desk.get(at(DESK, case)).text)
    assert {"opioids", "opioid_months"} <= {*opened} and {
        call.id for call in CallList.of(case.assessment).front_desk
    } <= {*opened}
    assert case.desk_calls and recount(by=SYSTEM) == []
    # The print shows something else now, and says so.
    assert summaries.current_mark(case_id=case.id) != mark
    assert "Printed before, then changed" in desk.get(at(DESK, case)).text
    for browser, place in ((desk, DESK), (physician, QUEUE)):
        shown = text_of(browser.get(at(place, case)).text)
        assert "by telephone, keyed in by Sam Front desk" in shown
        assert f"{QUESTIONS['meds_list'].text} I’m not sure then " in shown
    assert "S22" not in desk.get(at(DESK, case)).text


def test_a_danger_found_on_the_telephone_alerts_and_says_what_to_do(sign_in: SignIn, noon: datetime) -> None:
    case = submit_case(rf_saddle="not_sure", hx_heart="not_sure")
    physician, desk = sign_in(Role.PHYSICIAN), sign_in(Role.FRONT_DESK)
    db.session.scalars(select(Alert)).one()
    assert asked_on(desk.get(at(DESK, case)).text) == []
    physician.send("/staff/alerts/1/acknowledge", page="/staff/alerts")
    assert key_in(physician, at(QUEUE, case), rf_saddle="new_or_worse_2w").status_code == 303
    alert = db.session.scalars(select(Alert)).one()
    db.session.refresh(case)
    assert (case.tier, alert.tier, alert.acknowledged_at) == (5, 5, None)
    assert 'id="phone-emergency-heading"' in desk.get(at(DESK, case)).text
    said = db.session.scalars(select(Notice).where(Notice.kind == "emergency")).one()
    assert said.shown_to == "staff"
    # A slip of the hand is put right: the way down is told, and the alert stays.
    key_in(physician, at(QUEUE, case), rf_saddle="no")
    db.session.refresh(case)
    db.session.refresh(alert)
    assert case.tier < 4 and alert.changed_back_at is not None
    page = text_of(physician.get(at(QUEUE, case)).text)
    assert page.count("by telephone, keyed in by Sam Physician") == 2
    assert "phone-emergency" not in physician.get(at(QUEUE, case)).text


def test_a_decision_stays_signed_when_nothing_that_it_rests_on_changed(sign_in: SignIn, noon: datetime) -> None:
    case = submit_case(suicide_attempt="not_sure")
    physician = sign_in(Role.PHYSICIAN)
    decide(physician, case)
    signed = case.reviewed_at
    # One unknown for another: same tier, same finding on the same grounds.
    key_in(physician, at(QUEUE, case), suicide_attempt="")
    db.session.refresh(case)
    assert (case.assessment_number, case.answers["suicide_attempt"], case.reviewed_at) == (1, None, signed)
    page = text_of(physician.get(at(QUEUE, case)).text)
    assert "Nothing that this decision rests on changed: it stays signed." in page and "Decide again" not in page


def test_a_decision_is_taken_again_when_what_it_rests_on_changed(sign_in: SignIn, noon: datetime) -> None:
    case = submit_case(name="Ana Whitfield-Ortega", suicide_attempt="not_sure")
    physician = sign_in(Role.PHYSICIAN)
    decide(physician, case, reason="Old plan.")
    key_in(physician, at(QUEUE, case), suicide_attempt="no")
    assert reviewed(case) is None and recount(by=SYSTEM) == []
    again = text_of(physician.get(at(QUEUE, case)).text)
    for shown in ("Decide again", "I’m not sure then No", "no finding", "Old plan.", "Decision reopened"):
        assert shown in again, shown
    # An answer that goes back to what it was does not sign anything by itself.
    key_in(physician, at(QUEUE, case), suicide_attempt="not_sure")
    assert reviewed(case) is None
    assert listed(physician.get(QUEUE).text) == [case.reference]
    # A physician who read the answers before cannot sign for those of now, and keeps what was typed.
    seen = next(iter(case.decisions)).id
    stale = decide(physician, case, reason="Typed long ago.", seen=seen)
    assert "Answers were changed while you were reading." in stale and "Typed long ago." in stale
    sent = re.search(r'name="assessment_seen" value="(\d+)">\s*<div', stale)
    assert sent and sent[1] == "2" and len(case.decisions) == 1
    signed = {"kind": "call_patient", "reason": REASON, "last_seen": seen, "assessment_seen": 2}
    physician.send(f"{at(QUEUE, case)}/decision", signed, page=at(QUEUE, case))
    assert reviewed(case) == NOON and [row.assessment_number for row in case.decisions] == [0, 2]
    # Without the new decision it is the old one's turn, which counts no more.
    physician.send(
        f"{at(QUEUE, case)}/annulment",
        {"decision": case.decisions[-1].id, "annul_reason": "Wrong person."},
        page=at(QUEUE, case),
    )
    assert reviewed(case) is None


@ON_SQLITE
def test_two_who_key_in_at_once_lose_nothing(sign_in: SignIn, noon: datetime) -> None:
    case = submit_case(**UNSURE)
    physician, lead = sign_in(Role.PHYSICIAN), sign_in(Role.MEDICAL_LEAD)
    key_in(physician, at(QUEUE, case), meds_list=["none"], suicide_attempt="not_sure")
    # The second had the page from before: the other question is taken, and nothing that the first keyed in is undone.
    stale = {"assessment_seen": 0, "asked": ["meds_list", "suicide_attempt"], "meds_list": ["not_sure"]}
    address = at(QUEUE, case)
    assert lead.send(f"{address}/answers", {**stale, "suicide_attempt": "no"}, page=address).status_code == 303
    db.session.refresh(case)
    assert (case.answers["meds_list"], case.answers["suicide_attempt"]) == (["none"], "no")
    other = {"assessment_seen": 1, "asked": ["suicide_attempt"], "suicide_attempt": "last_3_months"}
    clash = lead.send(f"{address}/answers", other, page=address)
    db.session.refresh(case)
    assert (clash.status_code, case.answers["suicide_attempt"]) == (409, "no")
    assert "Somebody else keyed in another answer" in clash.text
    assert re.search(r'value="last_3_months"[^>]*checked', clash.text)
    again = {**other, "assessment_seen": 2}
    assert lead.send(f"{address}/answers", again, page=address).status_code == 303
    db.session.refresh(case)
    assert case.answers["suicide_attempt"] == "last_3_months"
    # Nothing changed, nothing written; nonsense is refused.
    assert lead.send(f"{address}/answers", {**again, "assessment_seen": 3}, page=address).status_code == 303
    assert len(db.session.scalars(select(CaseAssessment)).all()) == 3
    unknown = lead.send(f"{address}/answers", {"assessment_seen": 3, "asked": ["x", "age_years"]}, page=address)
    assert unknown.status_code == 303 and "It was not saved." in lead.get(address).text
    assert lead.send(f"{address}/answers", {**again, "assessment_seen": 9}, page=address).status_code == 404
    assert lead.send(f"{address}/answers", {**again, "assessment_seen": "x"}, page=address).status_code == 400
