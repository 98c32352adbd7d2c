"""Signing in and out, passwords, and accounts that end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from screening import create_app
from screening.access import Role
from screening.actions import accounts
from screening.actions.unit import SYSTEM
from screening.models import AuditEvent, User, WebSession, db
from tests.conftest import PASSWORD, SIGN_IN, Browser, SignIn, close, enter, new_browser
from tests.databases import settings_for

WRONG = "The e-mail address or the password is not right."
AddStaff = Callable[[Role], User]


def cookie(browser: Browser) -> str | None:
    kept = browser.get_cookie("session")
    return kept.value if kept else None


def test_whoever_is_not_signed_in_comes_back_to_the_page_they_came_for(client: Browser, add_staff: AddStaff) -> None:
    user = add_staff(Role.FRONT_DESK)
    sent = client.get("/staff/cases?show=all")
    assert sent.location == "/staff/sign-in?next=/staff/cases?show%3Dall"
    answer = client.send(sent.location, {"email": user.email, "password": PASSWORD, "next": "/staff/cases?show=all"})
    assert answer.location == "/staff/cases?show=all"


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "/\\example.org", "///example.org"])
def test_the_page_to_come_back_to_is_never_on_another_site(
    client: Browser, add_staff: AddStaff, elsewhere: str
) -> None:
    user = add_staff(Role.FRONT_DESK)
    answer = client.send(SIGN_IN, {"email": user.email, "password": PASSWORD, "next": elsewhere})
    assert not answer.location.startswith(("https:", "//", "/\\"))


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("front_desk@clinic.example", "not the right password"),
        ("nobody@clinic.example", PASSWORD),
        ("front_desk@clinic.example", ""),
        ("not an address", PASSWORD),
        ("front_desk@clinic.example", "nul \x00 in the middle"),
        ("nul\x00@clinic.example", PASSWORD),
        ("front_desk@clinic.example", "x" * 100_000),
    ],
)
def test_every_wrong_sign_in_reads_the_same(client: Browser, add_staff: AddStaff, email: str, password: str) -> None:
    add_staff(Role.FRONT_DESK)
    answer = client.send(SIGN_IN, {"email": email, "password": password})
    assert answer.status_code == 200
    assert WRONG in answer.text
    assert client.get("/staff/cases").status_code == 302


def test_an_ended_account_reads_like_a_wrong_password(client: Browser, add_staff: AddStaff) -> None:
    user = add_staff(Role.FRONT_DESK)
    accounts.end_account(user_id=user.id, by=SYSTEM)
    assert WRONG in client.send(SIGN_IN, {"email": user.email, "password": PASSWORD}).text


def test_the_address_of_an_account_has_no_capitals(client: Browser, add_staff: AddStaff) -> None:
    add_staff(Role.FRONT_DESK)
    answer = client.send(SIGN_IN, {"email": "Front_Desk@Clinic.example", "password": PASSWORD})
    assert answer.status_code == 302


def test_signing_in_gives_a_new_session_and_ends_the_old_one(client: Browser, add_staff: AddStaff) -> None:
    user = add_staff(Role.FRONT_DESK)
    token = client.token(SIGN_IN)
    before = cookie(client)
    client.post(SIGN_IN, data={"csrf_token": token, "email": user.email, "password": PASSWORD})
    assert before and cookie(client) != before
    client.set_cookie("session", before)
    assert client.get("/staff/cases").status_code == 302


def test_a_form_token_from_before_signing_in_is_worth_nothing(client: Browser, add_staff: AddStaff) -> None:
    user = add_staff(Role.FRONT_DESK)
    token = client.token(SIGN_IN)
    client.post(SIGN_IN, data={"csrf_token": token, "email": user.email, "password": PASSWORD})
    assert client.post("/staff/cases/search", data={"csrf_token": token, "text": "any"}).status_code == 400


def test_signing_out_ends_the_session_itself(app: Flask, sign_in: SignIn) -> None:
    browser = sign_in(Role.FRONT_DESK)
    kept = cookie(browser)
    known = browser.get_cookie("device")
    left = browser.send("/staff/sign-out", page="/staff/cases")
    assert (left.location, left.headers["Clear-Site-Data"]) == (SIGN_IN, '"cache"')
    assert known and browser.get_cookie("device") == known, "guesses elsewhere keep nobody out of this browser"
    assert db.session.scalar(select(func.count()).select_from(WebSession)) == 0
    other = new_browser(app)
    other.set_cookie("session", kept or "")
    assert other.get("/staff/cases").status_code == 302


def test_an_ended_account_loses_its_session_at_the_next_request(sign_in: SignIn) -> None:
    browser = sign_in(Role.PHYSICIAN)
    assert browser.get("/staff/queue").status_code == 200
    user = db.session.scalars(select(User)).one()
    accounts.end_account(user_id=user.id, by=SYSTEM)
    assert browser.get("/staff/queue").location == "/staff/sign-in?next=/staff/queue"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_behind_tls_cookies_and_pages_stay_there(app: Flask, database_url: str, tmp_path: Path) -> None:
    secure = create_app(
        replace(settings_for(database_url, tmp_path), secure_cookies=True, base_url="https://x.example")
    )
    secure.test_client_class = Browser
    accounts.add_user(email="a@clinic.example", full_name="Ann", password=PASSWORD, role=Role.FRONT_DESK, by=SYSTEM)
    browser = secure.test_client()
    page = browser.get(SIGN_IN, base_url="https://x.example")
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token
    typed = {"csrf_token": token[1], "email": "a@clinic.example", "password": PASSWORD}
    answer = browser.post(SIGN_IN, data=typed, base_url="https://x.example", headers={"Referer": "https://x.example/"})
    cookies = {each.split("=")[0]: each for each in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) == {"__Host-session", "__Host-device"}
    assert all(mark in each for each in cookies.values() for mark in ("Secure", "HttpOnly", "Path=/", "SameSite="))
    assert not any("Domain" in each for each in cookies.values())
    with secure.app_context():
        close(secure)


def test_a_role_that_was_taken_away_opens_nothing_more(sign_in: SignIn) -> None:
    browser = sign_in(Role.PHYSICIAN)
    user = db.session.scalars(select(User)).one()
    accounts.change_role(user_id=user.id, role=Role.FRONT_DESK, by=SYSTEM)
    assert browser.get("/staff/queue").status_code == 403


def test_a_token_in_an_address_is_no_sign_in(app: Flask, add_staff: AddStaff) -> None:
    token = add_staff(Role.PHYSICIAN).get_auth_token()
    browser = new_browser(app)
    assert browser.get("/staff/queue", query_string={"auth_token": token}).status_code == 302
    assert browser.get("/staff/queue", headers={"Authentication-Token": token}).status_code == 302


def test_signing_in_is_noted(client: Browser, add_staff: AddStaff) -> None:
    enter(client, add_staff(Role.FRONT_DESK).email)
    user = db.session.scalars(select(User)).one()
    assert user.last_login_at is not None
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "account.signed_in")).one()
    assert (event.actor, event.subject_id) == (f"staff:{user.id}", user.id)


def test_a_flood_of_guesses_is_slowed(app: Flask, client: Browser, add_staff: AddStaff) -> None:
    app.config["SIGN_INS_A_MINUTE"] = "3 per minute"
    user = add_staff(Role.FRONT_DESK)
    token = client.token(SIGN_IN)
    guess = {"csrf_token": token, "email": user.email, "password": "not the right password"}
    assert [client.post(SIGN_IN, data=guess).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert client.get(SIGN_IN).status_code == 200


NEW = "another long password"


def change(browser: Browser, *, old: str, new: str, again: str | None = None) -> str:
    typed = {"password": old, "new_password": new, "new_password_confirm": new if again is None else again}
    return browser.send("/staff/password", typed).text


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(app: Flask, sign_in: SignIn) -> None:
    browser, other = sign_in(Role.FRONT_DESK), new_browser(app)
    sign_in_data = {"email": "front_desk@clinic.example", "password": PASSWORD}
    other.send(SIGN_IN, sign_in_data)
    change(browser, old=PASSWORD, new=NEW)
    assert browser.get("/staff/cases").status_code == 200
    assert other.get("/staff/cases").status_code == 302
    assert WRONG in other.send(SIGN_IN, sign_in_data).text
    assert other.send(SIGN_IN, {**sign_in_data, "password": NEW}).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again", "says"),
    [
        ("not the right password", NEW, None, "Invalid password"),
        (PASSWORD, "fourteen chars", None, "at least 15 characters"),
        (PASSWORD, NEW, "another long passwort", "Passwords do not match"),
        (PASSWORD, "", None, "Password not provided"),
    ],
)
def test_a_password_is_changed_by_its_owner_to_a_long_one(
    sign_in: SignIn, old: str, new: str, again: str | None, says: str
) -> None:
    browser = sign_in(Role.FRONT_DESK)
    assert says in change(browser, old=old, new=new, again=again)
    assert db.session.scalar(select(AuditEvent.id).where(AuditEvent.action == "account.password_changed")) is None
