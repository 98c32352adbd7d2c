"""Where staff are signed in: they see it, and end it everywhere else."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from screening import clock
from screening.access import Role
from screening.browsers import browser_named
from screening.models import AuditEvent, db
from tests.conftest import NOON, PASSWORD, Browser, SignIn, enter, new_browser, sign_in_another
from tests.walk import errors_on

OWN, ELSEWHERE = "/staff/account", "/staff/account/sign-out-elsewhere"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
    "Safari/537.36 Edg/142.0.0.0"
)
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36"


def later(minutes: int) -> AbstractContextManager[None]:
    return clock.fixed_at(NOON + timedelta(minutes=minutes))


def signed_in_on(app: Flask, user_agent: str, minutes: int) -> Browser:
    browser = new_browser(app)
    browser.environ_base["HTTP_USER_AGENT"] = user_agent
    with later(minutes):
        enter(browser, "physician@clinic.example")
    return browser


def is_in(browser: Browser) -> bool:
    return browser.get(OWN).status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_owner_sees_where_they_are_signed_in_and_ends_it_elsewhere(app: Flask, sign_in: SignIn) -> None:
    with later(0):
        left = sign_in(Role.PHYSICIAN)
    phone, desk = signed_in_on(app, IPHONE, 8), signed_in_on(app, WINDOWS, 10)
    with later(20):
        colleague = sign_in_another(app, Role.PHYSICIAN, email="b@clinic.example", full_name="Dr. B")
        page = desk.get(OWN).text
        listed = page.split("Where you are signed in")[1].split("</ul>")[0]
        assert listed.count("<li>") == 2, "neither the one that was left nor a colleague's"
        here, other = listed.split("</li>")[:2]
        assert "Firefox on Windows" in here and "this one" in here and "12:10" in here
        assert "Safari on iPhone" in other and other.count("12:08") == 2 and "this one" not in other
        assert is_in(phone), "looking ends nothing"

        for typed, says in (("", "Enter your password."), ("not the right one", "The password is not right")):
            wrong = desk.send(ELSEWHERE, {"elsewhere_password": typed}, page=OWN)
            assert wrong.status_code == 422 and says in errors_on(wrong.text)[0]
        assert is_in(phone)
        before = desk.get_cookie("session")
        assert desk.send(ELSEWHERE, {"elsewhere_password": PASSWORD}, page=OWN).location == OWN
        after = desk.get_cookie("session")
        assert before and after and before.value != after.value
        alone = desk.get(OWN).text
        assert "You are signed out everywhere else." in alone and "Sign out everywhere else" not in alone
        assert "12:10" in alone.split("Where you are signed in")[1], "no shift is longer for it"
        assert not is_in(phone) and not is_in(left) and is_in(colleague)
        noted = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "account.other_sessions_ended")).one()
        assert noted.actor.startswith("staff:")


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (EDGE, "Edge on Windows"),
        (CHROME, "Chrome on Linux"),
        ("curl/8.1", "Another browser"),
        ("", "Another browser"),
    ],
)
def test_a_browser_is_named_in_words(said: str, named: str) -> None:
    assert browser_named(said) == named
