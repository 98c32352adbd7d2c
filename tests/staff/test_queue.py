"""The queue as a list to work from: the clinic's targets, claims, filters, the next case."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from screening import clock
from screening.access import Role
from screening.models import AuditEvent, Case, db
from tests.conftest import Browser, SignIn, sign_in_another
from tests.factories import CONSULT, EMERGENCY, PRIORITY, URGENT, submit_case

QUEUE = "/staff/queue"


def listed(page: str) -> list[str]:
    """The references on a page, in the order shown."""
    return re.findall(r'class="app-cases__name" href="/staff/queue/(\w{4}-\w{4})"', page)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_waiting_is_shown_against_the_clinics_target(sign_in: SignIn, noon: datetime) -> None:
    for minutes, answers in ((300, URGENT), (30, URGENT), (5, EMERGENCY), (6 * 1440, CONSULT)):
        with clock.fixed_at(noon - timedelta(minutes=minutes)):
            submit_case(**answers)
    page = sign_in(Role.PHYSICIAN).get(QUEUE).text
    for waits in ("5 min of 10 min", "5 h of 4 h", "30 min of 4 h", "6 d of 14 d"):
        assert waits in page
    assert re.findall(r"Overdue by ([\w ]+)<", page) == ["1 h"]
    form = sign_in(Role.ADMIN).get("/staff/admin/clinic").text
    for name, target in (("review_emergency", 10), ("review_urgent", 240), ("review_consult", 14)):
        assert re.search(rf'name="{name}"[^>]*value="{target}"', form)


def test_two_physicians_share_the_queue_by_claims(app: Flask, sign_in: SignIn) -> None:
    first, second = submit_case(**EMERGENCY), submit_case(**PRIORITY)
    robin, alex = sign_in(Role.PHYSICIAN), another_physician(app)
    robin.send(f"{QUEUE}/{first.reference}/claim", {"last_seen": 0}, page=f"{QUEUE}/{first.reference}")
    assert "You have this case" in robin.get(f"{QUEUE}/{first.reference}").text
    shown = alex.get(f"{QUEUE}/{first.reference}").text
    assert "Sam Physician has this case" in shown and "Take over" in shown

    assert listed(alex.get(f"{QUEUE}?held=free").text) == [second.reference]
    assert listed(alex.get(f"{QUEUE}?held=mine").text) == []
    assert listed(robin.get(f"{QUEUE}?held=mine").text) == [first.reference]
    assert listed(robin.get(f"{QUEUE}?tier=priority").text) == [second.reference]
    assert alex.get(f"{QUEUE}/next").location == f"{QUEUE}/{second.reference}"
    assert robin.get(f"{QUEUE}/next").location == f"{QUEUE}/{first.reference}"

    late = alex.send(f"{QUEUE}/{first.reference}/claim", {"last_seen": 0}, page=f"{QUEUE}/{second.reference}")
    assert "Sam Physician claimed this case a moment ago." in alex.get(late.location).text
    alex.send(f"{QUEUE}/{first.reference}/release", page=f"{QUEUE}/{first.reference}")
    assert claimed_by(first) == "Sam Physician"
    seen = re.search(r'name="last_seen" value="([1-9]\d*)"', shown)
    assert seen
    alex.send(f"{QUEUE}/{first.reference}/claim", {"last_seen": seen[1]}, page=f"{QUEUE}/{first.reference}")
    assert claimed_by(first) == "Alex Second"
    alex.send(f"{QUEUE}/{first.reference}/release", page=f"{QUEUE}/{first.reference}")
    assert claimed_by(first) is None
    kept = db.session.scalars(
        select(AuditEvent.action).where(AuditEvent.action.like("case.%ed")).order_by(AuditEvent.id)
    )
    assert [action for action in kept if "claim" in action or "release" in action] == [
        "case.claimed",
        "case.claimed",
        "case.released",
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_next_goes_through_the_queue_and_a_decision_ends_the_claim(sign_in: SignIn) -> None:
    cases = [submit_case(**answers).reference for answers in (EMERGENCY, URGENT, CONSULT)]
    physician = sign_in(Role.PHYSICIAN)
    following = [physician.get(f"{QUEUE}/next?after={reference}").location for reference in ("", *cases)]
    assert following == [f"{QUEUE}/{reference}" for reference in (*cases, cases[0])]
    page = f"{QUEUE}/{cases[0]}"
    physician.send(f"{page}/claim", {"last_seen": 0}, page=page)
    decision = {"kind": "call_patient", "reason": "Called.", "last_seen": 0}
    assert physician.send(f"{page}/decision", decision, page=page).status_code == 302
    case = db.session.scalars(select(Case).where(Case.reference == cases[0])).one()
    assert (case.claimed_by_id, case.claimed_name, case.claimed_at) == (None, None, None)
    refused = physician.send(f"{page}/claim", {"last_seen": 0}, page=f"{QUEUE}/{cases[1]}")
    assert "This case is decided on." in physician.get(refused.location).text
    assert physician.get(f"{QUEUE}/next").location == f"{QUEUE}/{cases[1]}"


def another_physician(app: Flask) -> Browser:
    return sign_in_another(app, Role.PHYSICIAN, email="second@clinic.example", full_name="Alex Second")


def claimed_by(case: Case) -> str | None:
    return db.session.scalars(select(Case.claimed_name).where(Case.id == case.id)).one()
