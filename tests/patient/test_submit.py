"""Sending the answers: one case, whole, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
from sqlalchemy import func, select

from rules import Tier
from screening import clock
from screening.actions import drafts, submit
from screening.actions.submit import REFERENCE_ALPHABET, Unfinished
from screening.actions.unit import PATIENT
from screening.crypto import exact_token, name_query_tokens
from screening.models import Alert, AuditEvent, Case, OutboxMessage, Patient, SearchToken, db
from screening.questions import VERSION, questionnaire_sha256
from screening.record import FindingText, Record
from screening.rulebook import ruleset
from tests.conftest import NOON, Browser, new_browser
from tests.patient.conftest import the_draft
from tests.walk import LONGEST, HttpWalker, errors_on, person

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
REASSURING = "Nothing you told us needs urgent attention. A clinician will still look at your answers."
SEEK_HELP = "Get help at once if this happens"


def the_case() -> Case:
    return db.session.scalars(select(Case)).one()


def words(html: str) -> str:
    return " ".join(unescape(html).split())


def test_one_transaction_writes_all_that_a_case_is(walker: HttpWalker) -> None:
    walker.walk(person(**LONGEST))
    case = the_case()
    assert case.submitted_at == NOON
    assert case.tier == Tier.URGENT and case.flagged
    record = Record.from_json(case.record)
    assert {row.id for row in record.rows()} == set(case.answers) - {"age_years"}
    assert case.answers["age_years"] == 45
    assert (case.questionnaire_version, case.questionnaire_sha256) == (VERSION, questionnaire_sha256())
    assert (case.ruleset_version, case.ruleset_sha256) == (ruleset().version, ruleset().sha256)
    assessment = ruleset().assess(case.answers)
    assert [(found.rule, found.tier, found.basis) for found in case.findings] == [
        (found.rule, found.tier, found.basis) for found in assessment.findings
    ]
    assert all(FindingText.from_json(found.detail).physician for found in case.findings)
    assert case.patient.identity["full_name"] == "Robin Wells"
    assert the_draft().closed_at == NOON
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.submitted")).all()
    assert [(event.actor, event.subject_id) for event in events] == [("patient", case.id)]


def test_a_person_is_found_by_name_birth_phone_and_mail(walker: HttpWalker) -> None:
    walker.arrive(person())
    walker.open("/screening/contact?to=check")
    assert [walker.answer(person()), walker.answer(person())] == ["check", "done"]
    tokens = {(row.kind, bytes(row.token)) for row in db.session.scalars(select(SearchToken))}
    assert {("name", token) for token in name_query_tokens("wel rob")} <= tokens
    for kind, value in (("dob", "1981-03-14"), ("phone", "5550100142"), ("email", "robin@wells.org")):
        assert (kind, exact_token(kind, value)) in tokens


def test_twenty_at_once_make_one_case(walker: HttpWalker) -> None:
    walker.arrive(person(rf_trauma="major"))
    cookie = walker.client.get_cookie("session")
    token = walker.text.split('name="csrf_token" value="')[1].split('"')[0]
    assert cookie is not None

    def press(_number: int) -> tuple[int, str, str]:
        browser = new_browser(walker.client.application)
        browser.set_cookie("session", cookie.value)
        with clock.fixed_at(NOON):
            sent = browser.post("/screening/check", data={"csrf_token": token, "agree": "yes"})
            return sent.status_code, sent.location or "", browser.get("/screening/done").text

    with ThreadPoolExecutor(20) as many:
        answers = list(many.map(press, range(20)))
    db.session.expire_all()
    case = the_case()
    assert {answer[:2] for answer in answers} == {(303, "/screening/done")}
    assert all(case.reference in page for _, _, page in answers)
    for model in (Patient, Alert, OutboxMessage):
        assert db.session.scalar(select(func.count()).select_from(model)) == 1


def test_sending_twice_gives_the_same_case(walker: HttpWalker) -> None:
    walker.arrive(person())
    once = submit.submit(draft_id=the_draft().id, by=PATIENT).id
    assert submit.submit(draft_id=the_draft().id, by=PATIENT).id == once


def test_after_sending_the_form_is_out_of_reach(walker: HttpWalker) -> None:
    walker.arrive(person())
    before = walker.client.get_cookie("session")
    stale = HttpWalker(walker.client)
    stale.open("/screening/legs")
    walker.answer(person())
    after = walker.client.get_cookie("session")
    assert before is not None and after is not None and before.value != after.value
    back = walker.client.get("/screening/check")
    assert back.status_code == 200
    assert "Your answers were sent already" in back.text
    late = stale.post("/screening/legs", {"rf_legs_pain": "new_or_worse_2w", "rf_legs_weak": "no"})
    assert late.status_code == 409
    assert "was not saved" in late.text
    assert the_draft().answers["rf_legs_pain"] == "no"
    again = stale.post("/screening/check", {"agree": "yes"})
    assert (again.status_code, again.location) == (303, "/screening/done")


@ON_SQLITE
def test_the_old_session_id_shows_no_answer(walker: HttpWalker) -> None:
    walker.arrive(person())
    old = walker.client.get_cookie("session")
    walker.answer(person())
    assert old is not None
    stranger = new_browser(walker.client.application)
    stranger.set_cookie("session", old.value)
    assert "sent already" in stranger.get("/screening/check").text


@ON_SQLITE
def test_consent_is_needed_to_send(walker: HttpWalker) -> None:
    walker.arrive(person())
    refused = walker.post("/screening/check", {})
    assert refused.status_code == 422
    assert errors_on(refused.text) == ["Tick the box to send the answers"]
    assert db.session.scalars(select(Case)).all() == []


def test_an_unfinished_form_is_not_sent(walker: HttpWalker) -> None:
    walker.arrive(person(), "legs")
    sent = walker.post("/screening/check", {"agree": "yes"})
    assert (sent.status_code, sent.location) == (303, "/screening/legs?to=check")
    with pytest.raises(Unfinished):
        submit.submit(draft_id=the_draft().id, by=PATIENT)
    assert the_draft().closed_at is None


@ON_SQLITE
def test_a_stored_answer_that_the_rules_refuse_is_asked_again(walker: HttpWalker) -> None:
    walker.arrive(person())
    draft = the_draft()
    draft.answers = {**draft.answers, "peg_pain": 99}
    db.session.commit()
    with pytest.raises(Unfinished) as unfinished:
        submit.submit(draft_id=the_draft().id, by=PATIENT)
    assert unfinished.value.page.id == "pain-effect"
    assert walker.open("/screening/check") == "pain-effect"
    assert walker.answer(person()) == "check"


@ON_SQLITE
def test_a_reference_is_speakable(walker: HttpWalker) -> None:
    walker.finish(person())
    one, other = the_case().reference.split("-")
    assert len(one) == len(other) == 4
    assert set(one + other) <= set(REFERENCE_ALPHABET)
    assert not set("0O1IL5S8BUV2Z") & set(REFERENCE_ALPHABET)


@pytest.mark.parametrize(
    ("changes", "reassured"),
    [
        ({}, True),
        ({"tx_nsaid": "never", "tx_psych": "never"}, True),
        ({"peg_pain": None}, False),
        ({"date_of_birth-year": "1970", "pain_changed": "not_sure"}, False),
        ({"peg_pain": 4, "peg_enjoyment": 4, "peg_activity": 4, "tx_nsaid": "no_help", "tx_physio": "no_help"}, False),
        ({"rf_trauma": "major"}, False),
        ({"rf_bladder": "new_or_worse_2w"}, False),
    ],
)
@ON_SQLITE
def test_only_a_complete_and_certain_routine_result_reassures(
    walker: HttpWalker, changes: dict[str, object], reassured: bool
) -> None:
    result = words(walker.finish(person(**changes)))
    assert (REASSURING in result) is reassured
    assert SEEK_HELP in result
    for sign in ("cannot pass urine", "numb around your bottom", "cannot lift your foot", "harming yourself"):
        assert sign in result
    for promise in ("eligible", "suitable", "cleared", "you are safe"):
        assert promise not in result.lower()


@ON_SQLITE
def test_the_result_says_what_the_rules_say_to_the_person(walker: HttpWalker) -> None:
    result = words(walker.finish(person(hx_porphyria="yes", considering_ketamine="yes", **_plans())))
    shown = [FindingText.from_json(found.detail).patient for found in the_case().findings]
    assert any(shown)
    assert all(text in result for text in shown if text)


@ON_SQLITE
def test_an_emergency_comes_first_on_the_result(walker: HttpWalker) -> None:
    result = words(walker.finish(person(rf_bladder="new_or_worse_2w")))
    assert result.index("Stop and call 911 now") < result.index("Your answers are sent </h1>")
    assert 'href="tel:911"' in result


@ON_SQLITE
def test_under_18_the_result_has_no_ketamine_text_and_the_youth_line(walker: HttpWalker) -> None:
    result = words(walker.finish(person(**{"date_of_birth-year": "2012"})))
    assert "ketamine" not in result.lower()
    assert the_case().out_of_scope
    assert "outside what our clinic treats" in result


@ON_SQLITE
def test_someone_without_a_phone_is_told_how_to_go_on(walker: HttpWalker) -> None:
    answers = person(phone="", no_phone="yes", may_leave_message="")
    walker.start(answers)
    walker.until("contact", answers)
    assert walker.send(walker.address, {"full_name": "Robin Wells", "no_phone": "yes"}) == "sex"
    walker.until("done", answers)
    assert "You told us that you have no phone" in words(walker.text)


@ON_SQLITE
def test_the_copy_is_the_persons_own_pdf(walker: HttpWalker) -> None:
    walker.finish(person())
    copy = walker.client.get("/screening/copy.pdf")
    assert copy.status_code == 200
    assert copy.mimetype == "application/pdf"
    assert copy.data.startswith(b"%PDF-")
    assert the_case().reference in copy.headers["Content-Disposition"]


@ON_SQLITE
def test_without_a_receipt_there_is_neither_result_nor_copy(walker: HttpWalker, client: Browser) -> None:
    walker.arrive(person())
    for address in ("/screening/done", "/screening/copy.pdf"):
        assert client.get(address).status_code == 410


@ON_SQLITE
def test_finishing_leaves_nothing_in_the_browser(walker: HttpWalker) -> None:
    walker.finish(person())
    assert walker.send("/screening/finish", {}) == "start"
    assert walker.client.get("/screening/done").status_code == 410


@ON_SQLITE
def test_a_closed_draft_takes_no_more_answers(walker: HttpWalker) -> None:
    walker.finish(person())
    with pytest.raises(LookupError):
        drafts.save_page(draft_id=the_draft().id, values={"rf_legs_pain": "no"}, by=PATIENT)


def _plans() -> dict[str, str]:
    return {name: str(LONGEST[name]) for name in ("ketamine_setting", "escort", "expectation")}
