"""How many forms one address begins: enough for a waiting room, and not enough to bury the real ones."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from screening import clock
from screening.access import Role
from screening.actions import beginning
from screening.actions.attempts import TooMany
from screening.actions.beginning import begin_form
from screening.actions.unit import PATIENT
from screening.jobs import forget_sessions
from screening.models import Attempt, Draft, db
from tests.conftest import NOON, Browser, SignIn, new_browser
from tests.staff.test_invitations import begin, code_at, invite
from tests.walk import BORN, HttpWalker, person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ADDRESS = "203.0.113.9"
FEW = 4
TITLE = "You cannot start a form right now"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address may begin fewer forms here than elsewhere."""
    hour, day = beginning.LIMITS
    assert (hour.tries, hour.within) == (60, timedelta(hours=1)) and day.tries > hour.tries
    monkeypatch.setattr(beginning, "LIMITS", (replace(hour, tries=FEW), replace(day, tries=FEW + 1)))


class From(HttpWalker):
    """A person whose requests come from an address."""

    def __init__(self, app: Flask, address: str = ADDRESS, browser: Browser | None = None) -> None:
        super().__init__(browser or new_browser(app))
        self.client.environ_base["REMOTE_ADDR"] = address

    def consent(self, **also: str) -> TestResponse:
        self.open("/")
        return self.post("/", {"consent": "yes", **BORN, **also})


def use_up(address: str = ADDRESS) -> int:
    """Begin forms from an address until no more are taken. How many were."""
    for begun in range(FEW * 3):
        try:
            begin_form(
                address=address,
                identity={"date_of_birth": "1981-03-14"},
                channel="online",
                origin="Website",
                language="en",
                by=PATIENT,
            )
        except TooMany:
            return begun
    raise AssertionError("there is no end to it")


def forms() -> int:
    return db.session.scalar(select(func.count()).select_from(Draft)) or 0


def test_one_address_begins_so_many_forms_and_whoever_began_goes_on(app: Flask, noon: datetime) -> None:
    early = From(app)
    early.arrive(person(), "legs")
    assert use_up() == FEW - 1
    late = From(app)
    refused = late.consent()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert forms() == FEW and late.client.get("/screening/code").status_code == 410
    for said in (TITLE, "Call 911 if you have chest pain", "harming yourself", "988", "wait one hour"):
        assert said in refused.text, said
    late.text = refused.text
    spanish = late.post("/", {"consent": "yes", **BORN, "switch_language": "es"}).text
    assert 'value="1981"' in spanish and "Ahora mismo no puede" in late.consent().text
    elsewhere = From(app)
    assert elsewhere.come_back(early.code, person()) == "legs"
    elsewhere.until("done", person())
    assert From(app, "198.51.100.7").consent().status_code == 303
    assert use_up("2001:db8:7::1") == FEW
    assert From(app, "2001:db8:7:9::2").consent().status_code == 429, "the same household or company"
    kept = db.session.scalars(select(Attempt)).all()
    assert kept and not any(ADDRESS in str(vars(row)) or ADDRESS.encode() in row.key_hash for row in kept)
    with clock.fixed_at(NOON + timedelta(hours=1, seconds=1)):
        typed = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', refused.text))
        again = late.post("/", {**typed, "csrf_token": late.client.token("/")})
        assert (again.status_code, again.location) == (303, "/screening/code")
        assert From(app).consent().status_code == 429, "so many a day"
    with clock.fixed_at(NOON + timedelta(days=15)):
        forget_sessions()
    assert db.session.scalars(select(Attempt)).all() == []


def test_the_clinic_and_whom_it_invited_are_not_counted(app: Flask, sign_in: SignIn, noon: datetime) -> None:
    desk = sign_in(Role.FRONT_DESK)
    code = code_at(desk, invite(desk))
    use_up()
    guest, stranger = new_browser(app), From(app)
    guest.environ_base["REMOTE_ADDR"] = ADDRESS
    assert begin(guest, code).startswith("/screening/")
    assert stranger.consent().status_code == 429
    member = From(app, browser=sign_in(Role.ADMIN))
    assert member.consent().status_code == 303
    assert desk.send("/staff/tablets", {"name": "Tablet 2"}).status_code == 303
    assert From(app, browser=desk).consent().status_code == 303, "a tablet"
    # Where a front server does not say for whom it asks, all would be taken for one.
    for own in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        with pytest.raises(AssertionError, match="no end"):
            use_up(own)
