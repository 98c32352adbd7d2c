"""Physicians: the queue, one case with all that was found, decisions that are added and never changed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from screening import clock
from screening.access import Role
from screening.actions import review
from screening.actions.review import DecisionKind
from screening.actions.unit import SYSTEM, Actor
from screening.models import AuditEvent, Case, Decision, User, db
from tests.conftest import NOON, Browser, SignIn, sign_in_another
from tests.factories import A04, CONSULT, EMERGENCY, PRIORITY, URGENT, submit_case
from tests.staff.test_front_desk import listed

QUEUE = "/staff/queue"
REASON = "Foot drop is old, seen by neurology in May."


@pytest.fixture
def physician(sign_in: SignIn) -> Browser:
    return sign_in(Role.PHYSICIAN)


def decide(browser: Browser, case: Case, *, kind: str = "call_patient", reason: str = REASON, seen: int = 0) -> str:
    sent = {"kind": kind, "reason": reason, "last_seen": seen}
    address = f"{QUEUE}/{case.reference}"
    answer = browser.send(f"{address}/decision", sent, page=address)
    return browser.get(answer.location).text if answer.status_code == 302 else answer.text


def annul(browser: Browser, case: Case, decision: int, reason: str = "Signed on the wrong person") -> str:
    sent = {"decision": decision, "annul_reason": reason}
    address = f"{QUEUE}/{case.reference}"
    answer = browser.send(f"{address}/annulment", sent, page=address)
    return browser.get(answer.location).text if answer.status_code == 302 else answer.text


def decisions() -> list[Decision]:
    return list(db.session.scalars(select(Decision).order_by(Decision.id)))


def lanes(page: str) -> tuple[list[str], list[str]]:
    critical, planning = page.split("Planning (")
    return listed(critical), listed(planning)


def test_the_queue_has_two_lanes_by_tier_then_a04_then_longest_waiting(physician: Browser) -> None:
    order: list[tuple[str, dict[str, Any], int]] = [
        ("consult_new", CONSULT, 1), ("a04", A04, 2), ("consult_old", CONSULT, 300), ("priority", PRIORITY, 3),
        ("urgent_new", URGENT, 4), ("emergency", EMERGENCY, 5), ("urgent_old", URGENT, 600), ("routine", {}, 9000),
    ]  # fmt: skip
    references = {}
    for name, changes, minutes in order:
        with clock.fixed_at(NOON - timedelta(minutes=minutes)):
            references[name] = submit_case(**changes).reference
    with clock.fixed_at(NOON):
        critical, planning = lanes(physician.get(QUEUE).text)
    assert critical == [references[name] for name in ("emergency", "urgent_old", "urgent_new")]
    assert planning == [references[name] for name in ("priority", "a04", "consult_old", "consult_new")]


def test_a_long_lane_goes_on_in_its_order_without_gap_or_repeat(physician: Browser) -> None:
    expected = []
    for changes in (PRIORITY, A04, CONSULT):
        for minutes in range(12, 0, -1):
            with clock.fixed_at(NOON - timedelta(minutes=minutes)):
                expected.append(submit_case(**changes).reference)
    first = physician.get(QUEUE).text
    following = re.search(r'href="(/staff/queue\?planning=\d+)"', first)
    assert following
    assert [*lanes(first)[1], *lanes(physician.get(following[1]).text)[1]] == expected


def test_the_queue_says_why_and_how_long(physician: Browser) -> None:
    with clock.fixed_at(NOON - timedelta(hours=3, minutes=20)):
        case = submit_case(rf_leg_weakness="not_sure", pain_changed="new_or_different")
    with clock.fixed_at(NOON):
        page = physician.get(QUEUE).text
    for shown in ("3 h 20 min", case.findings[0].detail["title"], "Cannot tell", "Same-day review"):
        assert shown in page


def test_a_decided_case_leaves_the_queue_and_is_listed_as_reviewed(physician: Browser) -> None:
    case = submit_case(**URGENT)
    decide(physician, case)
    assert listed(physician.get(QUEUE).text) == []
    assert listed(physician.get(f"{QUEUE}/reviewed").text) == [case.reference]


def test_the_case_page_has_each_finding_with_why_and_on_what_grounds(physician: Browser) -> None:
    case = submit_case(**{**A04, **URGENT})
    page = text_of(physician.get(f"{QUEUE}/{case.reference}").text)
    for finding in case.findings:
        detail = finding.detail
        for shown in (detail["title"], detail["physician"], detail["patient"] or "nothing of this."):
            assert shown in page
        for question, answer in detail["because"]:
            assert f"{question} {answer}" in page
        for source, verified in detail["sources"]:
            assert f"{source} {'Verified' if verified else 'Not verified'}" in page
        for note in detail["evidence"]:
            assert note in page
    assert "Project threshold" in page
    assert page.index("Same-day review") < page.index("Findings")


def test_the_case_page_has_what_is_unknown_missing_or_contradictory(physician: Browser) -> None:
    case = submit_case(
        hx_heart="not_sure", hx_eye=None, tx_ketamine="never", ketamine_allergy="yes", considering_ketamine="yes",
        ketamine_setting="clinic", escort="yes", expectation="some_relief",
    )  # fmt: skip
    page = text_of(physician.get(f"{QUEUE}/{case.reference}").text)
    rows = {row["id"]: row for section in case.record["sections"] for row in section["rows"]}
    never, allergy = rows["tx_ketamine"], rows["ketamine_allergy"]
    assert f"Not answered: {rows['hx_eye']['short']}" in page
    assert f"{rows['hx_heart']['short']} ({rows['hx_heart']['answer']})" in page
    assert f"{never['short']}: “{never['answer']}”, but {allergy['short']}: “{allergy['answer']}”" in page
    assert "Cannot tell: rests on unknown answers" in page


def test_the_case_page_has_what_was_told_and_the_alert(physician: Browser) -> None:
    case = submit_case(**EMERGENCY)
    page = text_of(physician.get(f"{QUEUE}/{case.reference}").text)
    assert "Emergency page, to the patient" in page
    assert "Alert of" in page and "not acknowledged" in page


def test_a_zero_on_the_question_about_dying_is_never_shown_alone(physician: Browser) -> None:
    case = submit_case()
    note = case.assessment["answer_notes"]["phq9_item9"]
    assert note in text_of(physician.get(f"{QUEUE}/{case.reference}").text)


def test_a_decision_is_signed_with_name_and_time(physician: Browser, noon: object) -> None:
    case = submit_case(**URGENT)
    page = text_of(decide(physician, case, kind="refer_specialist"))
    assert "Your decision is signed." in page
    assert f"Refer to a pain specialist Counts {REASON} Sam Physician, 18 Nov, 12:00" in page
    (signed,) = decisions()
    db.session.refresh(case)
    assert (signed.kind, signed.signed_name, signed.signed_at) == ("refer_specialist", "Sam Physician", NOON)
    assert signed.ruleset_sha256 == case.ruleset_sha256
    assert case.reviewed_at == NOON
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.decided")).one()
    assert event.detail == {"decision": signed.id, "kind": "refer_specialist"}


@pytest.mark.parametrize(
    ("kind", "reason", "says"),
    [
        ("", REASON, "Choose a decision."),
        ("cleared", REASON, "Not a valid choice."),
        ("call_patient", "", "Enter the reason for the decision."),
        ("call_patient", " \n ", "Enter the reason for the decision."),
        ("call_patient", "x" * 2001, "The reason must have 2000 characters or fewer."),
    ],
)
def test_a_decision_needs_a_kind_and_a_reason_and_keeps_what_was_typed(
    physician: Browser, kind: str, reason: str, says: str
) -> None:
    case = submit_case(**URGENT)
    page = decide(physician, case, kind=kind, reason=reason)
    assert says in page
    assert reason.strip() in page
    assert decisions() == []


def test_a_second_physician_sees_the_first_ones_decision_and_keeps_what_was_typed(
    app: Flask, physician: Browser, add_second: Browser
) -> None:
    case = submit_case(**URGENT)
    decide(physician, case, reason="First to sign.")
    page = decide(add_second, case, kind="same_day_visit", reason="Typed meanwhile.", seen=0)
    assert "Somebody else signed a decision while you were reading" in page
    assert "First to sign." in page
    assert "Typed meanwhile.</textarea>" in page
    assert re.search(r'value="same_day_visit"[^>]*checked', page)
    assert [row.reason for row in decisions()] == ["First to sign."]
    decide(add_second, case, kind="same_day_visit", reason="Typed meanwhile.", seen=_last_seen(page))
    assert [row.signed_name for row in decisions()] == ["Sam Physician", "Dr. Second"]


@pytest.fixture
def add_second(app: Flask) -> Browser:
    """A browser where another physician has signed in."""
    return sign_in_another(app, Role.PHYSICIAN, email="second@clinic.example", full_name="Dr. Second")


def _last_seen(page: str) -> int:
    found = re.search(r'name="last_seen" value="(\d+)"', page)
    assert found
    return int(found[1])


def test_a_later_decision_counts_and_the_earlier_one_stays(physician: Browser) -> None:
    case = submit_case(**URGENT)
    first = _last_seen(decide(physician, case, kind="more_information", reason="Asked for the scan."))
    page = text_of(decide(physician, case, kind="no_specialist_now", reason="Scan is old.", seen=first))
    assert "No specialist needed now Counts Scan is old." in page
    assert "More information needed Asked for the scan." in page


def test_an_annulled_decision_puts_the_case_back_in_the_queue(physician: Browser) -> None:
    case = submit_case(**URGENT)
    decide(physician, case)
    (signed,) = decisions()
    page = text_of(annul(physician, case, signed.id))
    assert "Annulled Signed on the wrong person" in page or "Annuls decision" in page
    db.session.refresh(case)
    assert case.reviewed_at is None
    assert listed(physician.get(QUEUE).text) == [case.reference]
    assert [row.reason for row in decisions()] == [REASON, "Signed on the wrong person"]


def test_annulling_the_latest_lets_the_one_before_count(physician: Browser) -> None:
    case = submit_case(**URGENT)
    with clock.fixed_at(NOON):
        first = _last_seen(decide(physician, case, reason="Stays."))
    with clock.fixed_at(NOON + timedelta(minutes=5)):
        decide(physician, case, reason="Wrong person.", seen=first)
        page = text_of(annul(physician, case, decisions()[-1].id))
    db.session.refresh(case)
    assert case.reviewed_at == NOON
    assert "Counts Stays." in page


def test_a_decision_is_annulled_once_with_a_reason_and_on_its_own_case(physician: Browser) -> None:
    case, other = submit_case(**URGENT), submit_case(**URGENT)
    decide(physician, case)
    (signed,) = decisions()
    assert "Enter why the decision is annulled." in annul(physician, case, signed.id, reason=" ")
    assert "Page not found" in annul(physician, other, signed.id)
    assert "Page not found" in annul(physician, case, 2**31 - 1)
    annul(physician, case, signed.id)
    assert "Page not found" in annul(physician, case, signed.id)
    assert [row.annuls_id for row in decisions()] == [None, signed.id]


def test_two_who_annul_the_same_decision_leave_one_annulment(physician: Browser) -> None:
    case = submit_case(**URGENT)
    decide(physician, case)
    (signed,) = decisions()
    user = db.session.scalars(select(User)).one()
    by = Actor("staff", user.id, user.full_name)
    review.annul(decision_id=signed.id, reason="Wrong person", by=by)
    with pytest.raises(review.NotAnnullable):
        review.annul(decision_id=signed.id, reason="Wrong person", by=by)
    assert len(decisions()) == 2


def test_nobody_but_a_member_of_staff_signs(app: Flask) -> None:
    case = submit_case(**URGENT)
    with pytest.raises(PermissionError):
        review.decide(case_id=case.id, kind=DecisionKind.CALL_PATIENT, reason=REASON, by=SYSTEM)
    assert decisions() == []


def test_opening_a_case_leaves_word_of_who_saw_it(physician: Browser) -> None:
    case = submit_case()
    physician.get(f"{QUEUE}/{case.reference}")
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.viewed")).one()
    assert (event.subject_id, event.detail) == (case.id, {"page": "physician"})


@pytest.mark.parametrize("tail", ["", "/decision", "/annulment"])
def test_a_case_that_is_not_there_is_a_plain_404(physician: Browser, tail: str) -> None:
    typed = {"kind": "call_patient", "reason": REASON, "last_seen": 0, "decision": 1, "annul_reason": REASON}
    address = f"{QUEUE}/ZZZZ-ZZZZ{tail}"
    answer = physician.send(address, typed, page="/staff/cases") if tail else physician.get(address)
    assert answer.status_code == 404


def text_of(page: str) -> str:
    """What a page says, without its marks and with single blanks."""
    from html import unescape

    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
