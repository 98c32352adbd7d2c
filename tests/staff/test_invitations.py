"""Invitations from first to last: made, handed over, opened, sent; or revoked, or run out."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
import segno
from flask import Flask
from PIL import Image
from sqlalchemy import select

from screening import clock
from screening.access import Role
from screening.actions import drafts
from screening.actions.invitations import open_invitation, remind_due
from screening.actions.patient_mail import deliver_patient_mail
from screening.actions.submit import submit
from screening.actions.unit import PATIENT, SYSTEM
from screening.clinic import Clinic
from screening.codes import code_of, spoken
from screening.invitation_sheet import invitation_sheet
from screening.models import AuditEvent, Draft, Invitation, PatientMail, db
from screening.rulebook import ruleset
from tests.conftest import NOON, Browser, SignIn, new_browser
from tests.factories import contact
from tests.pdf_pages import all_text, flat
from tests.test_delivery import Mailbox
from tests.walk import BORN, HttpWalker, errors_on

NEW = "/staff/invitations/new"
LIST = "/staff/invitations"
ANA = {"full_name": "Ana Whitfield-Ortega", "phone": "555 010 0147", "language": "en", **BORN}
SOMEBODY_ELSE = {**BORN, "date_of_birth-year": "1982"}
WRONG_CODE = spoken(code_of(4711))
BASE_URL = "http://localhost"
COME_BACK = f"{BASE_URL}/come-back"

ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def invite(desk: Browser, **changes: Any) -> str:
    """Make an invitation. Returns the address of its page."""
    answer = desk.send(NEW, {**ANA, **changes})
    assert answer.status_code == 302, errors_on(answer.text)
    return str(answer.location)


def code_at(desk: Browser, one: str) -> str:
    """The code, as staff read it out."""
    found = re.search(r"([0-9A-Z]{3} [0-9A-Z]{3} [0-9A-Z]{3})</span>", desk.send(f"{one}/code", page=one).text)
    assert found
    return found[1]


def come(browser: Browser, code: str, born: dict[str, str] | None = None) -> Any:
    """Type a code and a date of birth."""
    return browser.send("/come-back", {"code": code, **(born or BORN)})


def begin(browser: Browser, code: str) -> str:
    """Come with an invitation and consent. Returns the address of the first page."""
    assert come(browser, code).location == "/invitation"
    answer = browser.send("/invitation", {"consent": "yes"})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def said(answer: Any) -> tuple[int, list[str]]:
    return answer.status_code, errors_on(answer.text)


def fill_in(draft: Draft) -> None:
    answers = {**ruleset().base_person, "age_years": 45}
    asked = {field: answers.get(field) for field in ruleset().asked(answers) if field != "age_years"}
    drafts.save_page(draft_id=draft.id, values=asked, by=PATIENT)
    drafts.save_identity(draft_id=draft.id, identity=contact("Ana Whitfield-Ortega"), by=PATIENT)


def events() -> list[str]:
    query = select(AuditEvent.action).where(AuditEvent.subject_kind == "invitation").order_by(AuditEvent.id)
    return list(db.session.scalars(query))


def the_draft() -> Draft:
    return db.session.scalars(select(Draft)).one()


def test_from_the_invitation_to_the_case(app: Flask, sign_in: SignIn) -> None:
    desk, phone, laptop = sign_in(Role.FRONT_DESK), new_browser(app), new_browser(app)
    one = invite(desk)
    listed = desk.get(LIST).text
    assert "Whitfield" not in one and "Whitfield" in listed and "Invited" in listed and "To print" in listed
    code = code_at(desk, one)

    wrong = said(come(phone, WRONG_CODE))
    assert wrong[0] == 422 and said(come(phone, code, SOMEBODY_ELSE)) == wrong
    assert db.session.scalar(select(Draft)) is None, "nothing begins without consent"
    come(phone, code)
    page = phone.get("/invitation").text
    assert "These questions are for Ana Whitfield-Ortega." in page and 'name="date_of_birth-year"' not in page
    assert said(phone.send("/invitation", {})) == (422, ["Tick the box to go on"])
    come(laptop, code)
    first = begin(phone, code)
    assert laptop.send("/invitation", {"consent": "yes"}).location == first, "whoever presses twice begins once"
    draft = the_draft()
    assert (draft.channel, draft.origin) == ("online", "Invitation")
    assert (draft.identity["full_name"], draft.identity["phone"]) == ("Ana Whitfield-Ortega", "555 010 0147")
    assert "Step 1 of 11" in desk.get(LIST).text

    assert come(new_browser(app), code).location == first, "the same code goes on with the same form"
    fill_in(draft)
    assert "All answered, not sent" in desk.get(LIST).text
    case = submit(draft_id=draft.id, by=PATIENT)
    assert said(come(new_browser(app), code)) == wrong, "dead once the form was sent"
    page = desk.get(f"{LIST}?show=submitted").text
    assert f"/staff/cases/{case.reference}" in page and "Revoke now" not in page
    assert "Whitfield" not in desk.get(LIST).text
    assert (
        "not open any more"
        in desk.post(f"{one}/sheet", data={"csrf_token": desk.token(NEW)}, follow_redirects=True).text
    )
    assert events() == ["invitation.created", "invitation.code_shown", "invitation.opened"]


@ONE_KIND
def test_the_name_that_is_known_does_not_skip_the_page_that_asks_for_the_phone(app: Flask, sign_in: SignIn) -> None:
    desk, walker = sign_in(Role.FRONT_DESK), HttpWalker(new_browser(app))
    begin(walker.client, code_at(desk, invite(desk)))
    drafts.save_page(draft_id=the_draft().id, values=_up_to_contact(), by=PATIENT)
    assert walker.client.get("/screening/check").location == "/screening/contact?to=check"
    assert walker.open("/screening/contact?to=check") == "contact"
    assert "Ana Whitfield-Ortega" in walker.text and "555 010 0147" in walker.text


def _up_to_contact() -> dict[str, Any]:
    answers = {**ruleset().base_person, "age_years": 45}
    return {field: answers.get(field) for field in ruleset().asked(answers) if field != "age_years"}


@ONE_KIND
def test_revoking_closes_the_door_and_keeps_what_was_answered(app: Flask, sign_in: SignIn) -> None:
    desk, phone = sign_in(Role.FRONT_DESK), new_browser(app)
    one = invite(desk)
    unopened = invite(desk, full_name="Bo Lind")
    code, other = code_at(desk, one), code_at(desk, unopened)
    first = begin(phone, code)
    for address in (one, unopened):
        desk.send(f"{address}/revocation", page=address)
    wrong = said(come(new_browser(app), WRONG_CODE))
    assert said(come(new_browser(app), code)) == wrong and said(come(new_browser(app), other)) == wrong
    assert phone.get(first).status_code == 200, "a form that is open goes on"
    fill_in(the_draft())
    page = desk.get(f"{LIST}?show=revoked").text
    assert "All answered, not sent" in page and "Bo Lind" in page and "Print sheet" not in page
    submit(draft_id=the_draft().id, by=PATIENT)
    assert "Submitted" in desk.get(one).text


@ONE_KIND
def test_an_invitation_runs_out_unless_it_was_begun(app: Flask, sign_in: SignIn) -> None:
    with clock.fixed_at(NOON):
        desk = sign_in(Role.FRONT_DESK)
        begun, left = (code_at(desk, invite(desk, full_name=name)) for name in ("Ana Whitfield-Ortega", "Bo Lind"))
        left_open = new_browser(app)
        assert come(left_open, begun).location == "/invitation" and left_open.get("/invitation").status_code == 200
    with clock.fixed_at(NOON + timedelta(minutes=Clinic().idle_minutes)):
        assert left_open.get("/invitation").status_code == 410, "nobody else finds it on a screen that was left"
    last_moment = NOON + timedelta(days=Clinic().invitation_days) - timedelta(minutes=1)
    with clock.fixed_at(last_moment):
        first = begin(new_browser(app), begun)
    with clock.fixed_at(last_moment + timedelta(days=1)):
        wrong = said(come(new_browser(app), WRONG_CODE))
        assert said(come(new_browser(app), left)) == wrong
        assert come(new_browser(app), begun).location == first
        desk = sign_in(Role.PHYSICIAN)
        assert "Bo Lind" in desk.get(f"{LIST}?show=expired").text
        assert "Whitfield" in desk.get(LIST).text


@ONE_KIND
def test_the_sheet_says_what_to_do_in_the_persons_language(app: Flask, sign_in: SignIn, noon: datetime) -> None:
    desk = sign_in(Role.FRONT_DESK)
    one = invite(desk)
    answer = desk.send(f"{one}/sheet", page=one)
    assert answer.mimetype == "application/pdf" and answer.headers["Cache-Control"] == "no-store"
    text = all_text(answer.data)
    for words in (
        "The pain clinic",
        "Ana Whitfield-Ortega",
        COME_BACK,
        code_at(desk, one),
        "date of birth",
    ):
        assert flat(words) in flat(text)
    assert "Whitfield" not in answer.headers["Content-Disposition"]
    assert "Printed" in desk.get(LIST).text and "invitation.printed" in events()
    row = the_invitation("Ana Whitfield-Ortega")
    sheet = invitation_sheet(row, code="", until=NOON, clinic=Clinic(), come_back=COME_BACK)
    (image,) = re.findall(r"data:image/png;base64,([\w+/=]+)", sheet.html)
    same_for_everyone = [[bool(dot) for dot in row] for row in segno.make(COME_BACK, error="m", micro=False).matrix]
    assert dots(b64decode(image), len(same_for_everyone)) == same_for_everyone
    spanish = invite(desk, language="es")
    assert "fecha de nacimiento" in all_text(desk.send(f"{spanish}/sheet", page=spanish).data)


@ONE_KIND
def test_an_e_mail_says_how_to_come_and_reminds_once(app: Flask, sign_in: SignIn) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], smtp_url="smtp://mail.clinic.example")
    box = Mailbox()
    with clock.fixed_at(NOON):
        desk = sign_in(Role.FRONT_DESK)
        one = invite(desk, email="ana@people.example")
        for name in ("Bo Lind", "Cy Moss"):
            invite(desk, full_name=name, email=f"{name[:2].lower()}@people.example")
        revoked = f"{LIST}/{the_invitation('Cy Moss').id}"
        desk.send(f"{revoked}/revocation", page=revoked)
        assert "E-mail waiting" in desk.get(LIST).text
        assert deliver(NOON, box) == 2, "not to the person whose invitation was revoked"
        assert "E-mailed" in desk.get(LIST).text
        code = code_at(desk, one)
    mail = next(mail for mail in box.mails if mail.to == "ana@people.example")
    assert mail.subject == "Questions before your visit"
    assert COME_BACK in mail.body and code in mail.body and "December 18, 2026" in mail.body
    assert not any(word in mail.body for word in ("Ana", "Whitfield", "1981", "reminder"))

    due = NOON + timedelta(days=Clinic().remind_days)
    with clock.fixed_at(due - timedelta(seconds=1)):
        assert remind_due(by=SYSTEM) == 0
        submit_as("Bo Lind")
    with clock.fixed_at(due):
        assert (remind_due(by=SYSTEM), remind_due(by=SYSTEM)) == (1, 0), "whoever sent the form is left alone"
        assert deliver(due, box) == 1
        desk = sign_in(Role.PHYSICIAN)
        assert "Reminded" in desk.get(LIST).text and f"{one}/reminder" not in desk.get(LIST).text
        answer = desk.post(f"{one}/reminder", data={"csrf_token": desk.token(NEW)}, follow_redirects=True)
        assert "There was nothing to send." in answer.text
    reminder = box.mails[-1]
    assert reminder.to == "ana@people.example" and code in reminder.body
    assert reminder.body.startswith("This is a reminder.")


@ONE_KIND
def test_without_mail_settings_the_sheet_is_the_reminder(app: Flask, sign_in: SignIn) -> None:
    with clock.fixed_at(NOON):
        desk = sign_in(Role.FRONT_DESK)
        one = invite(desk, email="ana@people.example")
        desk.send(f"{one}/sheet", page=one)
        assert db.session.scalar(select(PatientMail)) is None and "Remind" not in desk.get(LIST).text
    with clock.fixed_at(NOON + timedelta(days=Clinic().remind_days)):
        assert remind_due(by=SYSTEM) == 0
        desk = sign_in(Role.PHYSICIAN)
        assert "Reminder due: print again" in desk.get(LIST).text
        desk.send(f"{one}/sheet", page=one)
        assert "Reminder due" not in desk.get(LIST).text
    assert events()[-1] == "invitation.reminded"


@ONE_KIND
def test_the_list_goes_on_page_by_page(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, noon: datetime
) -> None:
    monkeypatch.setattr("screening.queries.invitations.PAGE_ROWS", 2)
    desk = sign_in(Role.FRONT_DESK)
    for name in ("Ana One", "Bo Two", "Cy Three"):
        invite(desk, full_name=name)
    listed = desk.get(f"{LIST}?show=to_print").text
    assert "Cy Three" in listed and "Bo Two" in listed and "Ana One" not in listed
    onward = re.search(r'href="([^"]+)" rel="next"', listed)
    assert onward and "show=to_print" in onward[1]
    later = desk.get(unescape(onward[1])).text
    assert "Ana One" in later and "Bo Two" not in later and "First page" in later


@ONE_KIND
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"full_name": " "}, "Enter the person&#39;s full name"),
        (dict.fromkeys(BORN, ""), "Enter the person&#39;s date of birth"),
        ({"email": "ana"}, "Enter an email address"),
        ({"phone": "12"}, "Enter a phone number"),
        ({"language": "xx"}, "Choose a language"),
    ],
)
def test_a_wrong_invitation_is_not_made(app: Flask, sign_in: SignIn, changes: dict[str, str], message: str) -> None:
    answer = sign_in(Role.FRONT_DESK).send(NEW, {**ANA, **changes})
    assert answer.status_code == 422 and message in answer.text
    assert db.session.scalar(select(Invitation)) is None


def the_invitation(name: str) -> Invitation:
    return next(row for row in db.session.scalars(select(Invitation)) if row.identity["full_name"] == name)


def dots(png: bytes, across: int) -> list[list[bool]]:
    """Which of so many squares across and down are dark."""
    image = (
        Image.open(BytesIO(png)).convert("1", dither=Image.Dither.NONE).resize((across, across), Image.Resampling.BOX)
    )
    return [[image.getpixel((x, y)) == 0 for x in range(across)] for y in range(across)]


def submit_as(name: str) -> None:
    draft = open_invitation(invitation_id=the_invitation(name).id, language="en", by=PATIENT)
    fill_in(draft)
    submit(draft_id=draft.id, by=PATIENT)


def deliver(now: datetime, box: Mailbox) -> int:
    return deliver_patient_mail(clinic=Clinic(), now=now, send=box, base_url=BASE_URL, by=SYSTEM)
