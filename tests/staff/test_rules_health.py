"""How the rules have done: counts of what fired, what rested on something unknown, and what physicians marked."""

from __future__ import annotations

import csv
import re

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, select, type_coerce

from screening.access import Role
from screening.models import AuditEvent, Case, FindingMark, db
from tests.conftest import Browser, SignIn
from tests.factories import PRIORITY, submit_case

QUEUE = "/staff/queue"
REASON = "Treated in 1998, discharged from follow-up."


@pytest.fixture
def physician(sign_in: SignIn) -> Browser:
    return sign_in(Role.PHYSICIAN)


def decide(browser: Browser, case: Case, seen: int = 0, **marks: str) -> str:
    address = f"{QUEUE}/{case.reference}"
    sent = {"kind": "call_patient", "reason": "Called.", "last_seen": seen}
    sent |= {f"not_relevant_{rule}": reason for rule, reason in marks.items()}
    answer = browser.send(f"{address}/decision", sent, page=address)
    return browser.get(answer.location).text if answer.status_code == 302 else answer.text


def health(browser: Browser) -> dict[str, dict[str, str]]:
    answer = browser.get("/staff/rules/health.csv")
    assert answer.mimetype == "text/csv"
    return {row["rule"]: row for row in csv.DictReader(answer.text.splitlines())}


def counted(browser: Browser, rule: str) -> tuple[str, ...]:
    row = health(browser)[rule]
    return (row["cases"], row["fired"], row["unknown"], row["not_relevant"], row["note"])


def test_health_counts_what_fired_and_what_rested_on_something_unknown(app: Flask, physician: Browser) -> None:
    assert counted(physician, "A01") == ("0", "0", "0", "0", "No case yet")
    submit_case(cancer_history="past")
    submit_case(cancer_history="not_sure")
    assert counted(physician, "S04") == ("2", "2", "1", "0", "Always fires")
    assert counted(physician, "S10") == ("2", "0", "0", "0", "Never fired")
    submit_case()
    assert counted(physician, "S04") == ("3", "2", "1", "0", "")
    page = physician.get("/staff/rules/health").text
    row = re.search(r"<th scope=\"row\">S04 .*?</tr>", page, re.DOTALL)
    assert row
    assert re.findall(r"<td[^>]*>([^<]*)</td>", row[0]) == ["2", "1", "0", ""]


def test_a_mark_shows_with_its_reason_and_leaves_the_tier(app: Flask, physician: Browser) -> None:
    case = submit_case(**PRIORITY)
    page = decide(physician, case, S04=REASON)
    assert "Marked as not relevant" in page
    assert REASON in page
    (mark,) = db.session.scalars(select(FindingMark))
    db.session.refresh(case)
    assert (mark.reason, case.tier) == (REASON, 3)
    stored = db.session.scalar(select(type_coerce(FindingMark.reason, LargeBinary)))
    assert stored and REASON.encode() not in bytes(stored)
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.findings_marked")).one()
    assert event.detail == {"decision": mark.decision_id, "rules": ["S04"]}
    assert "Priority specialist consult" in page
    assert counted(physician, "S04") == ("1", "1", "0", "1", "Always fires")


def test_a_mark_goes_with_the_decision_it_was_given_with(app: Flask, physician: Browser) -> None:
    case = submit_case(**PRIORITY)
    decide(physician, case, S04=REASON)
    (mark,) = db.session.scalars(select(FindingMark))
    address = f"{QUEUE}/{case.reference}"
    sent = {"decision": mark.decision_id, "annul_reason": "Signed on the wrong person."}
    physician.send(f"{address}/annulment", sent, page=address)
    assert "Marked as not relevant" not in physician.get(address).text
    assert counted(physician, "S04")[3] == "0"


def test_marking_twice_counts_one_finding(app: Flask, physician: Browser) -> None:
    case = submit_case(**PRIORITY)
    page = decide(physician, case, S04=REASON)
    seen = re.search(r'name="last_seen" value="(\d+)"', page)
    assert seen
    decide(physician, case, seen=int(seen[1]), S04="Again the same.")
    assert len(db.session.scalars(select(FindingMark)).all()) == 2
    assert counted(physician, "S04")[3] == "1"


def test_a_rule_that_did_not_fire_cannot_be_marked_and_a_reason_is_not_endless(app: Flask, physician: Browser) -> None:
    case = submit_case(**PRIORITY)
    page = decide(physician, case, S04="x" * 501)
    assert "The reason must have 500 characters or fewer." in page
    assert "x" * 501 in page
    decide(physician, case, S10="Did not fire.", S04="  ")
    assert db.session.scalars(select(FindingMark)).all() == []
