"""The frame that every page stands in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from screening.access import Role
from tests.browser.conftest import AuditPage, SignInPage

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


def test_a_page_that_is_not_there_has_no_barriers(page: Page, audit_page: AuditPage) -> None:
    page.goto("/no-such-page")
    audit_page(page)


def test_the_first_tab_skips_to_the_content(page: Page) -> None:
    page.goto("/staff/sign-in")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#maincontent")).to_be_focused()


@pytest.mark.parametrize("role", list(Role))
def test_staff_see_their_parts_and_sign_out(sign_in_page: SignInPage, audit_page: AuditPage, role: Role) -> None:
    page = sign_in_page(role)
    expect(page.get_by_role("navigation", name="Staff")).to_be_visible()
    audit_page(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/staff/sign-in"))


def test_the_style_is_kept_for_a_year_and_the_page_is_not(new_page: Callable[[], Page]) -> None:
    page = new_page()
    with page.expect_response(lambda response: "app.css" in response.url) as style:
        answer = page.goto("/staff/sign-in")
    assert answer is not None
    assert answer.headers["cache-control"] == "no-store"
    assert "immutable" in style.value.headers["cache-control"]
    library = re.search(r"nhsuk-frontend-[\d.]+\.min\.js", page.request.get("/static/app.js").text())
    assert library and "immutable" in page.request.get(f"/static/{library[0]}").headers["cache-control"]
