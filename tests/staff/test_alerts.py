"""Alerts: a strip on every page of those who act on them, a list with how to reach each person, one who takes it on."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from screening import clock
from screening.access import Role
from screening.actions import alerts, drafts
from screening.actions.unit import PATIENT
from screening.models import Alert, AuditEvent, db
from tests.conftest import NOON, Browser, SignIn
from tests.factories import EMERGENCY, URGENT, start_form, submit_case
from tests.staff.test_review import text_of

ALERTS = "/staff/alerts"
STRIP = "not acknowledged"


def page_of(browser: Browser) -> str:
    return text_of(browser.get(ALERTS).text)


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.PHYSICIAN])
def test_open_alerts_stand_on_top_of_every_page(sign_in: SignIn, role: Role) -> None:
    browser = sign_in(role)
    assert STRIP not in text_of(browser.get("/staff/cases").text)
    with clock.fixed_at(NOON):
        submit_case(**URGENT)
    with clock.fixed_at(NOON + timedelta(minutes=12)):
        submit_case(**EMERGENCY)
        page = text_of(browser.get("/staff/cases").text)
    assert "Emergency now 2 alerts not acknowledged , the oldest for 12 min. See the alerts" in page


def test_an_admin_sees_no_alert(sign_in: SignIn) -> None:
    submit_case(**EMERGENCY)
    assert STRIP not in text_of(sign_in(Role.ADMIN).get("/staff/admin/accounts").text)


def test_an_alert_of_a_form_under_way_says_who_as_far_as_is_known(sign_in: SignIn) -> None:
    form = start_form(born="1981-03-04", origin="Tablet 2", **EMERGENCY)
    place = {"name": "Ana", "phone": "555 010 0155", "place": "12 Quay Street"}
    alerts.add_contact(draft_id=form.id, contact=place, by=PATIENT)
    page = page_of(sign_in(Role.FRONT_DESK))
    for shown in (
        "Emergency now Ana Form not submitted",
        "Tablet 2",
        "4 Mar 1981",
        "Ana · 555 010 0155 · 12 Quay Street",
    ):
        assert shown in page
    assert "Phone Not given yet" in page


def test_an_alert_of_a_submitted_form_leads_to_its_case(sign_in: SignIn) -> None:
    case = submit_case(name="Ana Whitfield-Ortega", **EMERGENCY)
    for role, address in ((Role.FRONT_DESK, "cases"), (Role.PHYSICIAN, "queue")):
        page = sign_in(role).get(ALERTS).text
        assert f'href="/staff/{address}/{case.reference}"' in page
        assert "Ana Whitfield-Ortega" in page
        assert "555 010 0199" in page


def test_an_answer_changed_back_marks_the_alert_and_does_not_withdraw_it(sign_in: SignIn) -> None:
    form = start_form(**EMERGENCY)
    with clock.fixed_at(NOON):
        drafts.save_page(draft_id=form.id, values={"rf_saddle": "no"}, by=PATIENT)
    browser = sign_in(Role.FRONT_DESK)
    page = page_of(browser)
    assert "Answer changed back 18 Nov, 12:00" in page
    assert "1 alert not acknowledged" in page


def test_the_first_who_acknowledges_takes_it_on(sign_in: SignIn, noon: datetime) -> None:
    submit_case(**EMERGENCY)
    alert = db.session.scalars(select(Alert)).one()
    desk, physician = sign_in(Role.FRONT_DESK), sign_in(Role.PHYSICIAN)
    address = f"{ALERTS}/{alert.id}/acknowledgement"
    token = physician.token(ALERTS)
    desk.send(address, page=ALERTS)
    late = physician.post(address, data={"csrf_token": token}, follow_redirects=True)
    assert late.status_code == 200
    page = page_of(physician)
    assert "Acknowledged Sam Front desk, 18 Nov, 12:00" in page
    assert STRIP not in page
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "alert.acknowledged")).one()
    assert event.subject_id == alert.id


def test_the_most_urgent_come_first_then_the_longest_waiting(sign_in: SignIn) -> None:
    expected = {"first": (EMERGENCY, 1), "second": (URGENT, 30), "third": (URGENT, 10)}
    for name, (changes, minutes) in reversed(expected.items()):
        with clock.fixed_at(NOON - timedelta(minutes=minutes)):
            submit_case(name=f"Person {name}", **changes)
    page = sign_in(Role.FRONT_DESK).get(ALERTS).text
    assert re.findall(r"Person (\w+)</h3>", page) == list(expected)


@pytest.mark.parametrize("alert_id", ["999", "2147483647", "99999999999999999999", "x"])
def test_an_alert_that_is_not_there_is_a_plain_404(sign_in: SignIn, alert_id: str) -> None:
    desk = sign_in(Role.FRONT_DESK)
    assert desk.send(f"{ALERTS}/{alert_id}/acknowledgement", page="/staff/cases").status_code == 404
