"""One person over time: corrections to identity data, records that are joined, and scores side by side."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from screening import clock
from screening.access import Role
from screening.actions import joining, summaries
from screening.actions.correcting import CorrectedMeanwhile, correct_identity
from screening.actions.tallies import recount
from screening.actions.unit import SYSTEM, Missing
from screening.call_list import CallList
from screening.models import Alert, AuditEvent, Case, CaseAssessment, IdentityCorrection, PatientJoin, db
from screening.queries.people import corrections_made, person_of
from screening.search import searches
from tests.conftest import NOON, Browser, SignIn
from tests.factories import CONSULT, submit_case
from tests.staff.test_queries import plans, scanned
from tests.staff.test_review import decide, text_of

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
ANA = "Ana Whitfield-Ortega"
REASON = "Read out from the passport."
FRAIL: dict[str, Any] = {"rf_trauma": "minor", "rf_leg_weakness": "new_or_worse"}
"""What is worse in somebody of 65 or older."""
_SEEN = re.compile(r'name="(identity_seen|other_seen)" value="(\d+)"')


def people(case: Case, page: str = "") -> str:
    return f"/staff/people/{case.reference}{page}"


def correct(browser: Browser, case: Case, seen: int | None = None, **changes: Any) -> TestResponse:
    """Fill in the form of the identity as the page has it, but for `changes`, and save it."""
    address = people(case, "/identity")
    db.session.refresh(case.patient)
    identity = {"full_name": "", "phone": "", "email": "", "may_leave_message": False, **case.patient.identity}
    identity |= {name: value for name, value in changes.items() if name in ("full_name", "phone", "email", "no_phone")}
    born = changes.get("born", identity.pop("date_of_birth", ""))
    parts = born.split("-") if born else ("", "", "")
    ticks = {name: "yes" for name, value in identity.items() if value is True}
    lines = {name: value for name, value in identity.items() if isinstance(value, str)}
    number = dict(_SEEN.findall(browser.get(address).text))["identity_seen"] if seen is None else seen
    sent = {
        **lines, **ticks, "reason": changes.get("reason", REASON), "identity_seen": number,
        **dict(zip(("date_of_birth-year", "date_of_birth-month", "date_of_birth-day"), parts, strict=True)),
    }  # fmt: skip
    return browser.send(address, sent, page=address)


def join(browser: Browser, one: Case, other: Case, reason: str = "", **stale: int) -> TestResponse:
    address = people(one, f"/with/{other.reference}")
    seen = dict(_SEEN.findall(browser.get(address).text)) or {"identity_seen": 0, "other_seen": 0}
    return browser.send(address, {**seen, **stale, "join_reason": reason}, page=address)


def others(case: Case, how: str) -> set[str]:
    """The references of the other cases of its person: those "joined", or those that "maybe" are."""
    person = person_of(case.reference)
    assert person
    return {row.reference for row in getattr(person, how)}


def put_right(case: Case, **values: Any) -> None:
    seen = corrections_made(case.patient_id)
    correct_identity(patient_id=case.patient_id, values=values, reason=REASON, seen=seen, by=SYSTEM)
    db.session.refresh(case)


def put_together(one: Case, other: Case, reason: str = "") -> int:
    ids = {"patient_id": one.patient_id, "other_id": other.patient_id}
    return joining.join(**ids, reason=reason, seen=(0, 0), by=SYSTEM).id


def found(typed: str) -> set[int]:
    return {row[1] for query in searches(typed) for row in db.session.execute(query)}


@ON_SQLITE
def test_a_contact_is_corrected_with_a_reason_and_no_clinical_data_changes(sign_in: SignIn, noon: datetime) -> None:
    case = submit_case(name=ANA, **CONSULT)
    desk, physician = sign_in(Role.FRONT_DESK), sign_in(Role.PHYSICIAN)
    decide(physician, case)
    db.session.execute(update(Case).values(printed_at=NOON))
    mark, before = summaries.current_mark(case_id=case.id), dict(case.patient.identity)
    refused = correct(desk, case, full_name="Anna Zoltan", phone="x", reason="")
    assert refused.status_code == 422 and 'value="Anna Zoltan"' in refused.text
    assert "Enter why it is corrected." in refused.text and "Enter a phone number" in refused.text
    with clock.fixed_at(NOON + timedelta(minutes=5)):
        assert correct(desk, case, full_name="Anna Zoltan", phone="555 010 0777").status_code == 303
    db.session.refresh(case)
    assert case.patient.identity == {**before, "full_name": "Anna Zoltan", "phone": "555 010 0777"}
    assert found("zoltan") == found("555 010 0777") == {case.id} and not found("whitfield") | found("555 010 0199")
    (kept,) = db.session.scalars(select(IdentityCorrection))
    assert (kept.before, kept.reason, kept.number, kept.corrected_name) == (before, REASON, 0, "Sam Front desk")
    assert (case.assessment_number, case.reviewed_at, case.changed_at) == (0, NOON, NOON + timedelta(minutes=5))
    assert summaries.current_mark(case_id=case.id) != mark
    (event,) = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.identity_corrected"))
    assert event.detail == {"correction": kept.id, "parts": ["full_name", "phone"]}
    for browser, place in ((desk, "cases"), (physician, "queue")):
        shown = text_of(browser.get(f"/staff/{place}/{case.reference}").text)
        for words in (f"Name {ANA} then Anna Zoltan", REASON, "by Sam Front desk"):
            assert words in shown, words
    assert "Printed before, then changed" in desk.get(f"/staff/cases/{case.reference}").text
    # Nothing changed, nothing written.
    assert correct(desk, case).status_code == 303 and len(db.session.scalars(select(IdentityCorrection)).all()) == 1


@ON_POSTGRESQL
def test_another_age_assesses_the_case_again_and_reopens_what_rested_on_it(sign_in: SignIn, noon: datetime) -> None:
    with clock.fixed_at(NOON - timedelta(days=20)):
        case = submit_case(name=ANA, born="1981-03-04", **FRAIL)
    desk, physician = sign_in(Role.FRONT_DESK), sign_in(Role.PHYSICIAN)
    decide(physician, case)
    before = {"answers": dict(case.answers), "given": case.given, "record": case.record, "tier": case.tier}
    db.session.execute(update(Alert).values(acknowledged_at=NOON))
    # 65 on the very day of the screening.
    assert "The case was assessed again" in desk.get(str(correct(desk, case, born="1961-10-29").location)).text
    db.session.refresh(case)
    (kept,) = db.session.scalars(select(CaseAssessment))
    assert {name: getattr(kept, name) for name in before} == before and kept.correction_id and kept.reopened
    assert (case.answers["age_years"], case.tier, case.assessment_number, case.reviewed_at) == (65, 5, 1, None)
    alert = db.session.scalars(select(Alert)).one()
    assert (alert.tier, alert.acknowledged_at) == (5, None) and recount(by=SYSTEM) == []
    shown = text_of(physician.get(f"/staff/queue/{case.reference}").text)
    for words in ("Decide again", "Age 45 then 65", "date of birth corrected by Sam Front desk", "Age 65"):
        assert words in shown, words
    assert 'id="phone-emergency-heading"' in desk.get(f"/staff/cases/{case.reference}").text
    # The same age again is nothing to assess. The age of today, 65, is not the one that counts.
    for born, age, number in (("1961-10-20", 65, 1), ("1961-10-30", 64, 2)):
        put_right(case, date_of_birth=born)
        assert (case.answers["age_years"], case.assessment_number) == (age, number)


@ON_SQLITE
def test_what_a_wrong_age_took_off_the_path_comes_back_with_the_right_one(app: Flask, noon: datetime) -> None:
    young = submit_case(name=ANA, born="2012-03-04")
    assert "tx_ketamine" not in young.answers
    put_right(young, date_of_birth="1981-03-04")
    calls = CallList.of(young.assessment)
    assert young.answers["tx_ketamine"] is None and "tx_ketamine" in {call.id for call in calls.front_desk}
    assert not young.out_of_scope and young.answers["age_years"] == 45 and young.desk_calls

    grown = submit_case(name=ANA, born="1981-03-04", tx_ketamine="helped")
    answers, given = dict(grown.answers), dict(grown.given or {})
    put_right(grown, date_of_birth="2012-03-04")
    assert "tx_ketamine" not in grown.answers and grown.out_of_scope
    put_right(grown, date_of_birth=None)
    assert grown.answers["age_years"] is None and grown.answers["tx_ketamine"] == "helped"
    put_right(grown, date_of_birth="1981-03-04")
    assert grown.answers == answers and grown.given == given and grown.assessment_number == 3


@ON_SQLITE
def test_the_second_of_two_who_correct_reads_the_first_and_keeps_what_they_typed(
    sign_in: SignIn, noon: datetime
) -> None:
    case = submit_case(name=ANA)
    desk, physician = sign_in(Role.FRONT_DESK), sign_in(Role.PHYSICIAN)
    assert correct(desk, case, phone="555 010 0777", full_name="Anna Zoltan").status_code == 303
    stale = correct(physician, case, seen=0, full_name="Anne Zoltan", phone="555 010 0199", email="anne@clinic.example")
    db.session.refresh(case.patient)
    assert stale.status_code == 409 and case.patient.identity["full_name"] == "Anna Zoltan"
    shown = text_of(stale.text)
    assert "Somebody else corrected this person’s data" in shown and "Anna Zoltan" in shown and REASON in shown
    # What the second changed is there still; what only the first changed is the first's.
    for typed in ("Anne Zoltan", "anne@clinic.example", "555 010 0777"):
        assert f'value="{typed}"' in stale.text, typed
    assert shown.count("Somebody else corrected this a moment ago.") == 2 and f">{REASON}</textarea>" in stale.text
    assert dict(_SEEN.findall(stale.text)) == {"identity_seen": "1"}
    again = correct(physician, case, seen=1, full_name="Anne Zoltan", email="anne@clinic.example")
    assert again.status_code == 303
    db.session.refresh(case.patient)
    assert case.patient.identity["full_name"] == "Anne Zoltan" and case.patient.identity["phone"] == "555 010 0777"
    assert correct(physician, case, seen=9, full_name="X").status_code == 409


def test_records_are_joined_in_a_chain_and_parted_exactly(app: Flask, noon: datetime) -> None:
    one, two = submit_case(name=ANA), submit_case(name="ortega, ANA whitfield")
    longer, stranger = submit_case(name=f"{ANA} Lind"), submit_case(name=ANA, born="1990-01-01")
    third = submit_case(name="Ana Ortega")
    assert others(one, "maybe") == {two.reference} and others(two, "maybe") == {one.reference}
    assert others(longer, "maybe") == others(stranger, "maybe") == others(one, "joined") == set()
    before = (one.patient.identity, two.patient.identity, len(one.patient.tokens))
    joined = put_together(one, two)
    put_together(third, two)
    assert others(one, "joined") == {two.reference, third.reference} and others(one, "maybe") == set()
    assert others(third, "joined") == {one.reference, two.reference}
    for wrong in (one, third, stranger):
        with pytest.raises(joining.NotJoined):
            put_together(one, wrong)
    put_together(one, stranger, "A typing error.")
    assert len(others(third, "joined")) == 3
    joining.undo(join_id=joined, patient_id=third.patient_id, by=SYSTEM)
    assert others(one, "joined") == {stranger.reference} and others(third, "joined") == {two.reference}
    assert others(one, "maybe") == {two.reference}
    assert (one.patient.identity, two.patient.identity, len(one.patient.tokens)) == before
    with pytest.raises(Missing):
        joining.undo(join_id=joined, patient_id=one.patient_id, by=SYSTEM)
    actions = list(db.session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("case.join%"))))
    assert (actions.count("case.joined"), actions.count("case.join_undone")) == (6, 2)
    assert put_together(one, two) != joined
    steps = plans(lambda: person_of(one.reference))
    assert len(steps) > 5 and scanned(steps) == set()


def test_of_many_who_write_at_once_each_finds_what_the_others_did(app: Flask, noon: datetime) -> None:
    cases = [submit_case(name=ANA) for _ in range(3)]
    ids = [case.patient_id for case in cases]

    def at_once(write: Callable[[int], object]) -> list[bool]:
        def attempt(number: int) -> bool:
            with app.app_context():
                try:
                    write(number)
                except (CorrectedMeanwhile, joining.NotJoined, joining.ChangedMeanwhile):
                    return False
                finally:
                    db.session.remove()
                return True

        db.session.commit()
        with ThreadPoolExecutor() as writers:
            return list(writers.map(attempt, range(3)))

    def circle(number: int) -> None:
        one, other = ids[number], ids[(number + 1) % 3]
        joining.join(patient_id=one, other_id=other, reason="", seen=(0, 0), by=SYSTEM)

    assert 1 <= sum(at_once(circle)) <= 2 and sum(at_once(circle)) <= 1 and sum(at_once(circle)) == 0
    assert len(others(cases[0], "joined")) == 2
    names = [{"full_name": f"Ana {number}", "date_of_birth": "1950-01-01"} for number in range(3)]
    saved = at_once(
        lambda number: correct_identity(patient_id=ids[0], values=names[number], reason=REASON, seen=0, by=SYSTEM)
    )
    assert sum(saved) == 1
    db.session.expire_all()
    assert cases[0].patient.identity["full_name"] == f"Ana {saved.index(True)}" and cases[0].assessment_number == 1


@ON_SQLITE
def test_a_suggestion_is_compared_joined_and_undone(sign_in: SignIn, noon: datetime) -> None:
    one, two = submit_case(name=ANA), submit_case(name=ANA)
    desk, physician = sign_in(Role.FRONT_DESK), sign_in(Role.PHYSICIAN)
    for browser, place in ((desk, "cases"), (physician, "queue")):
        page = browser.get(f"/staff/{place}/{one.reference}").text
        assert f'href="{people(one, f"/with/{two.reference}")}"' in page
        assert "1 other screening may be of this person" in text_of(page)
    put_right(two, phone="555 010 0777")
    assert join(desk, one, two, other_seen=0).status_code == 409
    assert "555 010 0777 Differs" in text_of(desk.get(people(one, f"/with/{two.reference}")).text)
    assert join(desk, one, two).status_code == 303
    assert "Joined by Sam Front desk" in text_of(physician.get(people(two)).text)
    link = db.session.scalars(select(PatientJoin)).one()
    undo = people(two, "/undo")
    for said in ("The join is undone.", "Somebody else undid this a moment ago."):
        page = physician.get(str(physician.send(undo, {"join": link.id}, page=people(two)).location)).text
        assert said in page and "undone by Sam Physician" in text_of(page)
    assert physician.send(undo, {"join": "x"}, page=people(two)).status_code == 400
    put_right(two, full_name="Ana Lind", date_of_birth="1981-03-05")
    typed = desk.send(people(one, "/other"), {"other": two.reference.lower()}, page=people(one))
    page = text_of(desk.get(str(typed.location)).text)
    for shown in ("Ana Lind Differs", "5 Mar 1981 Differs", "The dates of birth are not the same."):
        assert shown in page, shown
    wrong = desk.send(people(one, "/other"), {"other": "0000-0000"}, page=people(one))
    assert wrong.status_code == 422 and "There is no screening with this reference." in wrong.text


@ON_SQLITE
def test_a_physician_sees_the_scores_of_one_person_over_time(sign_in: SignIn, noon: datetime) -> None:
    with clock.fixed_at(NOON - timedelta(days=90)):
        first = submit_case(name=ANA, peg_pain=8, peg_enjoyment=8, peg_activity=9, phq_interest=2, phq_down=1)
    second = submit_case(name=ANA, **CONSULT)
    physician, desk = sign_in(Role.PHYSICIAN), sign_in(Role.FRONT_DESK)
    decide(physician, first)
    assert "Scores over time" not in physician.get(f"/staff/queue/{second.reference}").text
    assert physician.get(people(second, "/scores.svg")).status_code == 404
    join(physician, second, first)
    page = physician.get(f"/staff/queue/{second.reference}").text
    table = text_of(page[page.index('id="screenings-table"') :])
    assert re.search(r"18 Nov, 12:00 This one .*? None 4\.0 .*? 20 Aug, 13:00 .*? Call the patient 8\.3 3 ", table)
    assert f'src="{people(second, "/scores.svg")}"' in page
    chart = physician.get(people(second, "/scores.svg"))
    assert chart.mimetype == "image/svg+xml" and "PEG, pain and how it limits life" in chart.text
    seen = text_of(desk.get(f"/staff/cases/{second.reference}").text)
    assert f"{first.reference} , sent 20 Aug, 13:00" in seen and "Call the patient" not in seen
    assert desk.get(people(second, "/scores.svg")).status_code == 403
