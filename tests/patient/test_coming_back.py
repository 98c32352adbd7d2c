"""A person stops, is cut off or comes back elsewhere: no answer is lost, and nobody else sees one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from screening import clock
from screening.actions import coming_back, return_codes
from screening.actions.attempts import Refused, TooMany
from screening.actions.patient_mail import deliver_patient_mail
from screening.actions.unit import PATIENT, SYSTEM
from screening.clinic import current_clinic
from screening.codes import read_code
from screening.jobs import forget_sessions
from screening.models import Alert, Attempt, Draft, HeldPost, PatientMail, ReturnCode, db
from screening.questions import PAGES
from tests.conftest import NOON, new_browser
from tests.patient.conftest import the_draft
from tests.test_delivery import Mailbox
from tests.walk import BORN, HttpWalker, code_on, errors_on, page_data, person

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOT_FOUND = "We found no form with this code and date of birth. Check both."
TOO_MANY = "There were too many tries. Wait a while and try again, or call the clinic."
BOTTOM_NUMBER_MISSING = {"hx_bp": "no", "bp_systolic": "1200", "bp_diastolic": "80"}


def elsewhere(walker: HttpWalker) -> HttpWalker:
    """The same person on another device."""
    return HttpWalker(new_browser(walker.client.application))


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def later(**times: int) -> timedelta:
    return timedelta(**times)


def held() -> list[HeldPost]:
    return list(db.session.scalars(select(HeldPost)))


def test_given_a_form_stopped_halfway_when_its_code_is_given_elsewhere_then_all_is_there(walker: HttpWalker) -> None:
    walker.arrive(person(), "blood-pressure")
    assert walker.send(walker.address, {**BOTTOM_NUMBER_MISSING, "stop": "yes"}) == "stop"
    assert code_on(walker.text) == walker.code
    assert "December 2, 2026" in walker.text
    assert the_draft().answers["hx_bp"] == "no" and "bp_systolic" not in the_draft().answers
    left = walker.post("/screening/stop", {})
    assert left.headers["Clear-Site-Data"] == '"cache"'
    walker.open(left.location)
    assert "You can close this page" in walker.text
    assert walker.client.get("/screening/blood-pressure").status_code == 410

    other = elsewhere(walker)
    assert other.come_back(walker.code.lower().replace(" ", "-"), person()) == "blood-pressure"
    assert 'value="1200"' in other.text and 'value="80"' in other.text
    assert errors_on(other.text) == ["Enter a whole number from 60 to 260, or leave it blank"]
    other.answer(person())
    assert held() == []
    other.until("done", person())


def test_given_an_emergency_sign_when_the_person_stops_on_its_page_then_it_is_not_missed(walker: HttpWalker) -> None:
    walker.arrive(person(), "bladder-bowel")
    assert walker.send(walker.address, {"rf_saddle": "new_or_worse_2w", "stop": "yes"}) == "emergency"
    assert the_draft().answers["rf_saddle"] == "new_or_worse_2w"
    assert "rf_bladder" not in the_draft().answers
    assert db.session.scalars(select(Alert)).one().draft_id == the_draft().id


@ON_SQLITE
def test_given_a_blank_page_when_the_person_stops_then_nothing_counts_as_left_unanswered(walker: HttpWalker) -> None:
    walker.arrive(person(), "anything-else")
    walker.send(walker.address, {"stop": "yes"})
    assert "anything_else" not in the_draft().answers and held() == []
    assert elsewhere(walker).come_back(walker.code, person()) == "anything-else"
    walker.open("/screening/stop")
    assert 'href="/screening/anything-else"' in walker.text

    walker.open("/screening/contact")
    walker.send(walker.address, {"phone": "555", "stop": "yes"})
    other = elsewhere(walker)
    assert other.come_back(walker.code, person()) == "contact"
    assert 'value="555"' in other.text


@ON_SQLITE
def test_wrong_expired_and_used_codes_and_a_wrong_birth_date_answer_alike(walker: HttpWalker) -> None:
    walker.finish(person())
    used, open_one = walker.code, elsewhere(walker)
    open_one.arrive(person(), "legs")
    expired = elsewhere(walker)
    expired.arrive(person(), "legs")
    row = return_codes.find(read_code(expired.code))
    assert row is not None
    row.expires_at = NOON
    db.session.commit()
    answers = []
    for code, year in (("333 333 333", "1981"), (used, "1981"), (expired.code, "1981"), (open_one.code, "1982")):
        other = elsewhere(walker)
        other.open("/come-back")
        sent = other.post("/come-back", {"code": code, **BORN, "date_of_birth-year": year})
        page = re.sub(r'name="(csrf_token|code)"[^>]*|value="[^"]*"|nonce="[^"]*"', "", sent.text)
        answers.append((sent.status_code, page.replace(year, "")))
        assert errors_on(sent.text) == [NOT_FOUND]
    assert answers.count(answers[0]) == 4
    slip = other.post("/come-back", {"code": "333 333 334", **BORN})
    assert errors_on(slip.text) == ["Check the code. A letter or number is wrong or missing."]


@ON_SQLITE
def test_ten_thousand_guesses_are_hardly_looked_at_and_keep_nobody_out(walker: HttpWalker) -> None:
    walker.arrive(person(), "legs")
    code, looked_at = read_code(walker.code), 0
    guesses = [
        f"{year}-{month:02}-{day:02}" for year in range(1950, 1980) for month in range(1, 13) for day in range(1, 29)
    ]
    for number, born in enumerate(guesses[:10_000]):
        try:
            with clock.fixed_at(NOON + number * later(days=14) / 10_000):
                coming_back.come_back(code=code, date_of_birth=born, address="203.0.113.9", by=PATIENT)
        except Refused:
            looked_at += 1
        except TooMany:
            pass
    assert looked_at == 30
    for address in ("203.0.113.9", "2001:db8:7::1"):
        for _ in range(2):
            with pytest.raises(TooMany if address == "203.0.113.9" else Refused):
                coming_back.come_back(code=code, date_of_birth="1950-01-01", address=address, by=PATIENT)
    for host in range(40):
        with pytest.raises(Refused):
            coming_back.come_back(code=code, date_of_birth="1950-01-01", address=f"198.51.100.{host}", by=PATIENT)
    for neighbour, outcome in (("2001:db8:7:9::2", Refused), ("2001:db8:7:1::3", TooMany)):
        with pytest.raises(outcome):
            coming_back.come_back(code=code, date_of_birth="1950-01-01", address=neighbour, by=PATIENT)
    assert elsewhere(walker).come_back(walker.code, person()) == "legs"
    with clock.fixed_at(NOON + later(days=29)):
        forget_sessions()
    assert db.session.scalars(select(Attempt)).all() == []


@ON_SQLITE
def test_too_many_tries_are_told_as_such_and_slips_do_not_count(walker: HttpWalker) -> None:
    walker.arrive(person(), "legs")
    other = elsewhere(walker)
    other.open("/come-back")
    wrong = {"code": walker.code, **BORN, "date_of_birth-year": "1990"}
    statuses = [other.post("/come-back", wrong).status_code for _ in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    assert TOO_MANY in unescape(other.post("/come-back", wrong).text)
    assert other.post("/come-back", {**wrong, "code": walker.code[:-1]}).status_code == 422


@pytest.mark.parametrize("session_row", ["there", "gone"])
def test_given_a_page_open_for_eight_hours_when_it_is_sent_then_what_was_typed_is_kept(
    walker: HttpWalker, session_row: str
) -> None:
    walker.arrive(person(), "legs")
    if session_row == "gone":
        walker.client.delete_cookie("session")
    with clock.fixed_at(NOON + later(hours=8)):
        kept = walker.post(walker.address, page_data(PAGES["legs"], person(rf_legs_pain="longer_stable")))
        assert kept.status_code == 200
        assert "We kept what you just entered." in kept.text
        assert "longer_stable" not in kept.text
        assert "rf_legs_pain" not in the_draft().answers
        walker.text = kept.text
        assert walker.send("/come-back", {"code": walker.code, **BORN}) == "mood" or walker.at in PAGES
    assert the_draft().answers["rf_legs_pain"] == "longer_stable"
    assert held() == []


def test_given_a_late_page_with_a_wrong_answer_when_the_code_is_given_then_it_is_shown_as_typed(
    walker: HttpWalker,
) -> None:
    walker.arrive(person(), "blood-pressure")
    stranger = elsewhere(walker)
    with clock.fixed_at(NOON + later(hours=3)):
        walker.text = walker.post(walker.address, BOTTOM_NUMBER_MISSING).text
        assert b"1200" not in bytes(
            db.session.connection().exec_driver_sql("SELECT form FROM held_post").scalar() or b""
        )
        stranger.arrive(person(), "legs")
        assert stranger.come_back(stranger.code, person()) == "legs"
        assert len(held()) == 1
        assert walker.send("/come-back", {"code": walker.code, **BORN}) == "blood-pressure"
        assert 'value="1200"' in walker.text
        assert errors_on(walker.text) == ["Enter a whole number from 60 to 260, or leave it blank"]
        walker.answer(person())
    assert held() == []


def test_given_a_late_emergency_sign_then_the_clinic_and_the_person_know_before_any_code(walker: HttpWalker) -> None:
    walker.arrive(person(), "bladder-bowel")
    with clock.fixed_at(NOON + later(hours=8)):
        sent = walker.post(walker.address, {"rf_saddle": "new_or_worse_2w"})
        assert "Stop and call 911 now" in sent.text
        assert 'href="tel:911"' in sent.text
        alert = db.session.scalars(select(Alert)).one()
        assert alert.draft_id == the_draft().id
        walker.text = sent.text
        assert walker.send("/come-back", {"code": walker.code, **BORN}) == "bladder-bowel"


@ON_SQLITE
def test_given_an_emergency_page_sent_late_then_the_clinic_sees_where_the_person_is(walker: HttpWalker) -> None:
    walker.walk(person(rf_saddle="new_or_worse_2w"), until="emergency")
    with clock.fixed_at(NOON + later(hours=8)):
        sent = walker.post("/screening/emergency", {"name": "Robin", "phone": "555", "place": "At home " + "x" * 400})
    assert "The clinic can see this now." in sent.text and "Stop and call 911 now" in sent.text
    contact = db.session.scalars(select(Alert)).one().contact
    assert contact is not None and contact["place"].startswith("At home")


@ON_SQLITE
def test_an_older_page_never_takes_the_place_of_a_newer_answer_unseen(walker: HttpWalker) -> None:
    walker.walk(person(), until="sex")
    other = elsewhere(walker)
    other.come_back(walker.code, person())
    walker.open("/screening/legs")
    walker.client.delete_cookie("session")
    walker.post("/screening/legs", page_data(PAGES["legs"], person(rf_legs_pain="longer_stable")))
    with clock.fixed_at(NOON + later(minutes=5)):
        other.answer(person())
        third = elsewhere(walker)
        assert third.come_back(walker.code, person()) == "legs"
    assert 'value="longer_stable" checked' in " ".join(third.text.split())
    assert the_draft().answers["rf_legs_pain"] == "no"


@ON_SQLITE
def test_a_page_of_one_form_never_goes_into_another_that_is_open(walker: HttpWalker) -> None:
    walker.arrive(person(), "legs")
    left_open = walker.text
    walker.start(person(**{"date_of_birth-year": "1990"}))
    walker.text = left_open
    walker.post("/screening/legs", page_data(PAGES["legs"], person(rf_legs_pain="longer_stable")))
    first, second = db.session.scalars(select(Draft).order_by(Draft.id))
    assert second.answers == {}
    assert [post.draft_id for post in held()] == [first.id]


@ON_SQLITE
def test_a_mark_that_is_not_ours_holds_nothing(walker: HttpWalker) -> None:
    walker.arrive(person(), "legs")
    for mark in ("", "x", "WzEsImxlZ3MiXQ.AAAA"):
        sent = new_browser(walker.client.application).post(
            "/screening/legs", data={"page_mark": mark, "rf_legs_pain": "no"}
        )
        assert "Your form is not open here" in sent.text
    assert held() == []
    walker.client.delete_cookie("session")
    assert walker.post("/screening/legs", {"rf_legs_pain": "x" * 70_000}).status_code == 413


@ON_SQLITE
def test_given_a_start_page_left_open_when_it_is_sent_then_it_is_shown_filled_in(walker: HttpWalker) -> None:
    walker.open("/")
    walker.client.delete_cookie("session")
    sent = walker.post("/", {"consent": "yes", **BORN})
    assert 'value="1981"' in sent.text and "checked" in sent.text
    walker.text = sent.text
    assert walker.send("/", {"consent": "yes", **BORN}) == "code"


@ON_SQLITE
def test_a_form_closes_when_it_is_left_and_stays_open_while_it_is_used(walker: HttpWalker) -> None:
    walker.arrive(person(), "legs")
    token = {"csrf_token": walker.client.token("/screening/legs")}
    for hours in (1, 2, 3):
        with clock.fixed_at(NOON + later(hours=hours, minutes=50 * (hours - 1))):
            assert walker.client.get("/screening/legs").status_code == 200
    with clock.fixed_at(NOON + later(hours=6, minutes=35)):
        stay = walker.client.post("/screening/stay", data=token)
        assert stay.json == {"seconds": 2 * 3600}
    with clock.fixed_at(NOON + later(hours=8, minutes=40)):
        assert walker.client.post("/screening/stay", data=token).status_code == 410
        assert "Come back with your code" in walker.client.get("/screening/legs").text
    other = elsewhere(walker)
    other.come_back(walker.code, person())
    for hour in range(1, 12):
        with clock.fixed_at(NOON + later(hours=hour)):
            assert other.client.get("/screening/legs").status_code == 200
    with clock.fixed_at(NOON + later(hours=12)):
        assert other.client.get("/screening/legs").status_code == 410


@ON_SQLITE
def test_the_code_opens_the_copy_alone_once_the_form_was_sent(walker: HttpWalker) -> None:
    walker.arrive(person())
    other = elsewhere(walker)
    other.open("/your-copy")
    assert errors_on(other.post("/your-copy", {"code": walker.code, **BORN}).text) == [NOT_FOUND]
    walker.answer(person())
    copy = other.post("/your-copy", {"code": walker.code, **BORN})
    assert copy.mimetype == "application/pdf" and copy.data.startswith(b"%PDF-")
    assert other.client.get("/screening/done").status_code == 410
    assert other.post("/your-copy", {"code": walker.code, **BORN, "date_of_birth-year": "1990"}).status_code == 422


def test_the_code_comes_by_email_on_request_and_is_in_no_subject(app: Flask, walker: HttpWalker) -> None:
    walker.arrive(person(), "sex")
    walker.open("/screening/stop")
    assert 'name="email"' not in walker.text
    app.extensions["settings"] = replace(app.extensions["settings"], smtp_url="smtp://mail.example")
    walker.open("/screening/stop")
    assert 'value="robin@wells.org"' in walker.text
    wrong = walker.post("/screening/stop", {"email": "robin"})
    assert wrong.status_code == 422 and 'value="robin"' in wrong.text
    walker.send("/screening/stop", {"email": "robin@wells.org"})
    assert "You can close this page" in walker.text
    refusing, box = Mailbox(TimeoutError()), Mailbox()

    def deliver(send: Mailbox, minutes: int) -> int:
        now, url = NOON + later(minutes=minutes), "https://clinic.example"
        return deliver_patient_mail(clinic=current_clinic(), now=now, send=send, base_url=url, by=SYSTEM)

    assert [deliver(refusing, 0), deliver(box, 1), deliver(box, 2)] == [0, 1, 0]
    (mail,) = box.mails
    assert mail.to == "robin@wells.org" and mail.subject == "Go on with your form"
    assert walker.code in mail.body and "https://clinic.example/come-back" in mail.body
    assert "Robin" not in mail.body and walker.code not in f"{mail.subject}{mail.message_id}"
    assert db.session.scalars(select(PatientMail)).one().delivered_at is not None

    for left in (2, 1, 0):
        other = elsewhere(walker)
        other.come_back(walker.code, person())
        other.open("/screening/stop")
        sent = other.post("/screening/stop", {"email": "robin@wells.org"})
        assert sent.status_code == (303 if left else 429)
    assert "We cannot send more emails now" in sent.text


@ON_SQLITE
def test_the_database_holds_no_code_and_forgets_what_nobody_can_claim(walker: HttpWalker) -> None:
    walker.arrive(person(), "legs")
    walker.client.delete_cookie("session")
    walker.post("/screening/legs", {"rf_legs_pain": "longer_stable"})
    code = read_code(walker.code).encode()
    row = db.session.scalars(select(ReturnCode)).one()
    assert code not in bytes(row.code_hash) + bytes(row.nonce)
    forget_sessions()
    assert len(held()) == 1
    with clock.fixed_at(NOON + later(days=15)):
        forget_sessions()
        assert held() == []
        other = elsewhere(walker)
        other.open("/come-back")
        assert errors_on(other.post("/come-back", {"code": walker.code, **BORN}).text) == [NOT_FOUND]
