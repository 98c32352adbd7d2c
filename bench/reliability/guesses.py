"""Somebody guesses at one account's password, from many addresses at once, over a restart of the web server.

Run `python -m bench.reliability.guesses [--times 10000] [--database sqlite|postgresql]`. Fails if more than a hundred
guesses were looked at, or if the owner does not get in: in the browser where they signed in before while it goes on,
and from a new one at a new address when the guesses at them come from one other address.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from sqlalchemy import func, select

from bench.reliability.browser import Browser
from bench.reliability.harness import WEB, Clinic, clinic, measure
from bench.reliability.staff import signed_in, token_on
from screening.access import Role
from screening.models import AuditEvent, db
from tests.conftest import PASSWORD, SIGN_IN

LOOKED_AT_MAX = 100
ADDRESSES = 1_000
AT_ONCE = 4
WRONG = "The e-mail address or the password is not right."
TOO_MANY = "There were too many wrong tries."


def guesses(database: str, times: int) -> str:
    # One proxy in front, as with TLS: it says where each guess comes from.
    with clinic(database, TRUSTED_PROXIES="1") as app:
        app.start(WEB)
        owner = signed_in(app, Role.FRONT_DESK, "owner")
        _sign_out(owner)
        before = _guess_many(app, "owner@clinic.example", range(times // 2))
        app.kill(WEB)
        app.start(WEB)
        assert _signs_in(owner, "owner@clinic.example", "198.51.100.1"), "the owner was locked out while it went on"
        _sign_out(owner)
        answers = before + _guess_many(app, "owner@clinic.example", range(times // 2, times))
        assert _signs_in(owner, "owner@clinic.example", "198.51.100.1"), "the owner was locked out"
        looked_at = _looked_at(app)
        assert looked_at == answers[WRONG], f"{looked_at} are noted, {answers[WRONG]} were answered as wrong"
        assert 0 < looked_at <= LOOKED_AT_MAX, f"{looked_at} of {times} guesses were looked at"
        assert answers[WRONG] + answers[TOO_MANY] == times, f"other answers: {answers}"
        _sign_out(signed_in(app, Role.FRONT_DESK, "second"))
        stranger = Browser(app.port)
        token = token_on(stranger.get(SIGN_IN).text)
        lone = [_guess(stranger, token, "second@clinic.example", "203.0.113.9") for _ in range(15)]
        assert lone.count(TOO_MANY) == 5, f"from one address: {Counter(lone)}"
        assert _signs_in(Browser(app.port), "second@clinic.example", "198.51.100.2"), (
            "the owner was locked out elsewhere"
        )
    return f"{times} guesses from {ADDRESSES} addresses, {looked_at} looked at, the owner got in each time"


def _guess_many(app: Clinic, email: str, numbers: range) -> Counter[str]:
    def one_thread(first: int) -> Counter[str]:
        browser = Browser(app.port)
        token = token_on(browser.get(SIGN_IN).text)
        return Counter(_guess(browser, token, email, _address(number)) for number in numbers[first::AT_ONCE])

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sum(threads.map(one_thread, range(AT_ONCE)), Counter[str]())


def _address(number: int) -> str:
    place = number % ADDRESSES
    return f"10.1.{place // 250}.{place % 250 + 1}"


def _guess(browser: Browser, token: str, email: str, address: str) -> str:
    html = _send(browser, token, email, "not the right password", address)
    return next((words for words in (WRONG, TOO_MANY) if words in html), html[:200])


def _signs_in(browser: Browser, email: str, address: str) -> bool:
    _send(browser, token_on(browser.get(SIGN_IN).text), email, PASSWORD, address)
    return browser.get("/staff/cases").status_code == 200


def _send(browser: Browser, token: str, email: str, password: str, address: str) -> str:
    body = urlencode({"csrf_token": token, "email": email, "password": password}).encode()
    return browser.ask("POST", SIGN_IN, body, **{"X-Forwarded-For": address}).text


def _sign_out(browser: Browser) -> None:
    token = token_on(browser.get("/staff/cases").text)
    assert browser.post("/staff/sign-out", {"csrf_token": token}).status_code == 302


def _looked_at(app: Clinic) -> int:
    with app.app.app_context():
        found = db.session.scalar(select(func.count()).where(AuditEvent.action == "attempt.refused"))
        db.session.remove()
    return found or 0


if __name__ == "__main__":
    measure(guesses, 10_000, "guesses at one account")
