"""The front desk: who submitted, finding a person, one case, printing it. Never what a physician wrote."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from screening import clock
from screening.access import Role
from screening.actions import review
from screening.actions.review import DecisionKind
from screening.actions.unit import Actor
from screening.models import AuditEvent, Case, User, WebSession, db
from tests.conftest import NOON, Browser, SignIn
from tests.factories import CONSULT, EMERGENCY, start_form, submit_case

CASES = "/staff/cases"
REASON = "Spoke with her, weakness is old"


def listed(page: str) -> list[str]:
    """The references on a page, in the order shown."""
    return re.findall(r'href="/staff/(?:cases|queue)/(\w{4}-\w{4})"', page)


def search(desk: Browser, text: str) -> str:
    answer = desk.send(f"{CASES}/search", {"text": text}, page=CASES)
    assert answer.location == f"{CASES}/search"
    return desk.get(answer.location).text


def sign_decision(case: Case, reason: str = REASON) -> None:
    user = db.session.scalars(select(User).where(User.email == "physician@clinic.example")).one()
    by = Actor("staff", user.id, user.full_name)
    review.decide(case_id=case.id, kind=DecisionKind.CALL_PATIENT, reason=reason, by=by)


def test_the_list_has_todays_people_the_newest_first(sign_in: SignIn) -> None:
    with clock.fixed_at(NOON - timedelta(days=1)):
        yesterday = submit_case().reference
    with clock.fixed_at(NOON - timedelta(minutes=5)):
        earlier = submit_case().reference
    with clock.fixed_at(NOON):
        later = submit_case().reference
        desk = sign_in(Role.FRONT_DESK)
        assert listed(desk.get(CASES).text) == [later, earlier]
        assert listed(desk.get(f"{CASES}?show=submitted").text) == [later, earlier, yesterday]


def test_today_is_the_clinics_day(sign_in: SignIn) -> None:
    late_evening = NOON.replace(hour=4)
    with clock.fixed_at(late_evening):
        submit_case()
    with clock.fixed_at(NOON):
        assert listed(sign_in(Role.FRONT_DESK).get(CASES).text) == []


def test_each_case_is_in_the_lists_of_what_is_left_to_do(sign_in: SignIn) -> None:
    new, printed, decided, changed = (submit_case().reference for _ in range(4))
    unknown = submit_case(hx_heart=None, considering_ketamine="yes", **CONSULT).reference
    desk = sign_in(Role.FRONT_DESK)
    sign_in(Role.PHYSICIAN)
    for reference in (printed, changed):
        desk.send(f"{CASES}/{reference}/summary", page=CASES)
    sign_decision(case_of(decided))
    corrected = case_of(changed).patient
    corrected.identity = {**corrected.identity, "full_name": "Ana Whitfield"}
    case_of(printed).origin = "Tablet 2"
    db.session.commit()
    lists = {
        "today": {new, printed, decided, changed, unknown},
        "submitted": {new, printed, decided, changed, unknown},
        "to_print": {new, decided, changed, unknown},
        "to_call": {unknown},
        "printed": {printed, changed},
        "reviewed": {decided},
    }
    for name, expected in lists.items():
        page = desk.get(f"{CASES}?show={name}").text
        assert set(listed(page)) == expected, name
        assert tab_count(page, name) == len(expected)
    assert desk.get(f"{CASES}?show=printed").text.count("Printed before, then changed") == 1
    case_of(printed).answers = {**case_of(printed).answers, "peg_pain": 9}
    db.session.commit()
    assert desk.get(f"{CASES}?show=printed").text.count("Printed before, then changed") == 2
    narrowed = desk.get(f"{CASES}?show=to_print&tier=routine").text
    assert set(listed(narrowed)) == {new, decided, changed, printed}
    assert tab_count(narrowed, "to_print") == 4


def test_a_form_under_way_shows_how_far_it_is_and_nothing_that_was_answered(sign_in: SignIn) -> None:
    start_form(name="Cleo Marsh", origin="Tablet 2", **EMERGENCY)
    submit_case()
    page = sign_in(Role.FRONT_DESK).get(f"{CASES}?show=waiting").text
    for shown in ("Cleo Marsh", "4 Mar 1981", "555 010 0199", "All answered, not sent", "Tablet 2"):
        assert shown in page
    assert tab_count(page, "waiting") == 1
    main = page[page.index("<table") : page.index("</table>")]
    assert "Emergency" not in main and "Ana" not in main


def case_of(reference: str) -> Case:
    return db.session.scalars(select(Case).where(Case.reference == reference)).one()


def tab_count(page: str, name: str) -> int:
    found = re.search(rf'show={name}[^>]*>[^<]*<span class="app-count">([\d,]+)</span>', page)
    assert found, page
    return int(found[1])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_strange_address_shows_the_first_page(sign_in: SignIn) -> None:
    case = submit_case()
    desk = sign_in(Role.FRONT_DESK)
    for query in ("show=everything", "after=-1", "after=x", "after=" + "9" * 400):
        assert listed(desk.get(f"{CASES}?{query}").text) == [case.reference], query[:20]


def test_an_address_with_nul_in_it_is_a_plain_404(sign_in: SignIn) -> None:
    desk = sign_in(Role.FRONT_DESK)
    for address in ("/staff/cases?after=%00", "/staff/cases?%00=1", "/staff/cases/%00", "/%00"):
        assert desk.get(address).status_code == 404, address


def test_a_long_list_goes_on_without_gap_or_repeat(sign_in: SignIn) -> None:
    with clock.fixed_at(NOON):
        references = [submit_case().reference for _ in range(33)]
        desk = sign_in(Role.FRONT_DESK)
        first = desk.get(CASES).text
        following = re.search(r'href="(/staff/cases\?[^"]*after=\d+)"', first)
        assert following
        second = desk.get(following[1].replace("&amp;", "&")).text
    assert [*listed(first), *listed(second)] == references[::-1]


def test_a_person_is_found_by_reference(sign_in: SignIn) -> None:
    case = submit_case()
    submit_case()
    desk = sign_in(Role.FRONT_DESK)
    for typed in (case.reference, case.reference.lower(), case.reference.replace("-", "")):
        assert listed(search(desk, typed)) == [case.reference]


def test_what_was_searched_for_stays_in_the_session_and_unreadable(app: Flask, sign_in: SignIn) -> None:
    submit_case(name="Ana Whitfield-Ortega")
    desk = sign_in(Role.FRONT_DESK)
    page = search(desk, "Whitfield")
    assert 'value="Whitfield"' in page
    assert "Whitfield" not in "".join(re.findall(r'href="([^"]*)"', page))
    stored = db.session.scalars(select(WebSession.data)).all()
    assert stored and not any(b"Whitfield" in bytes(data) for data in stored)


def test_the_case_page_has_who_it_is_the_tier_and_every_answer(sign_in: SignIn) -> None:
    case = submit_case(name="Ana Whitfield-Ortega", born="1981-03-04", **EMERGENCY)
    page = sign_in(Role.FRONT_DESK).get(f"{CASES}/{case.reference}").text
    for shown in ("Ana Whitfield-Ortega", "4 Mar 1981", "555 010 0199", "Emergency now", case.reference):
        assert shown in page
    for section in case.record["sections"]:
        for row in section["rows"]:
            assert row["id"] in {part["id"] for part in section["rows"]}
            assert row["answer"].split(";")[0].replace("'", "&#39;") in page


def test_the_front_desk_never_sees_what_a_physician_wrote_or_why(sign_in: SignIn) -> None:
    case = submit_case(**EMERGENCY)
    sign_in(Role.PHYSICIAN)
    sign_decision(case)
    desk = sign_in(Role.FRONT_DESK)
    pages = [desk.get(address).text for address in (CASES, f"{CASES}/{case.reference}", "/staff/alerts")]
    for page in [*pages, search(desk, "Whitfield")]:
        assert "Whitfield" in page
        assert REASON not in page
        assert "Call the patient" not in page
        for finding in case.findings:
            assert finding.detail["physician"] not in page
    assert desk.get(f"/staff/queue/{case.reference}").status_code == 403


def test_a_status_says_how_far_a_case_has_come(sign_in: SignIn) -> None:
    case = submit_case()
    desk = sign_in(Role.FRONT_DESK)
    sign_in(Role.PHYSICIAN)
    states = [_status(desk)]
    desk.send(f"{CASES}/{case.reference}/summary", page=CASES)
    states.append(_status(desk))
    sign_decision(case)
    states.append(_status(desk))
    assert states == ["Submitted", "Printed", "Reviewed"]


def _status(desk: Browser) -> str:
    found = re.search(r">Status</span>\s*<span class=\"app-cell\">\s*([^<]+?)\s*<", desk.get(CASES).text)
    assert found
    return found[1]


def test_marks_say_what_the_tier_rests_on(sign_in: SignIn) -> None:
    submit_case(hx_heart=None, considering_ketamine="not_sure", pain_regions=["neck"])
    page = sign_in(Role.FRONT_DESK).get(CASES).text
    for mark in ("Cannot tell", "Answers missing", "Out of scope"):
        assert mark in page


def test_printing_gives_a_pdf_named_by_the_reference_alone(sign_in: SignIn) -> None:
    case = submit_case(**CONSULT)
    answer = sign_in(Role.FRONT_DESK).send(f"{CASES}/{case.reference}/summary", page=CASES)
    assert answer.data.startswith(b"%PDF-")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{case.reference}.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    db.session.refresh(case)
    assert case.printed_at is not None
    assert db.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.printed")).one().subject_id == case.id


def test_opening_a_case_leaves_word_of_who_saw_it(sign_in: SignIn) -> None:
    case = submit_case()
    sign_in(Role.FRONT_DESK).get(f"{CASES}/{case.reference}")
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.viewed")).one()
    user = db.session.scalars(select(User)).one()
    assert (event.actor, event.subject_id, event.detail) == (f"staff:{user.id}", case.id, {"page": "front_desk"})


def test_a_case_that_is_not_there_is_a_plain_404(sign_in: SignIn) -> None:
    desk = sign_in(Role.FRONT_DESK)
    for reference in ("ZZZZ-ZZZZ", "nothing", "%00", "x" * 500):
        assert desk.get(f"{CASES}/{reference}").status_code == 404, reference[:20]
        assert desk.send(f"{CASES}/{reference}/summary", page=CASES).status_code == 404, reference[:20]
