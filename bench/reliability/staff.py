"""Staff at their browsers."""

from __future__ import annotations

import re
from html import unescape

from bench.reliability.browser import Browser
from bench.reliability.harness import Clinic
from screening import clock
from screening.access import Role
from screening.actions import accounts
from screening.actions.unit import SYSTEM
from screening.models import db
from tests.conftest import PASSWORD, REQUIRED_OF, SECRET, SIGN_IN, SIGN_IN_CODE, code_at

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def token_on(html: str) -> str:
    """The form token of a page."""
    found = _TOKEN.search(html)
    assert found, "no form on the page"
    return unescape(found[1])


def signed_in(app: Clinic, role: Role, name: str) -> Browser:
    """A browser where a new account has signed in."""
    email = f"{name}@clinic.example"
    with app.app.app_context():
        secret = SECRET if role in REQUIRED_OF else None
        accounts.add_user(
            email=email, full_name=name.title(), password=PASSWORD, role=role, totp_secret=secret, by=SYSTEM
        )
        db.session.remove()
    browser = Browser(app.port)
    sent = {"csrf_token": token_on(browser.get(SIGN_IN).text), "email": email, "password": PASSWORD}
    answer = browser.post(SIGN_IN, sent)
    if answer.location == SIGN_IN_CODE:
        answer = browser.post(SIGN_IN_CODE, {**sent, "code": code_at(SECRET, clock.now())})
    assert answer.status_code == 302, answer.text[-2000:]
    return browser
