"""A person who gives an emergency answer, in a real browser: what they are told, and what stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from rules import Tier
from screening.models import Alert, db
from screening.questions import PAGES, QUESTIONS
from tests.browser.conftest import PHONE, AuditPage
from tests.browser.walk import BrowserWalker
from tests.walk import person

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

CES = person(rf_bladder="new_or_worse_2w")
NOW = "Stop and call 911 now"


@pytest.fixture
def walker(page: Page, audit_page: AuditPage) -> BrowserWalker:
    """Somebody at a phone; every page that tells them something is audited. test_everyone.py sees to the others."""

    def look(shown: Page) -> None:
        if shown.locator(".app-alert").count():
            audit_page(shown)

    return BrowserWalker(page, look)


def the_alert() -> Alert:
    db.session.rollback()
    return db.session.scalars(select(Alert)).one()


def test_given_a_sign_in_step_1_when_continue_is_pressed_then_the_whole_page_says_call_now(
    walker: BrowserWalker,
) -> None:
    walker.start(CES)
    walker.until("emergency", CES)
    page = walker.page
    expect(page.get_by_role("heading", level=1)).to_have_text(NOW)
    expect(page.get_by_text("No one is on the way. Call now.")).to_be_visible()
    call = page.get_by_role("link", name="Call 911", exact=True)
    expect(call).to_have_attribute("href", "tel:911")
    expect(call).to_be_in_viewport()
    assert the_alert().tier == Tier.EMERGENCY

    walker.fill({"name": "Robin Wells", "phone": "555-010-0142", "place": "12 Main Street"})
    walker.press("Tell the clinic")
    expect(page.get_by_text("The clinic can see this now.")).to_be_visible()
    assert (the_alert().contact or {})["place"] == "12 Main Street"

    walker.press("Go on with the questions")
    assert walker.at == "legs"
    for place in ("walking", "right-now"):
        walker.until(place, CES)
        expect(page.get_by_role("region", name="Call 911 now")).to_be_visible()
    walker.follow("What to do")
    expect(page.get_by_role("heading", level=1)).to_have_text(NOW)


def test_given_a_changed_answer_when_it_is_a_sign_then_the_page_comes_and_the_banner_stays(
    walker: BrowserWalker,
) -> None:
    page = walker.page
    walker.start(person())
    walker.skip_to("check", person())
    walker.follow(f"Change {QUESTIONS['rf_bladder'].text}")
    walker.answer(CES)
    assert walker.at == "emergency"
    expect(page.get_by_role("heading", level=1)).to_have_text(NOW)
    walker.press("Go on with the questions")
    assert walker.at == "check"
    expect(page.get_by_role("region", name="Call 911 now")).to_be_visible()

    walker.follow(f"Change {QUESTIONS['rf_bladder'].text}")
    walker.answer(person())
    assert walker.at == "check"
    expect(page.get_by_role("region", name="You changed an answer")).to_be_visible()
    assert the_alert().changed_back_at is not None


def test_given_thoughts_of_harm_when_they_are_told_then_the_crisis_line_comes_first(walker: BrowserWalker) -> None:
    answers = person(phq9_item9=2, si_now="yes")
    walker.start(answers)
    walker.skip_to(next(page.id for page in PAGES.values() if QUESTIONS["phq9_item9"] in page.questions), answers)
    walker.until("emergency", answers)
    expect(walker.page.get_by_role("heading", level=1)).to_have_text("Stop and call 988 now")
    first = walker.page.get_by_role("region").get_by_role("link").first
    expect(first).to_have_attribute("href", "tel:988")
    walker.until("done", answers)
    expect(walker.page.get_by_role("heading", name="Stop and call 988 now")).to_be_visible()


def test_given_no_javascript_when_a_sign_is_told_then_all_works_the_same_and_no_dead_figure_is_shown(
    chromium: Browser, live_server: str
) -> None:
    answers = {**CES, "pain_regions": ["low_back", "foot_l"]}
    context = chromium.new_context(base_url=live_server, viewport=PHONE, java_script_enabled=False)
    walker = BrowserWalker(context.new_page(), lambda _page: None)
    walker.start(answers)
    walker.until("pain-where", answers)
    expect(walker.page.locator("[data-body-map]")).to_be_hidden()
    walker.until("done", answers)
    assert walker.visited.count("emergency") == 1
    expect(walker.page.get_by_text("Your reference is")).to_be_visible()
    context.close()
