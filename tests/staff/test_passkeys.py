"""Passkeys over HTTP: which keys are taken, and where a sign-in leads."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from screening.access import Role
from screening.models import Passkey, User, db
from tests.conftest import PASSWORD, SIGN_IN, SIGN_IN_CODE, Browser, SignIn, fresh_code, new_browser
from tests.soft_key import EDDSA, ES256, ES512, ORIGIN, RS1, RS256, SoftKey

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OWN = "/staff/account"

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "https:evil.example",
    "https:///evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n//evil.example",
    " //evil.example",
    " ///evil.example",
    "\x01//evil.example",
    "/\x00/evil.example",
    "javascript:alert(1)",
    "http://localhost@evil.example/",
    "evil.example",
)


def lands_on(location: str) -> str:
    """The site that a browser goes to: it drops tabs and line ends, and takes backslashes for slashes."""
    plain = re.sub(r"[\t\r\n]", "", location).strip("".join(map(chr, range(33)))).replace("\\", "/")
    return urlsplit(urljoin(f"{ORIGIN}/staff/", re.sub(r"^/{2,}", "//", plain))).netloc


def asked(browser: Browser, address: str, page: str) -> dict[str, Any]:
    return dict(browser.send(address, page=page).json or {})


def sign_in_with(browser: Browser, key: SoftKey, came_for: str = "") -> Any:
    options = asked(browser, "/staff/sign-in/passkey/options", SIGN_IN)
    return browser.send("/staff/sign-in/passkey", {"credential": key.signed(options), "next": came_for}, page=SIGN_IN)


def add(browser: Browser, key: SoftKey, name: str) -> int:
    typed = {"name": name, "passkey_password": PASSWORD}
    made = key.made(asked(browser, "/staff/passkeys/options", OWN))
    return browser.send("/staff/passkeys", {**typed, "credential": made}, page=OWN).status_code


def keep(user: User, key: SoftKey, name: str) -> None:
    """A key that is stored, however it came there."""
    db.session.add(
        Passkey(
            user_id=user.id,
            name=name,
            credential_id=key.id,
            public_key=key.stored,
            sign_count=0,
            added_at=user.create_datetime,
        )
    )
    db.session.commit()


def test_keys_of_good_algorithms_are_taken_and_no_others(app: Flask, sign_in: SignIn) -> None:
    desk = sign_in(Role.FRONT_DESK)
    offered = asked(desk, "/staff/passkeys/options", OWN)["pubKeyCredParams"]
    assert [each["alg"] for each in offered] == [EDDSA, ES256, RS256]
    for alg in (EDDSA, ES256, RS256):
        key = SoftKey(alg)
        assert add(desk, key, f"key {alg}") == 302, alg
        assert sign_in_with(new_browser(app), key).location == "/staff/", alg
    user = db.session.query(User).one()
    for key in (SoftKey(RS1), SoftKey(RS256, bits=1024), SoftKey(ES512)):
        assert add(desk, key, "weak") == 422, key.public
        keep(user, key, "weak")
        assert sign_in_with(new_browser(app), key).status_code == 422, key.public
    assert db.session.query(Passkey).filter_by(name="weak").count() == 3


@pytest.mark.parametrize("way", ["passkey", "password", "code"])
def test_a_sign_in_leads_to_our_own_pages_alone(app: Flask, sign_in: SignIn, way: str) -> None:
    browser, key = sign_in(Role.PHYSICIAN if way == "code" else Role.FRONT_DESK), SoftKey(EDDSA)
    user = db.session.query(User).one()
    email = user.email
    keep(user, key, "Laptop")

    def led(came_for: str) -> Any:
        browser.send("/staff/sign-out", page=OWN)
        if way == "passkey":
            return sign_in_with(browser, key, came_for).location
        given = browser.send(SIGN_IN, {"email": email, "password": PASSWORD, "next": came_for})
        if way == "password":
            return given.location
        return browser.send(SIGN_IN_CODE, {"code": fresh_code(email)}).location

    assert led("/staff/account?show=all") == "/staff/account?show=all"
    for came_for in ELSEWHERE:
        to = led(came_for)
        assert lands_on(to) == "localhost", (came_for, to)
        # Flask-Security's own page lets some through, and Werkzeug quotes what a browser would take for another site.
        assert "evil" not in to or way == "password", (came_for, to)
