"""In a real browser: a person stops, is cut off, goes back, sends twice or changes device, and no answer is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from screening import clock
from screening.models import Case, Draft, db
from screening.questions import PAGES
from tests.browser.conftest import DESK, AuditPage
from tests.browser.walk import BrowserWalker
from tests.conftest import NOON
from tests.walk import BORN, LONGEST, code_on, page_data, person

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

Clock = Callable[[timedelta], None]


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """wait(time) lets it be so much later than NOON for the server."""

    def until(time: timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: NOON + time)

    until(timedelta())
    return until


@pytest.fixture
def walker(page: Page, wait: Clock) -> BrowserWalker:
    return BrowserWalker(page, lambda _page: None)


def the_draft() -> Draft:
    db.session.rollback()
    return db.session.scalars(select(Draft)).one()


def test_given_a_form_stopped_halfway_when_the_code_is_given_on_another_device_then_it_goes_on(
    page: Page, new_page: Callable[[], Page], audit_page: AuditPage, wait: Clock
) -> None:
    walker = BrowserWalker(page, lambda _page: None)
    page.goto("/")
    walker.fill({"consent": "yes", **{name: person()[name] for name in BORN}})
    walker.press("Start")
    audit_page(page)
    code = code_on(page.content())
    walker.press("Continue")
    walker.skip_to("blood-pressure", person())
    walker.fill({"hx_bp": "no", "bp_systolic": "1200"})
    walker.press("Stop and come back later")
    expect(page.get_by_role("heading", level=1)).to_have_text("Stop and come back later")
    expect(page.locator(".app-code")).to_have_text(code)
    audit_page(page)
    walker.press("Stop now")
    expect(page.get_by_role("heading", level=1)).to_have_text("You can close this page")
    audit_page(page)
    page.go_back()
    expect(page.locator(".app-code")).to_have_count(0)

    other = BrowserWalker(new_page(), lambda _page: None)
    other.page.set_viewport_size(DESK)
    other.come_back("777 777 777", person())
    expect(other.page.locator(".nhsuk-error-summary")).to_be_focused()
    audit_page(other.page)
    other.come_back(code, person())
    assert other.at == "blood-pressure"
    expect(other.page.locator("[name=bp_systolic]").first).to_have_value("1200")
    other.answer(person())
    other.skip_to("check", person())
    other.until("done", person())
    assert other.page.get_by_role("heading", level=1).inner_text() == "Your answers are sent"


def test_given_a_page_open_for_eight_hours_when_it_is_sent_then_it_warned_before_and_keeps_what_was_typed(
    page: Page, audit_page: AuditPage, wait: Clock
) -> None:
    page.clock.install()
    walker = BrowserWalker(page, lambda _page: None)
    walker.start(person())
    walker.skip_to("anything-else", person())
    page.locator("[name=anything_else]").fill("It hurts most at night.")
    warning = page.get_by_role("alertdialog")
    expect(warning).to_have_count(0)
    page.clock.fast_forward("01:54:30")
    expect(warning).to_have_count(0)
    page.clock.fast_forward("00:00:45")
    expect(warning).to_be_visible()
    expect(page.get_by_role("button", name="Stay on this page")).to_be_focused()
    audit_page(page)
    wait(timedelta(hours=1, minutes=55))
    page.get_by_role("button", name="Stay on this page").click()
    expect(warning).to_have_count(0)
    page.clock.fast_forward("02:00:30")
    expect(warning).to_contain_text("We keep what you typed and ask for your code.")
    page.get_by_role("button", name="Close this message").click()

    wait(timedelta(hours=8))
    walker.press("Continue")
    audit_page(page)
    expect(page.get_by_text("We kept what you just entered.")).to_be_visible()
    expect(page.get_by_text("It hurts most at night.")).to_have_count(0)
    walker.fill({"code": walker.code, **{name: person()[name] for name in BORN}})
    walker.press("Continue")
    assert walker.at == "check"
    expect(page.get_by_text("It hurts most at night.")).to_be_visible()


def test_given_a_worn_out_form_token_when_a_page_is_sent_then_it_is_shown_again_as_typed(walker: BrowserWalker) -> None:
    walker.start(person())
    walker.skip_to("contact", person())
    walker.fill(page_data(PAGES["contact"], person()))
    walker.page.locator("[name=csrf_token]").evaluate_all("tokens => tokens.forEach(token => { token.value = 'x'; })")
    walker.press("Continue")
    assert walker.at == "contact"
    expect(walker.page.get_by_text("Please press the button again.")).to_be_visible()
    expect(walker.page.locator("[name=full_name]")).to_have_value("Robin Wells")
    assert "full_name" not in the_draft().identity
    walker.press("Continue")
    assert the_draft().identity["full_name"] == "Robin Wells"


def test_given_back_and_a_double_press_then_every_answer_is_there_and_there_is_one_case(walker: BrowserWalker) -> None:
    walker.start(person())
    walker.skip_to("bladder-bowel", person())
    walker.until("walking", person())
    walker.page.go_back()
    assert walker.at == "legs"
    expect(walker.page.locator("[name=rf_legs_pain][value=no]")).to_be_checked()
    walker.page.go_back()
    assert walker.at == "bladder-bowel"
    walker.page.go_forward()
    walker.page.go_forward()
    assert walker.at == "walking"
    walker.skip_to("check", person())
    walker.fill({"agree": "yes"})
    with walker.page.expect_navigation():
        walker.page.evaluate("() => { const form = document.querySelector('#answers'); form.submit(); form.submit(); }")
    expect(walker.page.get_by_role("heading", level=1)).to_have_text("Your answers are sent")
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Case)) == 1


def test_given_a_session_killed_at_every_page_when_it_is_resumed_elsewhere_then_every_answer_is_there(
    walker: BrowserWalker, new_page: Callable[[], Page]
) -> None:
    answers = person(**LONGEST)
    walker.start(answers)
    code = walker.code
    for page_id, asked in PAGES.items():
        assert walker.at == page_id
        walker.page.context.close()
        walker = BrowserWalker(new_page(), lambda _page: None)
        walker.come_back(code, answers)
        assert walker.at == page_id
        walker.answer(answers)
        if walker.at == "emergency":
            walker.answer(answers)
        stored = the_draft().answers
        assert {question.id: stored[question.id] for question in asked.questions} == {
            question.id: answers.get(question.id) for question in asked.questions
        }
    assert set(the_draft().answers) == {question.id for asked in PAGES.values() for question in asked.questions}
    walker.until("done", answers)
    db.session.rollback()
    case = db.session.scalars(select(Case)).one()
    assert {name: value for name, value in case.answers.items() if name != "age_years"} == the_draft().answers
