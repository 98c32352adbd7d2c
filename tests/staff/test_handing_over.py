"""Physicians hand cases to each other: notes, who is to take one up, second opinions that nobody settles alone."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from screening.access import Role
from screening.actions import accounts, review
from screening.actions.unit import SYSTEM, Actor
from screening.models import AuditEvent, Case, Handover, User, db
from screening.queries.tallies import kept, recounted
from tests.conftest import Browser, SignIn
from tests.factories import CONSULT, EMERGENCY, PRIORITY, URGENT, submit_case
from tests.staff.test_queue import QUEUE, another_physician

NOTE = "Please look at the scan with me."


def hand_over(browser: Browser, case: Case, *, seen: int | None = None, **sent: object) -> str:
    """What the page says after it was sent; `seen` in place of what the page has."""
    page = f"{QUEUE}/{case.reference}"
    shown = re.search(r'name="handover_seen" value="(\d+)"', browser.get(page).text)
    assert shown
    form = {"handover_seen": shown[1] if seen is None else seen, **sent}
    return browser.post(f"{page}/handover", data=form, follow_redirects=True).text


def decide(browser: Browser, case: Case, seen: int = 0) -> None:
    form = {"kind": "call_patient", "reason": "Called.", "last_seen": seen}
    page = f"{QUEUE}/{case.reference}"
    assert browser.send(f"{page}/decision", form, page=page).status_code == 302


def user_id(name: str) -> int:
    return db.session.scalars(select(User.id).where(User.full_name == name)).one()


def state(case: Case) -> tuple[bool, int | None]:
    """Whether it waits for a second opinion, and who is to take it up."""
    row = db.session.execute(select(Case.opinion_asked_at, Case.assigned_to_id).where(Case.id == case.id)).one()
    return row.opinion_asked_at is not None, row.assigned_to_id


def in_section(page: str, name: str) -> list[str]:
    """The references of a list of the queue."""
    found = re.search(rf'<section id="{name}"(.*?)</section>', page, re.DOTALL)
    return re.findall(r'href="/staff/queue/(\w{4}-\w{4})"', found[1]) if found else []


@pytest.fixture
def sam(app: Flask, sign_in: SignIn) -> Browser:
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(Role.PHYSICIAN)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_case_is_assigned_and_comes_first_for_its_physician_alone(app: Flask, sam: Browser, sign_in: SignIn) -> None:
    first, _other, routine = submit_case(**EMERGENCY), submit_case(**PRIORITY), submit_case()
    last = submit_case(**CONSULT)
    alex = another_physician(app)
    assert "Write a note, choose a physician" in hand_over(sam, last)
    for case in (last, routine):
        assert "The case is handed over." in hand_over(sam, case, note=NOTE, assign_to=user_id("Alex Second"))
    mine = alex.get(QUEUE).text
    assert "Assigned to you (2)" in mine
    assert in_section(mine, "assigned") == [last.reference, routine.reference]
    assert "For Alex Second" in sam.get(QUEUE).text and in_section(sam.get(QUEUE).text, "assigned") == []
    assert (
        last.reference in sam.get(QUEUE).text
        and "Planning (2 waiting, narrowed)" in alex.get(f"{QUEUE}?held=assigned").text
    )
    assert alex.get(f"{QUEUE}/next").location == f"{QUEUE}/{last.reference}"
    assert alex.get(f"{QUEUE}/next?after={last.reference}").location == f"{QUEUE}/{routine.reference}"
    assert alex.get(f"{QUEUE}/next?after={routine.reference}").location == f"{QUEUE}/{first.reference}"
    assert sam.get(f"{QUEUE}/next").location == f"{QUEUE}/{first.reference}"

    desk = sign_in(Role.FRONT_DESK)
    assert NOTE in alex.get(f"{QUEUE}/{last.reference}").text
    assert NOTE not in desk.get(f"/staff/cases/{last.reference}").text
    assert desk.post(f"{QUEUE}/{last.reference}/handover", data={"note": "x"}).status_code == 403
    late = hand_over(alex, last, seen=0, note="Typed meanwhile.", assign_to=0)
    assert "Somebody else handed this case over" in late and "Typed meanwhile.</textarea>" in late
    accounts.end_account(user_id=user_id("Alex Second"), by=SYSTEM)
    shown = sam.get(f"{QUEUE}/{last.reference}").text
    assert "This case is for" not in shown and "For Alex Second" not in sam.get(QUEUE).text
    refused = hand_over(sam, last, assign_to=user_id("Sam Physician"))
    assert "Not a valid choice" in refused
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.handed_over")).first()
    assert event is not None and set(event.detail) == {"handover", "note", "assigned_to", "asks_opinion"}


def test_a_second_opinion_is_awaited_until_another_physician_signs(app: Flask, sam: Browser) -> None:
    case, again = submit_case(**URGENT), submit_case(**PRIORITY)
    alex = another_physician(app)
    page = f"{QUEUE}/{case.reference}"
    assert alex.post(f"{page}/opinion", data={"decision_seen": 1}).status_code == 404
    decide(sam, case)
    hand_over(sam, case, second_opinion="y", assign_to=user_id("Alex Second"))
    assert state(case) == (True, user_id("Alex Second"))
    for browser in (sam, alex):
        assert in_section(browser.get(QUEUE).text, "opinions") == [case.reference]
    assert "Second opinion needed" in sam.get(f"{QUEUE}/reviewed").text
    assert "another physician signs" in sam.get(page).text
    decision = db.session.scalars(select(Case).where(Case.id == case.id)).one().decisions[-1]
    own = sam.post(f"{page}/opinion", data={"decision_seen": decision.id})
    assert own.status_code == 409 and state(case)[0]
    decide(sam, case, seen=decision.id)
    newest = decision.id + 1
    stale = alex.post(f"{page}/opinion", data={"decision_seen": decision.id, "agree_note": "I agree."})
    assert stale.status_code == 409 and "I agree.</textarea>" in stale.text and state(case)[0]
    signed = alex.post(f"{page}/opinion", data={"decision_seen": newest, "agree_note": "I agree."})
    assert signed.status_code == 302 and state(case) == (False, None)
    assert "Agrees with decision" in sam.get(page).text and "Second opinion needed" not in sam.get(QUEUE).text
    review.annul(decision_id=newest, reason="Wrong person", by=Actor("staff", user_id("Sam Physician"), "Sam"))
    assert state(case)[0]

    hand_over(alex, again, second_opinion="y", note=NOTE)
    decide(alex, again)
    assert state(again)[0] and in_section(sam.get(QUEUE).text, "opinions") == [case.reference, again.reference]
    decide(sam, again, seen=newest + 2)
    assert not state(again)[0]
    assert kept() == recounted()
    rows = db.session.scalars(select(Handover).where(Handover.case_id == again.id)).all()
    assert [(row.note, row.asks_opinion, row.signed_name) for row in rows] == [(NOTE, True, "Alex Second")]
