"""The second factor: asked for, set up, used up, lost."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from screening import clock
from screening.access import Role
from screening.actions import accounts, second_factor, staff_mail
from screening.actions.unit import SYSTEM
from screening.clinic import Clinic
from screening.mail import Mail
from screening.models import AuditEvent, RecoveryCode, User, db
from screening.second_factor import code_at
from tests.conftest import (
    NOON,
    PASSWORD,
    SECRET,
    SET_UP,
    SIGN_IN,
    SIGN_IN_CODE,
    Browser,
    SignIn,
    enter,
    fresh_code,
    new_browser,
    set_up_app,
)

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WRONG = "The code is not right"


def half_way(app: Flask, email: str) -> tuple[Browser, str]:
    """A browser where the password was right, and its form token."""
    browser = new_browser(app)
    token = browser.token(SIGN_IN)
    answer = browser.post(SIGN_IN, data={"csrf_token": token, "email": email, "password": PASSWORD})
    assert answer.location == SIGN_IN_CODE
    return browser, token


def give(browser: Browser, token: str, code: str) -> Any:
    return browser.post(SIGN_IN_CODE, data={"csrf_token": token, "code": code})


def events(action: str) -> list[AuditEvent]:
    return list(db.session.scalars(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)))


def test_a_code_lets_in_once_even_when_two_send_it_at_the_same_time(app: Flask, add_staff: Any, noon: Any) -> None:
    user = add_staff(Role.PHYSICIAN)
    email, code = user.email, code_at(SECRET, NOON)
    waiting = [half_way(app, email) for _ in range(3)]
    assert all(browser.get("/staff/queue").location.startswith(SIGN_IN) for browser, _ in waiting)
    db.session.remove()

    def send(one: tuple[Browser, str]) -> int:
        # Threads do not inherit a clock that stands still.
        with clock.fixed_at(NOON), app.app_context():
            return int(give(*one, code).status_code)

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(send, waiting[:2])) == [200, 302]
    assert WRONG in give(*waiting[2], code).text
    assert [event.detail for event in events("account.signed_in")] == [{"via": ["password", "code"]}]
    assert len(events("attempt.refused")) == 2


@SQLITE
def test_a_code_comes_soon_after_the_password_or_not_at_all(app: Flask, client: Browser, add_staff: Any) -> None:
    assert client.get(SIGN_IN_CODE).status_code == 410
    with clock.fixed_at(NOON):
        browser, token = half_way(app, add_staff(Role.ADMIN).email)
    with clock.fixed_at(NOON.replace(minute=11)):
        assert give(browser, token, code_at(SECRET, clock.now())).status_code == 410
        assert browser.get("/staff/admin/accounts").status_code == 302


@SQLITE
def test_who_must_have_one_opens_nothing_before_and_recovers_with_codes(app: Flask) -> None:
    accounts.add_user(email="a@clinic.example", full_name="Ann", password=PASSWORD, role=Role.ADMIN, by=SYSTEM)
    browser = new_browser(app)
    enter(browser, "a@clinic.example")
    assert browser.get("/staff/admin/accounts").location == SET_UP
    assert browser.send("/staff/admin/accounts/new", {"role": "admin"}, page=SET_UP).location == SET_UP
    assert WRONG in browser.send(SET_UP, {"code": "000000"}).text
    secret, codes = set_up_app(browser)
    assert browser.get("/staff/admin/accounts").status_code == 200
    stored = db.session.execute(text("SELECT tf_totp_secret FROM staff_user")).scalar_one()
    assert secret.encode() not in bytes(stored)
    hashes = [bytes(row) for row in db.session.scalars(select(RecoveryCode.code_hash))]
    assert len(hashes) == len(codes) and not any(code.encode()[:4] in b"".join(hashes) for code in codes)
    other, token = half_way(app, "a@clinic.example")
    assert WRONG in give(other, token, "ABCD-" * 5 + "ABCD").text
    assert give(other, token, codes[0].lower().replace("-", " ")).status_code == 302
    assert WRONG in give(*half_way(app, "a@clinic.example"), codes[0]).text
    assert [event.detail for event in events("account.recovery_code_used")] == [{"left": len(codes) - 1}]


@SQLITE
def test_the_front_desk_may_and_a_clinic_may_want_it_to(app: Flask, sign_in: SignIn) -> None:
    from screening.actions.clinic import save_settings

    desk = sign_in(Role.FRONT_DESK)
    assert desk.get("/staff/cases").status_code == 200
    assert "The password is not right" in desk.send(SET_UP, {"code": "000000", "own_password": "not mine"}).text
    save_settings(values={"desk_second_factor": True}, by=SYSTEM)
    assert desk.get("/staff/cases").location == SET_UP
    set_up_app(desk)
    assert desk.get("/staff/cases").status_code == 200


@SQLITE
def test_moving_to_another_phone_needs_the_present_one(app: Flask, sign_in: SignIn) -> None:
    browser, elsewhere = sign_in(Role.PHYSICIAN), new_browser(app)
    enter(elsewhere, "physician@clinic.example")
    page = browser.get(SET_UP).text
    key = re.search(r'app-key">([A-Z2-7 ]+)<', page)
    assert key
    new = key[1].replace(" ", "")
    moved = {"code": code_at(new, clock.now()), "present_code": "000000"}
    assert WRONG in browser.send(SET_UP, moved).text
    answer = browser.send(SET_UP, {**moved, "present_code": fresh_code("physician@clinic.example")})
    assert "Your recovery codes" in answer.text
    assert [each.get("/staff/queue").status_code for each in (browser, elsewhere)] == [200, 302]
    assert db.session.scalars(select(User.tf_totp_secret)).one() == new


@SQLITE
def test_a_lost_one_is_taken_away_by_an_admin_and_its_owner_is_told(app: Flask, sign_in: SignIn) -> None:
    admin, physician = sign_in(Role.ADMIN), sign_in(Role.PHYSICIAN)
    ids = {user.email: user.id for user in db.session.scalars(select(User))}
    own, theirs = (
        f"/staff/admin/accounts/{ids[name]}" for name in ("admin@clinic.example", "physician@clinic.example")
    )
    refused = admin.send(f"{own}/second-factor", {"why": "lost"}, page=own)
    assert refused.status_code == 422 and "Ask another admin" in refused.text
    assert "Choose why." in admin.send(f"{theirs}/second-factor", {}, page=theirs).text
    assert physician.get("/staff/queue").status_code == 200
    assert admin.send(f"{theirs}/second-factor", {"why": "stolen"}, page=theirs).status_code == 302
    assert physician.get("/staff/queue").status_code == 302
    assert [(event.subject_id, event.detail) for event in events("account.second_factor_reset")] == [
        (ids["physician@clinic.example"], {"reason": "stolen"})
    ]
    sent: list[Mail] = []

    def send(mail: Mail) -> None:
        sent.append(mail)

    told = staff_mail.deliver_staff_mail(
        clinic=Clinic(), now=clock.now(), send=send, base_url="https://clinic.example", by=SYSTEM
    )
    assert told == 1
    assert sent[0].to == "physician@clinic.example" and "second factor away" in sent[0].body
    enter(physician, "physician@clinic.example")
    assert physician.get("/staff/queue").location == SET_UP


@SQLITE
def test_only_the_demo_says_the_code_and_only_of_its_own_accounts(app: Flask) -> None:
    for email, demo in (("d@demo.example", True), ("a@clinic.example", False)):
        accounts.add_user(
            email=email, full_name="Ann", password=PASSWORD, role=Role.ADMIN, demo=demo, totp_secret=SECRET, by=SYSTEM
        )
    told = re.compile(r"the code now is <strong>(\d{3} \d{3})")
    browsers = [half_way(app, email) for email in ("d@demo.example", "a@clinic.example")]
    assert not any(told.search(browser.get(SIGN_IN_CODE).text) for browser, _ in browsers)
    app.extensions["settings"] = replace(app.extensions["settings"], mode="demo")
    shown = [told.search(browser.get(SIGN_IN_CODE).text) for browser, _ in browsers]
    assert shown[0] and not shown[1]
    assert give(*browsers[0], shown[0][1]).status_code == 302


@SQLITE
def test_the_command_line_takes_it_away_too(app: Flask, sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMIN)
    run = app.test_cli_runner().invoke
    assert run(args=["reset-mfa"], input="nobody@clinic.example\n").exit_code == 1
    assert run(args=["reset-mfa"], input="Admin@clinic.example\n").exit_code == 0
    db.session.expire_all()
    assert db.session.scalars(select(User.tf_totp_secret)).one() is None
    assert second_factor.codes_left(1) == 0
    assert admin.get("/staff/admin/accounts").status_code == 302
