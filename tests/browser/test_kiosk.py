"""A tablet of the clinic, in a real Chromium: one patient after another, and nothing of the one before."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from screening.access import Role
from screening.models import Alert, Draft, db
from tests.browser.conftest import AuditPage, SignInPage
from tests.browser.walk import BrowserWalker
from tests.walk import person

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

STAFF_DOOR = "/staff/sign-in"
OTHER = {"date_of_birth-month": "7", "date_of_birth-day": "2", "date_of_birth-year": "1960"}


@pytest.fixture
def tablet(sign_in_page: SignInPage, audit_page: AuditPage) -> Page:
    """A browser that staff have made a tablet."""
    page = sign_in_page(Role.FRONT_DESK)
    page.goto("/staff/tablets")
    audit_page(page)
    before = cookie_of(page)
    page.get_by_label("Name of the tablet").fill("Tablet 2")
    with page.expect_navigation():
        page.get_by_role("button", name="Start tablet mode").click()
    assert cookie_of(page) != before
    return page


def cookie_of(page: Page) -> str:
    return next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "session")


def set_cookie(page: Page, value: str) -> None:
    kept = next(cookie for cookie in page.context.cookies() if cookie["name"] == "session")
    page.context.add_cookies([{"name": "session", "value": value, "domain": kept["domain"], "path": "/"}])


def the_draft() -> Draft:
    db.session.rollback()
    return db.session.scalars(select(Draft)).one()


def nothing(page: Page) -> None:
    return None


def shows_nothing_of(page: Page, *secrets: str) -> None:
    """Back, Forward, Reload, and every address that was open, in this tab and in one that is restored."""
    addresses = {"/screening/check", "/screening/done", "/screening/contact", "/screening/code", "/screening/emergency"}
    moves: list[Callable[[], object]] = [
        *[page.go_back] * 3,
        *[page.go_forward] * 3,
        page.reload,
        *[lambda address=address: page.goto(address) for address in sorted(addresses)],
    ]
    for move in moves:
        move()
        shown = page.content()
        assert not [secret for secret in secrets if secret in shown], page.url
        assert page.locator("input:checked").count() == 0
    restored = page.context.new_page()
    restored.goto("/screening/contact")
    assert not [secret for secret in secrets if secret in restored.content()]
    restored.close()
    page.goto("/")


def test_a_tablet_is_for_patients_alone(tablet: Page, audit_page: AuditPage) -> None:
    expect(tablet).to_have_url(re.compile(r"/$"))
    audit_page(tablet)
    leaving = [link for link in hrefs(tablet) if not link.startswith("#")]
    assert sorted(leaving) == ["/come-back", STAFF_DOOR]
    walker = BrowserWalker(tablet, nothing)
    walker.start(person())
    assert tablet.locator("body.app-tablet").count() == 1
    draft = the_draft()
    assert (draft.channel, draft.origin, draft.kiosk_id) == ("tablet", "Tablet 2", 1)
    tablet.goto("/screening/who")
    assert hrefs(tablet) == ["#maincontent", "/screening/date-of-birth"]
    tablet.goto("/screening/date-of-birth")
    offers = tablet.locator("input:not([type=hidden])").evaluate_all("boxes => boxes.map(box => box.autocomplete)")
    assert set(offers) == {"off"}
    assert tablet.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    tablet.goto("/staff/cases")
    assert STAFF_DOOR in tablet.url
    tablet.get_by_role("button", name="Stop and clear the screen").click()
    expect(tablet).to_have_url(re.compile(r"/$"))


def test_a_form_that_is_left_is_cleared_after_a_countdown_that_can_be_held(tablet: Page, audit_page: AuditPage) -> None:
    tablet.clock.install()
    walker = BrowserWalker(tablet, nothing)
    walker.start(person())
    walker.skip_to("bladder-bowel", person())
    bar = tablet.get_by_role("complementary", name="Time left")
    tablet.clock.fast_forward("01:50")
    expect(bar).to_be_hidden()
    tablet.clock.fast_forward("00:20")
    expect(bar.get_by_role("alert")).to_have_text(re.compile(r"clears itself in \d+ seconds"))
    audit_page(tablet)
    bar.get_by_role("button", name="I am still here").click()
    expect(bar).to_be_hidden()
    tablet.clock.fast_forward("01:50")
    expect(bar).to_be_hidden()
    tablet.clock.fast_forward("00:20")
    expect(bar).to_be_visible()
    before = cookie_of(tablet)
    # What was ticked and not sent is kept, and counts: a sign of danger may be among it.
    tablet.locator("[name=rf_saddle][value=new_or_worse_2w]").check()
    with tablet.expect_navigation():
        tablet.clock.fast_forward("03:05")
    expect(tablet).to_have_url(re.compile(r"/$"))
    assert the_draft().answers["rf_saddle"] == "new_or_worse_2w"
    assert db.session.scalars(select(Alert)).one().origin == "Tablet 2"
    assert cookie_of(tablet) != before
    assert the_draft().answers["completed_by"] == "self" and the_draft().closed_at is None
    shows_nothing_of(tablet, "Yes, it began or got worse", "March 14, 1981")


def test_after_the_end_nothing_is_left_of_the_person(tablet: Page, audit_page: AuditPage) -> None:
    tablet.clock.install()
    walker = BrowserWalker(tablet, nothing)
    walker.start(person())
    walker.skip_to("check", person())
    tablet.locator("[name=agree]").check()
    with tablet.expect_navigation():
        tablet.get_by_role("button", name="Send", exact=True).click()
    reference = tablet.locator(".nhsuk-panel strong").inner_text()
    assert tablet.get_by_role("link", name="Download").count() == 0
    assert tablet.request.get("/screening/copy.pdf").status == 404
    bar = tablet.get_by_role("complementary", name="Time left")
    tablet.clock.fast_forward("00:01")
    expect(bar).to_be_visible()
    audit_page(tablet)
    before = cookie_of(tablet)
    with tablet.expect_navigation():
        tablet.clock.fast_forward("01:00")
    shows_nothing_of(tablet, reference, "Robin Wells", "555-010-0142")
    after = cookie_of(tablet)
    set_cookie(tablet, before)
    shows_nothing_of(tablet, reference, "Robin Wells", "555-010-0142")
    set_cookie(tablet, after)
    BrowserWalker(tablet, nothing).start(person(**OTHER))
    expect(tablet.get_by_text("Robin Wells")).to_have_count(0)


def test_an_emergency_stands_long_enough_to_act_on(tablet: Page, audit_page: AuditPage) -> None:
    tablet.clock.install()
    walker = BrowserWalker(tablet, nothing)
    walker.start(person())
    walker.until("emergency", person(rf_saddle="new_or_worse_2w"))
    expect(tablet.get_by_text("Tell the staff here now too.")).to_be_visible()
    assert [link for link in hrefs(tablet) if not link.startswith("#")] == []
    audit_page(tablet)
    tablet.clock.fast_forward("08:50")
    expect(tablet.get_by_role("complementary", name="Time left")).to_be_hidden()
    with tablet.expect_navigation():
        tablet.clock.fast_forward("01:15")
    expect(tablet).to_have_url(re.compile(r"/$"))
    db.session.rollback()
    alert = db.session.scalars(select(Alert)).one()
    assert (alert.origin, alert.acknowledged_at) == ("Tablet 2", None)


def hrefs(page: Page) -> list[str]:
    links: list[str] = page.locator("a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return links
