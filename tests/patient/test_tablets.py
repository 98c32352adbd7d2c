"""Tablets of the clinic over HTTP: what the server refuses, whatever the tablet itself does."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from screening import clock
from screening.access import Role
from screening.models import AuditEvent, Draft, Kiosk, db
from tests.conftest import NOON, PASSWORD, SIGN_IN, Browser, SignIn
from tests.walk import HttpWalker, person

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TABLETS = "/staff/tablets"


@pytest.fixture
def tablet(sign_in: SignIn, noon: datetime) -> HttpWalker:
    """Somebody in the waiting room, with a tablet that the front desk has started."""
    browser = sign_in(Role.FRONT_DESK)
    started = browser.send(TABLETS, {"name": "Tablet 2"})
    assert (started.status_code, started.location) == (303, "/")
    return HttpWalker(browser)


def later(**time: int) -> datetime:
    return NOON + timedelta(**time)


def drafts_by_id() -> list[Draft]:
    return list(db.session.scalars(select(Draft).order_by(Draft.id)))


def test_a_form_left_on_a_tablet_is_refused_by_the_server_too(tablet: HttpWalker) -> None:
    tablet.walk(person(rf_saddle="longer_stable"), until="legs")
    old = tablet.client.get_cookie("session")
    page = tablet.client.get("/screening/bladder-bowel").text
    assert re.search(r'<noscript><meta http-equiv="refresh" content="180; url=/tablet/idle"></noscript>', page)
    with clock.fixed_at(later(minutes=4)):
        # Typing may take long: the page's script says that somebody is there.
        assert tablet.post("/tablet/here", {}).status_code == 204
    with clock.fixed_at(later(minutes=8)):
        assert tablet.client.get("/screening/bladder-bowel").status_code == 200
    with clock.fixed_at(later(minutes=13)):
        refused = tablet.client.get("/screening/bladder-bowel")
        assert (refused.status_code, refused.location, refused.headers["Clear-Site-Data"]) == (303, "/", '"cache"')
        assert tablet.client.get("/screening/bladder-bowel").status_code == 410
        new = tablet.client.get_cookie("session")
        assert old and new and old.value != new.value
        tablet.client.set_cookie("session", old.value)
        assert tablet.client.get("/screening/bladder-bowel").status_code == 410
    assert drafts_by_id()[0].answers["rf_saddle"] == "longer_stable"


@ON_SQLITE
def test_without_a_script_a_page_asks_before_it_is_cleared(tablet: HttpWalker) -> None:
    tablet.walk(person(), until="legs")
    with clock.fixed_at(later(minutes=3)):
        asked = tablet.client.get("/tablet/idle").text
        assert "Are you still there?" in asked and 'content="61; url=/"' in asked
        tablet.client.get("/screening/check")
    with clock.fixed_at(later(minutes=5)):
        assert tablet.client.get("/screening/legs").status_code == 200
        tablet.client.get("/tablet/idle")
    with clock.fixed_at(later(minutes=6, seconds=1)):
        assert tablet.client.get("/").status_code in (200, 303)
        assert tablet.client.get("/screening/legs").status_code == 410


def test_the_next_person_begins_anew_even_with_the_same_birthday(tablet: HttpWalker) -> None:
    tablet.walk(person(), until="contact")
    tablet.walk(person(), until="who")
    first, second = drafts_by_id()
    assert first.answers and not second.answers
    assert {(draft.channel, draft.origin, draft.kiosk_id) for draft in (first, second)} == {("tablet", "Tablet 2", 1)}
    stopped = tablet.post("/tablet/stop", {})
    assert (stopped.status_code, stopped.location, stopped.headers["Clear-Site-Data"]) == (303, "/", '"cache"')
    assert tablet.client.get("/screening/who").status_code == 410


def test_what_is_sent_from_a_tablet_stays_on_no_tablet(tablet: HttpWalker) -> None:
    done = tablet.walk(person())
    assert "copy.pdf" not in done and "Please give the tablet back" in done
    for address in ("/screening/copy.pdf", "/your-copy"):
        assert tablet.client.get(address).status_code == 404
    finished = tablet.post("/screening/finish", {})
    assert (finished.location, finished.headers["Clear-Site-Data"]) == ("/", '"cache"')
    tablet.open("/")
    assert tablet.client.get("/screening/done").status_code == 410
    assert 'class="app-tablet"' in tablet.text


def test_staff_end_a_tablet_from_their_desk(tablet: HttpWalker) -> None:
    tablet.walk(person(), until="contact")
    db.session.rollback()
    desk = Browser(tablet.client.application, use_cookies=True)
    assert desk.send(SIGN_IN, {"email": "front_desk@clinic.example", "password": PASSWORD}).status_code == 302
    listed = desk.get(TABLETS).text
    assert "Tablet 2" in listed and "1 form begun" in listed
    assert desk.send("/staff/tablets/1/end", page=TABLETS).status_code == 303
    assert "No tablet is in use." in desk.get(TABLETS).text
    for address in ("/screening/contact", "/", "/come-back"):
        refused = tablet.client.get(address)
        assert refused.status_code == 410 and "This tablet is not in use" in refused.text
    assert tablet.post("/", {"consent": "yes"}).status_code == 410
    assert len(drafts_by_id()) == 1


def test_signing_in_on_a_tablet_ends_it_and_what_it_held(tablet: HttpWalker) -> None:
    tablet.walk(person(), until="contact")
    assert tablet.client.get("/staff/cases").status_code == 302
    signed = tablet.client.send(SIGN_IN, {"email": "front_desk@clinic.example", "password": PASSWORD})
    assert (signed.status_code, signed.headers["Clear-Site-Data"]) == (302, '"cache"')
    kiosk = db.session.scalars(select(Kiosk)).one()
    assert (kiosk.ended_at, kiosk.ended_name) == (NOON, "Sam Front desk")
    actions = db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject_kind == "kiosk")).all()
    assert actions == ["kiosk.started", "kiosk.ended"]
    assert tablet.client.get("/screening/contact").status_code == 410
    assert 'class="app-tablet"' not in tablet.client.get("/").text
