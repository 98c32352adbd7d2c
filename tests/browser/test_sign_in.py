"""Staff sign in: with a code, with a passkey, and again after they were away."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from screening import clock
from screening.access import Role
from screening.actions import accounts
from screening.actions.clinic import save_settings
from screening.actions.unit import SYSTEM
from screening.models import Passkey, db
from screening.second_factor import code_at
from tests.browser.conftest import AuditPage, SignInPage
from tests.conftest import PASSWORD, SIGN_IN, fresh_code
from tests.factories import CONSULT, submit_case

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
EMAIL = "ines@clinic.example"


def with_authenticator(page: Page) -> None:
    """A device that checks its owner and keeps passkeys."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    checks = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**kind, **checks}})


def give_password(page: Page) -> None:
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_physician_sets_up_an_app_then_a_passkey_and_signs_in_with_each(
    app: Flask, page: Page, live_server: str, audit_page: AuditPage
) -> None:
    """Given a new account, when its owner signs in, then an app is set up first, and a passkey may follow."""
    accounts.add_user(email=EMAIL, full_name="Dr. Ines", password=PASSWORD, role=Role.PHYSICIAN, by=SYSTEM)
    # A passkey is for a name, never for a number.
    site = live_server.replace("127.0.0.1", "localhost")
    with_authenticator(page)
    page.goto(f"{site}/staff/queue")
    audit_page(page)
    give_password(page)
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    audit_page(page)
    secret = page.locator(".app-key").inner_text().replace(" ", "")
    page.get_by_label("Code of 6 digits").fill(code_at(secret, clock.now()))
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".app-key")).to_have_count(8)
    audit_page(page)
    page.get_by_role("button", name="I have kept them").click()

    page.goto(f"{site}/staff/account")
    page.get_by_label("Name of the device").fill("Laptop at work")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    audit_page(page)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile("/staff/queue"))

    page.get_by_role("link", name="My account").click()
    page.get_by_role("button", name="Remove Laptop at work").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    assert db.session.query(Passkey).count() == 0
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="The passkey was not taken")).to_be_visible()
    page.get_by_role("link", name="Go to the sign-in page").click()
    give_password(page)
    audit_page(page)
    page.get_by_label("Code").fill(fresh_code(EMAIL))
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/staff/queue"))


def test_who_was_away_signs_in_again_and_finds_what_they_typed(sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    """Given a reason half typed, when nobody does anything, then the page warns, closes, and brings it back."""
    reference = submit_case(**CONSULT).reference
    page = sign_in_page(Role.PHYSICIAN)
    page.clock.install()
    page.goto(f"/staff/queue/{reference}")
    page.get_by_label("Reason", exact=True).fill("Tender hip since spring.")
    save_settings(values={"staff_idle_minutes": 1}, by=SYSTEM)
    page.clock.fast_forward("14:00")
    warning = page.get_by_role("alertdialog")
    expect(warning).to_contain_text("You are signed out in")
    save_settings(values={"staff_idle_minutes": 15}, by=SYSTEM)
    warning.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    save_settings(values={"staff_idle_minutes": 0}, by=SYSTEM)
    page.clock.fast_forward("15:00")
    expect(warning).to_contain_text("You are signed out. Sign in to go on.")
    audit_page(page)
    save_settings(values={"staff_idle_minutes": 0}, by=SYSTEM)
    warning.get_by_role("button", name="Sign in again").click()
    expect(page).to_have_url(re.compile(SIGN_IN))
    save_settings(values={"staff_idle_minutes": 15}, by=SYSTEM)
    page.get_by_label("E-mail address").fill("physician@clinic.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code").fill(fresh_code("physician@clinic.example"))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="What you typed was not sent")).to_be_visible()
    expect(page.get_by_text("Tender hip since spring.")).to_be_visible()
    audit_page(page)
