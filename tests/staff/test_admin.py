"""Admins: accounts, the clinic's policy, the audit list."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from screening import clock
from screening.access import Role
from screening.clinic import WEEKDAYS, Clinic, current_clinic
from screening.clinic_form import PLAIN_FIELDS, STRUCTURED
from screening.models import AuditEvent, User, db
from tests.conftest import PASSWORD, SET_UP, SIGN_IN, Browser, SignIn, new_browser, set_up_app
from tests.factories import submit_case

ACCOUNTS = "/staff/admin/accounts"
CLINIC = "/staff/admin/clinic"
NEW_ACCOUNT = {"full_name": "Dr. Ines Marsh", "email": "ines@clinic.example", "role": "physician"}


def user_of(email: str) -> User:
    return db.session.scalars(select(User).where(User.email == email)).one()


def one_time_password(page: str) -> str:
    found = re.search(r'app-secret">([^<]+)<', page)
    assert found
    return found[1]


def test_a_new_account_begins_with_a_password_shown_once(app: Flask, sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMIN)
    password = one_time_password(admin.send(f"{ACCOUNTS}/new", NEW_ACCOUNT).text)
    user = user_of("ines@clinic.example")
    assert password not in admin.get(f"{ACCOUNTS}/{user.id}").text
    browser = new_browser(app)
    assert browser.send(SIGN_IN, {"email": user.email, "password": password}).status_code == 302
    assert browser.get("/staff/queue").location == SET_UP
    set_up_app(browser)
    assert browser.get("/staff/queue").location == "/staff/password"
    own = {"password": password, "new_password": PASSWORD, "new_password_confirm": PASSWORD}
    browser.send("/staff/password", own)
    assert browser.get("/staff/queue").status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"email": "admin@clinic.example"}, "There is an account with this e-mail address."),
        ({"email": "ADMIN@clinic.example"}, "There is an account with this e-mail address."),
        ({"email": "not an address"}, "Enter an e-mail address, such as name@clinic.org."),
        ({"email": ""}, "Enter an e-mail address."),
        ({"full_name": " "}, "Enter the name that decisions are signed with."),
        ({"role": ""}, "Choose a role."),
        ({"role": "owner"}, "Not a valid choice."),
    ],
)
def test_an_account_needs_a_name_an_address_of_its_own_and_a_role(
    sign_in: SignIn, changes: dict[str, str], says: str
) -> None:
    page = sign_in(Role.ADMIN).send(f"{ACCOUNTS}/new", {**NEW_ACCOUNT, **changes}).text
    assert says in page
    assert len(db.session.scalars(select(User)).all()) == 1


def test_a_role_is_changed(sign_in: SignIn) -> None:
    admin, physician = sign_in(Role.ADMIN), sign_in(Role.PHYSICIAN)
    user = user_of("physician@clinic.example")
    admin.send(f"{ACCOUNTS}/{user.id}/role", {"role": "front_desk"}, page=f"{ACCOUNTS}/{user.id}")
    assert physician.get("/staff/queue").status_code == 403
    assert physician.get("/staff/cases").status_code == 200


def test_an_ended_account_is_signed_out_and_stays_on_the_list(sign_in: SignIn) -> None:
    admin, physician = sign_in(Role.ADMIN), sign_in(Role.PHYSICIAN)
    user = user_of("physician@clinic.example")
    admin.send(f"{ACCOUNTS}/{user.id}/end", page=f"{ACCOUNTS}/{user.id}")
    assert physician.get("/staff/queue").status_code == 302
    assert "Ended" in admin.get(ACCOUNTS).text


@pytest.mark.parametrize(("what", "data"), [("end", {}), ("role", {"role": "physician"})])
def test_the_last_admin_stays(sign_in: SignIn, what: str, data: dict[str, str]) -> None:
    admin = sign_in(Role.ADMIN)
    user = user_of("admin@clinic.example")
    page = admin.send(f"{ACCOUNTS}/{user.id}/{what}", data, page=f"{ACCOUNTS}/{user.id}")
    assert "This is the last admin. Add another admin first." in page.text
    assert admin.get(ACCOUNTS).status_code == 200


def test_an_admin_ends_another_but_not_both(sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMIN)
    admin.send(f"{ACCOUNTS}/new", {**NEW_ACCOUNT, "role": "admin"})
    other, own = user_of("ines@clinic.example"), user_of("admin@clinic.example")
    admin.send(f"{ACCOUNTS}/{other.id}/end", page=f"{ACCOUNTS}/{other.id}")
    page = admin.send(f"{ACCOUNTS}/{own.id}/end", page=f"{ACCOUNTS}/{own.id}")
    assert "This is the last admin" in page.text


def test_a_lost_password_is_replaced_by_a_one_time_one(app: Flask, sign_in: SignIn) -> None:
    admin, desk = sign_in(Role.ADMIN), sign_in(Role.FRONT_DESK)
    user = user_of("front_desk@clinic.example")
    page = admin.send(f"{ACCOUNTS}/{user.id}/password", page=f"{ACCOUNTS}/{user.id}")
    assert desk.get("/staff/cases").status_code == 302
    typed, browser = {"email": user.email, "password": one_time_password(page.text)}, new_browser(app)
    until = db.session.get_one(User, user.id).one_time_until
    assert until and until - clock.now() > timedelta(days=6)
    with clock.fixed_at(until):
        late = browser.send(SIGN_IN, typed)
        assert late.status_code == 200 and "Ask an admin for a new one." in late.text
    with clock.fixed_at(until - timedelta(minutes=1)):
        browser.send(SIGN_IN, typed)
        assert browser.get("/staff/cases").location == "/staff/password"
        own = {"password": typed["password"], "new_password": PASSWORD, "new_password_confirm": PASSWORD}
        browser.send("/staff/password", own)
    with clock.fixed_at(until + timedelta(days=30)):
        again = new_browser(app)
        again.send(SIGN_IN, {**typed, "password": PASSWORD})
        assert again.get("/staff/cases").status_code == 200, "a password of one's own does not run out"


def settings_as_shown(admin: Browser) -> dict[str, Any]:
    """What a browser would send back if nobody touched the form."""
    page = admin.get(CLINIC).text
    main = page[page.index("<main") :]
    inputs = re.findall(r"<input\b[^>]*>", main)
    sent = {}
    for tag in inputs:
        parts = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if parts["type"] in ("radio", "checkbox") and " checked" not in tag:
            continue
        sent[parts["name"]] = parts.get("value", "")
    return sent


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_part_of_the_policy_has_its_field(app: Flask) -> None:
    assert {part.name for part in fields(Clinic)} == PLAIN_FIELDS | STRUCTURED


def test_saving_an_untouched_form_changes_nothing(sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMIN)
    before = current_clinic()
    page = admin.post(CLINIC, data=settings_as_shown(admin), follow_redirects=True)
    assert "Nothing was different" in page.text
    assert current_clinic() == before


def test_the_policy_is_changed_and_noted_by_name_alone(sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMIN)
    changes = {
        "name": "Harbour Pain Clinic",
        "time_zone": "Europe/London",
        "paper": "A4",
        "Saturday_opens": "09:00",
        "Saturday_closes": "12:30",
        "Friday_opens": "",
        "Friday_closes": "",
        "acknowledge_urgent": "45",
        "escalation": "first@clinic.example\n\n second@clinic.example ",
    }
    sent = {**settings_as_shown(admin), **changes}
    del sent["alcohol_screening"]
    assert "The settings are saved." in admin.post(CLINIC, data=sent, follow_redirects=True).text
    clinic = current_clinic()
    assert (clinic.name, clinic.time_zone, clinic.paper, clinic.alcohol_screening) == (
        "Harbour Pain Clinic",
        "Europe/London",
        "A4",
        False,
    )
    assert list(clinic.opening_hours["Saturday"] or ()) == ["09:00", "12:30"]
    assert clinic.opening_hours["Friday"] is None
    assert clinic.acknowledge_minutes == {"EMERGENCY": 10, "URGENT": 45}
    assert clinic.escalation == ("first@clinic.example", "second@clinic.example")
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "clinic.changed")).one()
    assert set(event.detail["names"]) == {
        "name", "time_zone", "paper", "alcohol_screening", "opening_hours", "acknowledge_minutes", "escalation",
    }  # fmt: skip
    assert "Harbour" not in str(event.detail)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": ""}, "Name of the clinic: enter a value."),
        ({"emergency_number": "help"}, "Emergency number: enter a number to call"),
        ({"emergency_number": ""}, "Emergency number: enter a value."),
        ({"time_zone": "Mars/Olympus"}, "Time zone: enter a name from the IANA list"),
        ({"time_zone": "../../etc/passwd"}, "Time zone: enter a name from the IANA list"),
        ({"Monday_opens": "18:00"}, "Monday: enter an opening time and a later closing time"),
        ({"Monday_closes": ""}, "Monday: enter an opening time and a later closing time"),
        ({"call_back_minutes": "0"}, "enter a whole number from 15 to 720"),
        ({"call_back_minutes": "9" * 400}, "enter a whole number from 15 to 720"),
        ({"draft_days": "soon"}, "Not a valid integer value."),
        ({"escalation": "first@clinic.example\nnobody"}, "nobody is not an e-mail address"),
        ({"paper": "A3"}, "Not a valid choice."),
    ],
)
def test_a_policy_that_cannot_work_is_not_saved(sign_in: SignIn, changes: dict[str, str], says: str) -> None:
    admin = sign_in(Role.ADMIN)
    before = current_clinic()
    page = admin.post(CLINIC, data={**settings_as_shown(admin), **changes}).text
    assert says in page
    assert "There is a problem" in page
    assert current_clinic() == before


def test_the_audit_list_says_who_saw_which_case(sign_in: SignIn) -> None:
    case = submit_case(name="Ana Whitfield-Ortega")
    sign_in(Role.FRONT_DESK).get(f"/staff/cases/{case.reference}")
    page = sign_in(Role.ADMIN).get("/staff/admin/audit?action=case.viewed").text
    row = page[page.index("<tbody>") :]
    for shown in ("Sam Front desk", "case.viewed", f"case {case.reference}", "page: front_desk"):
        assert shown in row
    assert "account.signed_in" not in row
    assert "Whitfield" not in page


def test_the_audit_list_goes_on_for_pages(sign_in: SignIn) -> None:
    case = submit_case()
    desk = sign_in(Role.FRONT_DESK)
    for _ in range(55):
        desk.get(f"/staff/cases/{case.reference}")
    admin = sign_in(Role.ADMIN)
    first = admin.get("/staff/admin/audit?action=case.viewed").text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    second = admin.get(following[1].replace("&amp;", "&")).text
    assert (first.count("<td>case.viewed</td>"), second.count("<td>case.viewed</td>")) == (50, 5)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_preview_shows_what_patients_would_read_and_saves_nothing(sign_in: SignIn, noon: datetime) -> None:
    admin = sign_in(Role.ADMIN)
    before = current_clinic()
    with clock.fixed_at(noon - timedelta(days=4000)):
        submit_case()
    changes = {
        "case_years": "10",
        "emergency_number": "112",
        "crisis_line": "116 123",
        "youth_line": "116 111",
        "urgent_care_line": "111",
        "urgent_care_place": "the walk-in centre",
        "place_es": "el centro de urgencias",
        "Thursday_opens": "09:30",
        "call_back_minutes": "60",
    }
    entered = {**settings_as_shown(admin), **changes}
    page = admin.post(f"{CLINIC}/preview", data=entered).text
    for said in (
        "Stop and call 112 now",
        "If we have not called you by 10:30\u202fAM, or it gets worse, go to the walk-in centre.",
        "Call 111, or go to the walk-in centre today.",
        "Call 116 123 to talk to someone",
        "Call 116 111 to talk to someone",
        "el centro de urgencias",
        "In an emergency, call 112.",
        'value="the walk-in centre"',
        "Nothing is saved yet.",
        "Cases, with their summaries and letters: 1",
    ):
        assert said in page, said
    assert current_clinic() == before
    closed = {f"{day}_{part}": "" for day in WEEKDAYS for part in ("opens", "closes")}
    page = admin.post(f"{CLINIC}/preview", data={**entered, **closed}).text
    assert "If we have not called you" not in page
    page = admin.post(f"{CLINIC}/preview", data={**entered, "emergency_number": "help"}).text
    assert "There is a problem" in page and "Nothing is saved yet." not in page
    assert db.session.scalars(select(AuditEvent).where(AuditEvent.action == "clinic.changed")).all() == []


def test_an_admin_sees_no_case(sign_in: SignIn) -> None:
    case = submit_case()
    admin = sign_in(Role.ADMIN)
    for address in (
        "/staff/cases",
        f"/staff/cases/{case.reference}",
        f"/staff/queue/{case.reference}",
        "/staff/alerts",
    ):
        assert admin.get(address).status_code == 403
