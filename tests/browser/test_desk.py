"""The front desk and the physicians at their lists, in a real browser: typing, single keys, printing many at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, Request, expect

from screening import clock
from screening.access import Role
from screening.actions import printing
from screening.actions.unit import SYSTEM
from tests.browser.conftest import AuditPage, SignInPage
from tests.factories import CONSULT, EMERGENCY, start_form, submit_case

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


def press(page: Page, key: str) -> None:
    """A single key, once the page's script listens."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def test_people_are_found_while_somebody_types(sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    submit_case(name="Ana Whitfield-Ortega", **CONSULT)
    submit_case(name="Bo Lind")
    page = sign_in_page(Role.FRONT_DESK)
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    page.on("request", note)
    box = page.get_by_label("Find a person")
    box.press_sequentially("whi")
    found = page.locator("#found")
    expect(found.get_by_role("link", name="Ana Whitfield-Ortega")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("1 case found")
    expect(box).to_be_focused()
    audit_page(page)
    box.press_sequentially("zz")
    expect(page.get_by_role("status")).to_have_text("No case matches")
    box.fill("")
    expect(found).to_be_hidden()
    assert {request.method for request in asked} == {"POST"}
    assert not any("whi" in request.url for request in asked)
    box.fill("lin")
    expect(found.get_by_role("link", name="Bo Lind")).to_be_visible()
    box.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Search")
    expect(page.get_by_role("link", name="Bo Lind")).to_be_visible()


def test_single_keys_work_and_can_be_switched_off(sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    submit_case(name="Ana Whitfield-Ortega")
    with clock.fixed_at(clock.now() + timedelta(seconds=1)):
        submit_case(name="Bo Lind")
    start_form(name="Cleo Marsh")
    page = sign_in_page(Role.FRONT_DESK)
    press(page, "2")
    expect(page.get_by_role("cell", name="Cleo Marsh")).to_be_visible()
    audit_page(page)
    press(page, "1")
    expect(page.get_by_role("link", name="Today")).to_have_attribute("aria-current", "page")
    press(page, "j")
    press(page, "j")
    expect(page.get_by_role("link", name="Ana Whitfield-Ortega")).to_be_focused()
    press(page, "x")
    expect(page.get_by_label("Print Ana Whitfield-Ortega")).to_be_checked()
    press(page, "/")
    press(page, "2")
    expect(page.get_by_label("Find a person")).to_have_value("2")
    page.locator("h1").click()
    press(page, "?")
    panel = page.locator("#keys")
    expect(panel.get_by_text("Open a list, in the order shown")).to_be_visible()
    audit_page(page)
    panel.get_by_label("Single keys work on this computer").uncheck()
    page.reload()
    press(page, "2")
    expect(page.get_by_role("link", name="Today")).to_have_attribute("aria-current", "page")


def test_ticked_cases_are_printed_as_one_file(app: Flask, sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    submit_case(name="Ana Whitfield-Ortega")
    submit_case(name="Bo Lind")
    page = sign_in_page(Role.FRONT_DESK)
    page.get_by_label("Print Ana Whitfield-Ortega").check()
    audit_page(page)
    page.get_by_role("button", name="Print what is ticked").click()
    expect(page.get_by_role("status")).to_contain_text("0 of 1 made")
    audit_page(page)
    printing.make_next(by=SYSTEM)
    button = page.get_by_role("button", name="Open the file to print")
    expect(button).to_be_visible()
    audit_page(page)
    with page.context.expect_page():
        button.click()
    page.goto("/staff/cases?show=to_print")
    expect(page.get_by_role("row", name="Bo Lind")).to_be_visible()
    expect(page.get_by_role("row", name="Ana Whitfield-Ortega")).to_have_count(0)


def test_a_physician_claims_and_goes_on_by_keys(sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    with clock.fixed_at(clock.now() - timedelta(days=2, hours=1, minutes=20)):
        submit_case(name="Ana Whitfield-Ortega", **EMERGENCY)
    submit_case(name="Bo Lind", **CONSULT)
    page = sign_in_page(Role.PHYSICIAN)
    expect(page.get_by_role("row", name="Ana Whitfield-Ortega")).to_contain_text("Overdue by 2 d 1 h")
    audit_page(page)
    press(page, "n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Whitfield-Ortega")
    press(page, "c")
    expect(page.get_by_text("You have this case, since")).to_be_visible()
    audit_page(page)
    press(page, "n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bo Lind")
    page.goto("/staff/queue")
    page.get_by_label("Cases").select_option("Claimed by me")
    page.get_by_role("button", name="Show").click()
    _only(page, "Ana Whitfield-Ortega")


def _only(page: Page, name: str) -> None:
    expect(page.locator(".app-cases__name")).to_have_text([name])
