"""Forms that staff key in, from paper and by telephone."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

import rules
from rules import Tier
from screening.access import Role
from screening.actions import drafts
from screening.actions.unit import PATIENT
from screening.clinic import current_clinic
from screening.models import Alert, AuditEvent, Case, Draft, Notice, OutboxMessage, db
from screening.pdf import prepare, summary_of
from screening.record import Record
from tests.conftest import SignIn
from tests.entry.walk import Clerk
from tests.factories import start_form

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NEEDED_BY_MANY = {"rf_saddle": None, "meds_list": ["opioid"], "opioids": None, "peg_pain": None, "sex_at_birth": None}


@pytest.fixture
def clerk(sign_in: SignIn, noon: datetime) -> Clerk:
    return Clerk(sign_in(Role.FRONT_DESK))


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def the_draft() -> Draft:
    return db.session.scalars(select(Draft)).one()


def filled_in(**changes: Any) -> dict[str, Any]:
    """What stands on the paper: the base person, with changes. None was left blank."""
    answers = {**rules.load().base_person, **changes}
    return {field: value for field, value in answers.items() if value is not None and field != "age_years"}


def test_blanks_on_paper_are_unanswered_to_the_rules(clerk: Clerk) -> None:
    clerk.begin(full_name="Ana Whitfield", phone="555 010 0142")
    clerk.until("check", filled_in(**NEEDED_BY_MANY))
    assert "Not answered" in clerk.text
    refused = clerk.post({})
    assert refused.status_code == 422 and "Tick the box to send the answers" in refused.text
    sent = clerk.post({"agree": "yes"})
    case = db.session.scalars(select(Case)).one()
    assert sent.location == f"/staff/cases/{case.reference}"

    # The same person, as explain-case is given one: null is unanswered.
    same = json.loads(json.dumps({**filled_in(), **NEEDED_BY_MANY, "age_years": None}))
    asked = {field: same.get(field) for field in rules.load().asked(same)}
    assert {field: value for field, value in case.answers.items() if field != "age_years"} == {
        field: value for field, value in asked.items() if field != "age_years"
    }
    expected = rules.load().assess(asked)
    assert [(found.rule, found.tier, found.basis) for found in case.findings] == [
        (found.rule, found.tier, found.basis) for found in expected.findings
    ]
    assert {"rf_saddle", "opioids", "age_years"} <= set(case.assessment["incomplete"]) and case.rests_on_unknown
    record = Record.from_json(case.record)
    assert {row.answer for row in record.rows() if row.id in ("rf_saddle", "opioids", "sex_at_birth")} == {
        "Not answered"
    }
    assert (case.channel, case.origin, case.filled_on) == ("paper", "Paper form", date(2026, 11, 9))
    assert "date_of_birth" in case.patient.identity and case.patient.identity["date_of_birth"] is None


def test_each_answer_keeps_who_gave_it_and_who_keyed_it(clerk: Clerk, sign_in: SignIn) -> None:
    clerk.begin()
    clerk.key({})
    clerk.until("legs", filled_in())
    other = Clerk(sign_in(Role.PHYSICIAN))
    listed = other.browser.get("/staff/entry").text
    assert "Sam Front desk" in listed and "1D" in listed and "9 Nov 2026" in listed
    other.open(f"/staff/entry/{the_draft().id}")
    assert other.at == "legs"
    other.until("check", filled_in())
    other.open(f"/staff/entry/{the_draft().id}/pages/who?to=check")
    other.key({"completed_by": "carer"})
    other.until("check", {"with_patient": "no", **filled_in()})
    case_page = other.browser.get(other.post({"agree": "yes"}).location)
    given = db.session.scalars(select(Case)).one().given or {}
    assert {source["by"] for source in given.values()} == {"carer"}
    assert (given["rf_bladder"]["name"], given["rf_legs_pain"]["name"]) == ("Sam Front desk", "Sam Physician")
    keyed = "Answered by a carer, on paper on 9 Nov 2026; keyed in by Sam"
    assert f"{keyed} Physician, where nothing else stands beside an answer." in words(case_page.text)
    assert words(case_page.text).count(f"{keyed} Front desk") == 3
    case = db.session.scalars(select(Case)).one()
    paper = prepare(summary_of(case, current_clinic(), True, base_url="https://clinic.example"), "staff").html
    assert words(paper).count(f"{keyed} Physician, where nothing else stands below an answer.") == 1
    assert words(paper).count(f"{keyed} Front desk") == 3


@pytest.mark.parametrize(
    ("answers", "tier", "place"),
    [
        ({"rf_saddle": "new_or_worse_2w"}, Tier.EMERGENCY, "legs"),
        ({"rf_leg_weakness": "new_or_worse"}, Tier.URGENT, "right-now"),
    ],
    ids=["emergency", "urgent"],
)
def test_a_sign_found_while_keying_says_whom_to_call(
    clerk: Clerk, answers: dict[str, Any], tier: Tier, place: str
) -> None:
    clerk.begin(phone="555 010 0142", full_name="Ana Whitfield")
    clerk.until("call", filled_in(**answers))
    shown = words(clerk.text)
    assert "Call this person now" in shown and "Call 555 010 0142" in shown and "Ana Whitfield" in shown
    alert = db.session.scalars(select(Alert)).one()
    assert (alert.tier, alert.origin) == (tier, "Paper form")
    assert db.session.scalars(select(OutboxMessage)).one().alert_id == alert.id
    listed = words(clerk.browser.get("/staff/alerts").text)
    assert "555 010 0142" in listed and "Paper form" in listed
    assert {notice.shown_to for notice in db.session.scalars(select(Notice))} == {"staff"}
    clerk.key({})
    assert clerk.at == place
    clerk.until("check", filled_in(**answers))
    assert clerk.visited.count("call") == 1


@ON_SQLITE
def test_pages_are_keyed_in_any_order_and_none_is_forgotten(clerk: Clerk) -> None:
    clerk.begin("phone")
    draft = the_draft()
    assert (draft.channel, draft.origin, draft.filled_on) == ("phone", "Telephone", None)
    clerk.open(f"/staff/entry/{draft.id}/pages/pain-time")
    clerk.key({"pain_duration": "gt_1y"})
    assert clerk.at == "pain-known"
    clerk.open(f"/staff/entry/{draft.id}/check")
    assert clerk.at == "who" and "These answers are not keyed in yet." in clerk.text
    wrong = clerk.post({"completed_by": "nobody"})
    assert wrong.status_code == 422 and the_draft().answers.keys() == {"pain_duration", "pain_changed"}
    # A radio that was pressed by mistake can be taken back.
    clerk.key({"completed_by": "self"})
    clerk.open(f"/staff/entry/{draft.id}/pages/who")
    assert 'value="self" checked' in clerk.text or re.search(r'value="self"[^>]*checked', clerk.text)
    clerk.send({"completed_by": ""})
    assert the_draft().answers["completed_by"] is None
    clerk.open(f"/staff/entry/{draft.id}/pages/with-patient")
    assert "That page is not asked of this person." in clerk.text


@ON_SQLITE
def test_staff_never_open_the_form_of_a_patient_here(clerk: Clerk) -> None:
    own = start_form(name="Robin Wells")
    for address in ("", "/pages/who", "/check", "/call"):
        refused = clerk.browser.get(f"/staff/entry/{own.id}{address}")
        assert refused.status_code == 404 and "Robin" not in refused.text
    clerk.open("/staff/entry/new/paper")
    for address, data in (("pages/who", {"completed_by": "staff"}), ("check", {"agree": "yes"}), ("discard", {})):
        assert clerk.post(data, f"/staff/entry/{own.id}/{address}").status_code == 404
    assert "Robin Wells" not in clerk.browser.get("/staff/entry").text
    db.session.refresh(own)
    assert own.closed_at is None and own.answers["completed_by"] == "self"


@ON_SQLITE
def test_a_form_begun_by_mistake_is_put_away_and_its_alert_stays(clerk: Clerk) -> None:
    clerk.begin()
    clerk.until("call", filled_in(rf_saddle="new_or_worse_2w"))
    number = the_draft().id
    assert "No phone number is keyed in." in words(clerk.text)
    assert clerk.post({}, f"/staff/entry/{number}/discard").location == "/staff/entry"
    assert "No form is being keyed in." in clerk.browser.get("/staff/entry").text
    assert clerk.browser.get(f"/staff/entry/{number}").status_code == 404
    assert db.session.scalars(select(Alert)).one().acknowledged_at is None
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "draft.discarded")).all()
    assert [event.actor for event in events] == [f"staff:{the_draft().entered_by_id}"]
    with pytest.raises(LookupError):
        drafts.save_page(draft_id=number, values={}, by=PATIENT)
