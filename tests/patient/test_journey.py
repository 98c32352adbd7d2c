"""The way through the form: saving, going back, changing answers, two tabs."""

from __future__ import annotations

from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from screening.models import AuditEvent, Case, Draft, WebSession, db
from screening.questions import PAGES, QUESTIONS
from tests.conftest import Browser, new_browser
from tests.patient.conftest import the_draft
from tests.walk import BORN, LONGEST, HttpWalker, errors_on, page_data, person

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_shortest_path_leads_to_a_reference(walker: HttpWalker) -> None:
    result = walker.walk(person())
    case = db.session.scalars(select(Case)).one()
    assert case.reference in result
    assert walker.visited[1:3] == ["code", "who"]
    assert walker.visited[-2:] == ["check", "done"]
    assert not {"with-patient", "pregnancy", "opioids", "safe-now", "ketamine-plans", "emergency"} & set(walker.visited)


def test_the_longest_path_visits_every_page_once(walker: HttpWalker) -> None:
    walker.walk(person(**LONGEST))
    pages = [place for place in walker.visited if place in PAGES]
    assert pages == list(PAGES)


@ON_SQLITE
def test_consent_is_needed(walker: HttpWalker) -> None:
    walker.open("/")
    refused = walker.post("/", BORN)
    assert refused.status_code == 422
    assert errors_on(refused.text) == ["Tick the box to go on"]
    assert db.session.scalars(select(Draft)).all() == []


@ON_SQLITE
def test_a_minor_may_begin(walker: HttpWalker) -> None:
    assert walker.start(person(**{"date_of_birth-year": "2012"})) == "who"


@ON_SQLITE
def test_beginning_gives_the_browser_a_new_session_id(walker: HttpWalker) -> None:
    walker.open("/")
    before = walker.client.get_cookie("session")
    walker.start(person())
    after = walker.client.get_cookie("session")
    assert before is not None and after is not None and before.value != after.value
    stranger = new_browser(walker.client.application)
    stranger.set_cookie("session", before.value)
    assert stranger.get("/screening/who").status_code == 410


@ON_SQLITE
def test_neither_cookie_nor_address_holds_an_answer(walker: HttpWalker) -> None:
    walker.walk(person(full_name="Robin Wells", rf_bladder="longer_stable"), until="check")
    cookie = walker.client.get_cookie("session")
    assert cookie is not None and len(cookie.value) >= 22
    draft = the_draft()
    stored = db.session.scalars(select(WebSession.data)).all()
    assert all(b"Robin" not in bytes(data) and b"longer_stable" not in bytes(data) for data in stored)
    assert str(draft.id) not in walker.address


def test_every_continue_saves_and_leads_on_with_303(walker: HttpWalker) -> None:
    walker.start(person())
    answer = walker.post("/screening/who", {"completed_by": "self"})
    assert answer.status_code == 303
    assert answer.location == "/screening/bladder-bowel"
    assert the_draft().answers == {"completed_by": "self"}


@ON_SQLITE
def test_going_back_shows_the_answer_and_loses_nothing(walker: HttpWalker) -> None:
    walker.walk(person(), until="legs")
    walker.open("/screening/bladder-bowel")
    assert 'value="no" checked' in " ".join(walker.text.split())
    walker.open("/screening/who")
    walker.answer(person())
    assert walker.at == "bladder-bowel"
    assert set(the_draft().answers) == {"completed_by", "rf_bladder", "rf_bowel", "rf_saddle"}


@ON_SQLITE
def test_starting_again_with_the_same_date_of_birth_goes_on(walker: HttpWalker) -> None:
    walker.arrive(person(), "legs")
    assert walker.start(person()) == "legs"


@ON_SQLITE
def test_another_person_on_the_same_device_never_sees_the_form_before(walker: HttpWalker) -> None:
    walker.arrive(person(rf_bladder="longer_stable"), "legs")
    other = person(**{"date_of_birth-year": "1990"})
    assert walker.start(other) == "who"
    walker.until("bladder-bowel", other)
    assert " checked" not in walker.text
    assert walker.open("/screening/legs") == "bladder-bowel"


@ON_SQLITE
def test_a_page_ahead_leads_to_the_first_unfinished_one(walker: HttpWalker) -> None:
    walker.arrive(person(), "legs")
    assert walker.open("/screening/mood") == "legs"
    assert walker.open("/screening/check") == "legs"


@ON_SQLITE
def test_a_page_sent_ahead_is_not_saved(walker: HttpWalker) -> None:
    walker.arrive(person(), "legs")
    sent = walker.post("/screening/sex", {"sex_at_birth": "male"})
    assert (sent.status_code, sent.location) == (303, "/screening/legs")
    assert "sex_at_birth" not in the_draft().answers


def test_two_tabs_lose_nothing(walker: HttpWalker) -> None:
    walker.arrive(person())
    one = HttpWalker(walker.client)
    other = HttpWalker(walker.client)
    one.open("/screening/legs")
    other.open("/screening/feelings")
    one.answer(person(rf_legs_pain="longer_stable"))
    other.answer(person(nerve_feelings=["burning"]))
    answers = the_draft().answers
    assert answers["rf_legs_pain"] == "longer_stable"
    assert answers["nerve_feelings"] == ["burning"]


@ON_SQLITE
def test_a_page_that_another_tab_closed_is_answered_kindly(walker: HttpWalker) -> None:
    walker.arrive(person(phq9_item9=1, si_now="no"), "past-harm")
    stale = HttpWalker(walker.client)
    stale.open("/screening/safe-now")
    walker.open("/screening/dark-thoughts")
    walker.answer(person(phq9_item9=0))
    assert stale.send("/screening/safe-now", {"si_now": "yes"}) == "past-harm"
    assert "We did not need the page you sent any more" in stale.text
    assert the_draft().answers["si_now"] == "no"


def test_a_change_from_the_check_page_comes_back_to_it(walker: HttpWalker) -> None:
    walker.arrive(person())
    assert 'href="/screening/feelings?to=check"' in walker.text
    walker.open("/screening/feelings?to=check")
    assert walker.answer(person(nerve_feelings=["tingling"])) == "check"
    tingling = QUESTIONS["nerve_feelings"].choice("tingling")
    assert tingling and str(tingling.label) in unescape(walker.text)


def test_a_branch_opened_from_the_check_page_is_walked_then_comes_back(walker: HttpWalker) -> None:
    opened = person(meds_list=["opioid"], **{name: LONGEST[name] for name in ("opioids", "opioid_months")})
    opened["opioid_concerns"] = ["none"]
    walker.arrive(person())
    walker.visited.clear()
    walker.open("/screening/medicines?to=check")
    walker.until("check", opened)
    assert walker.visited == ["medicines", "opioids", "opioid-use", "check"]


def test_a_closed_branch_keeps_its_answers_but_never_uses_them(walker: HttpWalker) -> None:
    opened = person(meds_list=["opioid"], opioids=[{"drug": "morphine", "dose": 60, "per_day": 2}])
    opened |= {"opioid_months": "gt_3m", "opioid_concerns": ["run_out"]}
    walker.arrive(opened)
    assert "Morphine 60 mg" in walker.text
    walker.open("/screening/medicines?to=check")
    assert walker.answer(person()) == "check"
    assert "Morphine" not in walker.text
    walker.open("/screening/medicines?to=check")
    assert walker.answer(opened) == "check"
    assert "Morphine 60 mg" in walker.text
    walker.open("/screening/medicines?to=check")
    walker.answer(person())
    walker.answer(person())
    case = db.session.scalars(select(Case)).one()
    assert "opioids" not in case.answers
    assert "Morphine" not in str(case.record)
    assert {"A05", "S22"}.isdisjoint(finding.rule for finding in case.findings)
    assert "opioids" in the_draft().answers


@ON_SQLITE
def test_a_new_date_of_birth_opens_the_questions_of_that_age(walker: HttpWalker) -> None:
    walker.arrive(person(**{"date_of_birth-year": "2012"}))
    walker.open("/screening/date-of-birth?to=check")
    assert 'value="2012"' in walker.text
    assert walker.send(walker.address, BORN) == "tried-procedures"
    walker.until("check", person())
    assert the_draft().identity["date_of_birth"] == "1981-03-14"


@ON_SQLITE
def test_every_answer_and_name_has_a_change_link_with_its_question(walker: HttpWalker) -> None:
    walker.arrive(person())
    text = " ".join(unescape(walker.text).split())
    for field in the_draft().answers:
        hidden = f'<span class="nhsuk-u-visually-hidden"> {QUESTIONS[field].text}</span>'
        assert hidden in text, field
    for page in ("date-of-birth", "contact"):
        assert f'href="/screening/{page}?to=check"' in text
    assert "Robin Wells" in text and "March 14, 1981" in text


@ON_SQLITE
def test_every_save_leaves_an_event_without_words(walker: HttpWalker) -> None:
    walker.walk(person(full_name="Robin Wells"), until="sex")
    drafts_alone = select(AuditEvent).where(AuditEvent.subject_kind == "draft").order_by(AuditEvent.id)
    events = db.session.scalars(drafts_alone).all()
    assert [event.action for event in events][:2] == ["draft.started", "draft.saved"]
    assert "draft.identity_saved" in {event.action for event in events}
    assert all("Robin" not in str(event.detail) for event in events)


def test_page_data_knows_every_page(app: Flask, client: Browser) -> None:
    assert all(page_data(page, person(**LONGEST)) for page in PAGES.values() if page.questions)
