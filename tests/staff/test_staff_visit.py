"""How long staff stay signed in, and what becomes of what they typed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from screening import clock
from screening.access import Role
from screening.actions.clinic import save_settings
from screening.actions.unit import SYSTEM
from screening.models import Decision, WebSession, db
from tests.conftest import NOON, SIGN_IN, Browser, SignIn, enter
from tests.factories import CONSULT, submit_case

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
QUEUE = "/staff/queue"
BY_SCRIPT = {"Sec-Fetch-Dest": "empty"}


def signed_in(browser: Browser, minutes: float, headers: dict[str, str] | None = None) -> bool:
    """Whether a page opens so long after noon."""
    with clock.fixed_at(NOON + timedelta(minutes=minutes)):
        return browser.get(QUEUE, headers=headers).status_code == 200


def test_staff_who_do_nothing_are_signed_out_and_scripts_do_not_count(sign_in: SignIn) -> None:
    with clock.fixed_at(NOON):
        browser = sign_in(Role.PHYSICIAN)
    assert signed_in(browser, 14.5)
    assert signed_in(browser, 28, BY_SCRIPT)
    with clock.fixed_at(NOON + timedelta(minutes=29)):
        assert browser.get("/staff/stay", headers=BY_SCRIPT).json == {"seconds": 30}
    assert not signed_in(browser, 30)
    assert not signed_in(browser, 0), "the session is gone, whatever the time"
    assert db.session.scalars(select(WebSession.data)).one().find(b"_user_id") == -1


def test_work_on_a_page_puts_the_end_off_and_the_page_hears_of_it(sign_in: SignIn) -> None:
    with clock.fixed_at(NOON):
        browser = sign_in(Role.PHYSICIAN)
        token = browser.token(QUEUE)
    with clock.fixed_at(NOON + timedelta(minutes=14)):
        said = browser.post("/staff/stay", data={"csrf_token": token}, headers=BY_SCRIPT)
        assert said.json == {"seconds": 15 * 60}
    assert signed_in(browser, 28.5)


def test_nobody_stays_longer_than_a_shift_and_no_setting_lets_them(sign_in: SignIn) -> None:
    with clock.fixed_at(NOON):
        browser = sign_in(Role.PHYSICIAN)
        save_settings(values={"staff_idle_minutes": 100_000}, by=SYSTEM)
    assert all(signed_in(browser, minutes) for minutes in range(59, 12 * 60, 59))
    assert not signed_in(browser, 12 * 60)
    with clock.fixed_at(NOON):
        enter(browser, "physician@clinic.example")
    assert not signed_in(browser, 61)


def test_what_was_sent_too_late_comes_back_to_its_author_alone(sign_in: SignIn) -> None:
    with clock.fixed_at(NOON):
        case = submit_case(**CONSULT)
        browser = sign_in(Role.PHYSICIAN)
        page = f"{QUEUE}/{case.reference}"
        token = browser.token(page)
        sign_in(Role.ADMIN)
    typed = {
        "csrf_token": token,
        "kind": "same_day_visit",
        "reason": "Tender hip.",
        "last_seen": "0",
        "assessment_seen": "0",
    }
    with clock.fixed_at(NOON + timedelta(hours=1)):
        answer = browser.post(f"{page}/decision", data=typed)
        assert answer.status_code == 303 and answer.location == f"{SIGN_IN}?next=/staff/came-back"
        assert not any(b"Tender hip" in data for data in db.session.scalars(select(WebSession.data)))
        enter(browser, "admin@clinic.example")
        assert "Tender hip" not in browser.get("/staff/came-back", follow_redirects=True).text
        browser.send("/staff/sign-out", page="/staff/admin/accounts")
    with clock.fixed_at(NOON):
        enter(browser, "physician@clinic.example")
        token = browser.token(page)
    with clock.fixed_at(NOON + timedelta(hours=1)):
        browser.post(f"{page}/decision", data={**typed, "csrf_token": token})
        enter(browser, "physician@clinic.example")
        shown = browser.get("/staff/came-back").text
        assert "Tender hip." in shown and f'action="{page}/decision"' in shown
        assert db.session.scalars(select(Decision)).all() == []
        token = browser.token("/staff/came-back")
        browser.post(f"{page}/decision", data={**typed, "csrf_token": token})
        assert db.session.scalars(select(Decision.reason)).all() == ["Tender hip."]
        assert browser.get("/staff/came-back").status_code == 302


def test_a_page_under_way_does_not_sign_in_again_who_signed_out(sign_in: SignIn) -> None:
    with clock.fixed_at(NOON):
        browser = sign_in(Role.FRONT_DESK)
        kept = browser.get_cookie("session")
        assert kept is not None
    with (
        clock.fixed_at(NOON + timedelta(minutes=5)),
        browser.application.test_request_context(
            "/staff/cases", headers={"Cookie": f"session={kept.value}"}
        ) as under_way,
    ):
        under_way.session["seen"] = 1
        browser.send("/staff/sign-out", page="/staff/cases")
        browser.application.process_response(browser.application.response_class())
        browser.set_cookie("session", kept.value)
        assert browser.get("/staff/cases").status_code == 302
