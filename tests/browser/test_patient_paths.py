"""A person fills in the form in a real browser: the shortest way, the longest, and a change of mind."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from screening.models import Case, db
from screening.questions import PAGES, QUESTIONS
from tests.browser.conftest import AuditPage
from tests.browser.walk import BrowserWalker
from tests.walk import LONGEST, person

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
OPIOIDS = {name: LONGEST[name] for name in ("meds_list", "opioids", "opioid_months", "opioid_concerns")}


@pytest.fixture
def walker(page: Page) -> BrowserWalker:
    """Somebody at a phone."""
    return BrowserWalker(page, lambda _: None)


def test_given_no_branch_when_all_is_answered_then_a_reference_is_shown_and_back_says_it_was_sent(
    walker: BrowserWalker,
) -> None:
    walker.start(person())
    walker.until("done", person())
    expect(walker.page.get_by_role("heading", level=1)).to_have_text("Your answers are sent")
    expect(walker.page.get_by_text(re.compile(r"^[3-9C-Y]{4}-[3-9C-Y]{4}$"))).to_be_visible()
    expect(walker.page.get_by_role("heading", name="Get help at once if this happens")).to_be_visible()
    db.session.rollback()
    assert db.session.scalars(select(Case)).one().answers["rf_bladder"] == "no"

    walker.page.go_back()
    expect(walker.page.get_by_role("heading", level=1)).to_have_text("Your answers were sent already")
    walker.follow("See your reference and what happens next")
    assert walker.at == "done"
    walker.press("Finish and clear this screen")
    assert walker.at == "start"
    walker.page.goto("/screening/done")
    expect(walker.page.get_by_role("heading", level=1)).to_have_text("Your form is not open here")


def test_given_every_branch_when_all_is_answered_then_every_page_was_visited(
    walker: BrowserWalker, audit_page: AuditPage
) -> None:
    walker.look = audit_page
    answers = person(**LONGEST)
    walker.start(answers)
    walker.until("done", answers)
    assert [place for place in walker.visited if place in PAGES] == list(PAGES)
    db.session.rollback()
    case = db.session.scalars(select(Case)).one()
    assert case.answers["opioids"] == LONGEST["opioids"]
    with walker.page.expect_download() as download:
        walker.page.get_by_role("link", name="Download your answers (PDF)").click()
    assert download.value.suggested_filename == f"screening-{case.reference}.pdf"


def test_given_a_closed_branch_when_it_opens_again_then_its_answers_are_back(walker: BrowserWalker) -> None:
    answers = person(**OPIOIDS)
    walker.start(answers)
    walker.skip_to("check", answers)
    expect(walker.page.get_by_text("Oxycodone")).to_be_visible()
    medicines = f"Change {QUESTIONS['meds_list'].text}"

    walker.follow(medicines)
    for box in ("opioid", "gabapentinoid"):
        walker.page.locator(f'[name="meds_list"][value="{box}"]').uncheck()
    walker.answer(person())
    assert walker.at == "check"
    expect(walker.page.get_by_text("Oxycodone")).to_have_count(0)

    walker.follow(medicines)
    walker.page.locator('[name="meds_list"][value="none"]').uncheck()
    walker.answer(answers)
    assert walker.at == "check"
    expect(walker.page.get_by_text("Oxycodone")).to_be_visible()


def test_given_a_blank_page_when_continue_is_pressed_then_the_summary_leads_to_the_field(
    walker: BrowserWalker,
) -> None:
    walker.start(person())
    walker.press("Continue")
    expect(walker.page).to_have_title(re.compile("^Error: "))
    expect(walker.page.locator(".nhsuk-error-summary")).to_be_focused()
    walker.page.get_by_role("alert").get_by_role("link").first.click()
    expect(walker.page.locator('[name="completed_by"]').first).to_be_focused()
