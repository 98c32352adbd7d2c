"""Guessing at passwords and codes: few guesses are looked at, and the owner gets in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from screening.access import Role
from screening.actions import accounts
from screening.actions.accounts import AccountError
from screening.actions.unit import SYSTEM
from screening.models import AuditEvent, User, db
from tests.conftest import PASSWORD, SIGN_IN, SIGN_IN_CODE, Browser, enter, new_browser

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _no_other_limit(app: Flask) -> None:
    app.config["SIGN_INS_A_MINUTE"] = "100000 per minute"


@pytest.fixture
def guesser(app: Flask) -> Callable[..., list[int]]:
    """guesser(email, addresses) guesses once from each, and gives the answers' statuses."""
    browser = new_browser(app)
    token = browser.token(SIGN_IN)

    def guess(email: str, addresses: list[str]) -> list[int]:
        typed = {"csrf_token": token, "email": email, "password": "not the right password"}
        return [
            browser.post(SIGN_IN, data=typed, environ_base={"REMOTE_ADDR": address}).status_code
            for address in addresses
        ]

    return guess


def looked_at() -> int:
    return db.session.scalar(select(func.count()).where(AuditEvent.action == "attempt.refused")) or 0


def signs_in(browser: Browser, email: str, address: str) -> bool:
    data = {"csrf_token": browser.token(SIGN_IN), "email": email, "password": PASSWORD}
    return browser.post(SIGN_IN, data=data, environ_base={"REMOTE_ADDR": address}).status_code == 302


def test_guesses_from_one_address_end_and_the_owner_elsewhere_gets_in(
    app: Flask, add_staff: Callable[[Role], User], guesser: Callable[..., list[int]]
) -> None:
    email = add_staff(Role.FRONT_DESK).email
    answers = guesser(email, ["203.0.113.7"] * 14)
    assert answers == [200] * 10 + [429] * 4 and looked_at() == 10
    assert guesser("nobody@clinic.example", ["203.0.113.8"] * 14) == answers
    spelled = [f" {email} ", email.upper(), email.title()]
    assert [guesser(each, ["203.0.113.7"]) for each in spelled] == [[429]] * 3
    assert signs_in(new_browser(app), email, "198.51.100.1")


@SQLITE
def test_guesses_from_everywhere_end_and_a_known_browser_gets_in(
    app: Flask, add_staff: Callable[[Role], User], guesser: Callable[..., list[int]]
) -> None:
    email = add_staff(Role.FRONT_DESK).email
    known = new_browser(app)
    enter(known, email)
    known.send("/staff/sign-out", page="/staff/cases")
    answers = guesser(email, [f"10.0.{number // 250}.{number % 250}" for number in range(70)])
    assert answers == [200] * 60 + [429] * 10 and looked_at() == 60
    assert signs_in(known, email, "10.0.0.1")
    assert not signs_in(new_browser(app), email, "198.51.100.1")
    user = db.session.scalars(select(User)).one()
    password = accounts.renew_password(user_id=user.id, by=SYSTEM)
    fresh = new_browser(app)
    assert fresh.send(SIGN_IN, {"email": email, "password": password}).status_code == 302


@SQLITE
def test_codes_are_not_guessed_either(app: Flask, add_staff: Callable[[Role], User]) -> None:
    email = add_staff(Role.PHYSICIAN).email
    known = new_browser(app)
    enter(known, email)
    thief = new_browser(app)
    token = thief.token(SIGN_IN)
    thief.post(SIGN_IN, data={"csrf_token": token, "email": email, "password": PASSWORD})
    answers = [thief.post(SIGN_IN_CODE, data={"csrf_token": token, "code": f"{n:06}"}) for n in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    known.send("/staff/sign-out", page="/staff/queue")
    enter(known, email)
    assert known.get("/staff/queue").status_code == 200


@SQLITE
def test_nobody_is_told_apart_from_somebody(
    app: Flask, client: Browser, add_staff: Callable[[Role], User], monkeypatch: pytest.MonkeyPatch
) -> None:
    from flask_security import core, forms

    email = add_staff(Role.FRONT_DESK).email
    hashed: list[str] = []

    def counted(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def count(*given: Any) -> Any:
            hashed.append(name)
            return work(*given)

        return count

    for where, name in ((forms, "hash_password"), (core, "verify_and_update_password")):
        monkeypatch.setattr(where, name, counted(name, getattr(where, name)))
    token = client.token(SIGN_IN)
    pages = []
    for typed in (email, "nobody@clinic.example"):
        answer = client.post(SIGN_IN, data={"csrf_token": token, "email": typed, "password": "not the right one"})
        pages.append(re.sub(r'nonce="[^"]+"|value="[^"]+"', "", answer.text))
    assert pages[0] == pages[1]
    assert hashed == ["verify_and_update_password", "hash_password"]


@SQLITE
def test_a_failed_sign_in_is_audited_without_what_was_typed(app: Flask, client: Browser, add_staff: Any) -> None:
    user = add_staff(Role.FRONT_DESK)
    for email in (user.email, "nobody@elsewhere.example"):
        client.send(SIGN_IN, {"email": email, "password": "not the right password"})
    kept = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "attempt.refused")).all()
    assert [(event.actor, event.subject_kind) for event in kept] == [("stranger", "user"), ("stranger", "attempt")]
    assert kept[0].subject_id == user.id and kept[1].detail == {"purpose": "sign-in"}


@SQLITE
@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("fourteen chars", "15 characters or more"),
        ("passwordpassword", "tried first"),
        ("123456789012345", "tried first"),
        ("qwertyuiopasdfghjkl", "tried first"),
        ("clinic.example 7", "mostly the name"),
        ("Sam Front Desk 26", "mostly the name"),
        ("the pain clinic 12", "mostly the name"),
        ("x" * 201, "200 characters or fewer"),
    ],
)
def test_a_password_is_long_and_nobody_guesses_it(app: Flask, password: str, says: str) -> None:
    with pytest.raises(AccountError, match=says):
        accounts.add_user(
            email="sam@clinic.example", full_name="Sam Front Desk", password=password, role=Role.ADMIN, by=SYSTEM
        )
