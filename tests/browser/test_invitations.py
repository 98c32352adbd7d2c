"""The front desk invites a person, who comes with the sheet's code on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from screening.access import Role
from tests.browser.conftest import DESK, PHONE, AuditPage, SignInPage
from tests.walk import BORN

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

LONG_NAME = "Maximiliana Featherstonehaugh-Abernathy-Cholmondeley"


def born(page: Page) -> None:
    for name, value in BORN.items():
        page.locator(f'[name="{name}"]').fill(value)


def look(page: Page, audit_page: AuditPage) -> None:
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        audit_page(page)


def test_an_invited_person_comes_with_the_code(
    new_page: Callable[[], Page], sign_in_page: SignInPage, audit_page: AuditPage
) -> None:
    desk, phone = sign_in_page(Role.FRONT_DESK), new_page()
    desk.get_by_role("link", name="Invitations").click()
    desk.get_by_role("button", name="Invite a person").click()
    desk.get_by_role("button", name="Make the invitation").click()
    expect(desk.get_by_role("alert")).to_contain_text("Enter the person's full name")
    look(desk, audit_page)
    desk.get_by_label("Full name").fill(LONG_NAME)
    born(desk)
    desk.get_by_role("button", name="Make the invitation").click()
    expect(desk.get_by_role("alert")).to_contain_text("The invitation is made.")
    desk.get_by_role("button", name="Show the code").click()
    code = desk.locator(".app-invitation__code").inner_text()
    look(desk, audit_page)

    phone.goto("/come-back")
    phone.get_by_label("What is your code?").fill(code.lower())
    born(phone)
    phone.get_by_role("button", name="Continue").click()
    expect(phone.get_by_text(f"These questions are for {LONG_NAME}.")).to_be_visible()
    assert "Max" not in phone.url and "Max" not in phone.title()
    look(phone, audit_page)
    phone.get_by_label("I agree").check()
    phone.get_by_role("button", name="Start").click()
    expect(phone.get_by_role("button", name="Continue")).to_be_visible()

    desk.goto("/staff/invitations")
    row = desk.get_by_role("row", name=LONG_NAME)
    expect(row).to_contain_text("Step 1 of 11")
    look(desk, audit_page)
    row.get_by_text("Revoke", exact=False).first.click()
    look(desk, audit_page)
    row.get_by_role("button", name="Revoke now").click()
    expect(desk.get_by_role("alert")).to_contain_text("Its code does not work any more.")
    expect(desk.get_by_text("Revoked", exact=True).first).to_be_visible()
