"""The form in Spanish and from right to left, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests import pseudo
from tests.browser.conftest import PHONE, AuditPage
from tests.browser.walk import BrowserWalker
from tests.walk import BORN, LONGEST, person

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
AUDITED = {"start", "emergency", "contact", "opioids"}
BEGINNINGS = (".nhsuk-back-link", ".nhsuk-radios__input", ".nhsuk-checkboxes__input", ".nhsuk-heading-l")
"""What begins a line."""
FROM_THE_RIGHT = """(parts) => Object.fromEntries(
  parts.map((part) => [part, document.querySelector(`main ${part}, nav ${part}`)])
    .filter(([part, found]) => found)
    .map(([part, found]) => [part, innerWidth - found.getBoundingClientRect().right])
)"""
"""How far from the right the first of each of these begins, in pixels, where a page has one."""
ANSWERS = person(**{**LONGEST, "rf_saddle": "new_or_worse_2w", "rf_trauma": "major"})


class Foreigner(BrowserWalker):
    """Presses the main button of a page, whatever it is called."""

    def press(self, button: str) -> None:
        onward = 'form[action*="go-on"] button' if self.at == "emergency" else "main .nhsuk-button"
        with self.page.expect_navigation():
            self.page.locator(onward).first.click()
        self._arrive()


@pytest.fixture
def look(audit_page: AuditPage) -> Callable[[Page], None]:
    """Every page fits a phone, and some are audited."""
    seen: set[str] = set()

    def looks(page: Page) -> None:
        place = Foreigner(page, looks).at
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{page.url} is {width} pixels wide"
        if place in AUDITED - seen:
            seen.add(place)
            audit_page(page)

    return looks


def test_given_spanish_when_pages_are_answered_then_each_is_sound(page: Page, look: Callable[[Page], None]) -> None:
    page.goto("/")
    page.get_by_role("button", name="Español", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    walker = Foreigner(page, look)
    walker.start(ANSWERS)
    walker.until("pain-where", ANSWERS)
    expect(page.get_by_role("heading", level=1)).to_have_text("¿Dónde está su dolor?")


def test_given_text_in_a_box_when_return_is_pressed_then_the_language_stays(page: Page) -> None:
    page.goto("/")
    for name, value in BORN.items():
        page.locator(f'[name="{name}"]').fill(value)
    page.locator('[name="consent"]').check()
    with page.expect_navigation():
        page.locator('[name="date_of_birth-year"]').press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    Foreigner(page, lambda _page: None).press("Continue")
    page.get_by_label("I am, for myself").check()
    page.get_by_role("button", name="Español", exact=True).click()
    expect(page.get_by_label("Yo, por mí")).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text(re.compile("contenido principal"))


class TestFromRightToLeft:
    @pytest.fixture(autouse=True)
    def _pseudo(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        pseudo.speak_pseudo(monkeypatch, tmp_path / "catalogues")

    def test_given_a_language_from_right_to_left_then_pages_are_mirrored(
        self, app: Flask, page: Page, look: Callable[[Page], None]
    ) -> None:
        pseudo.offer_pseudo()
        page.goto("/")
        page.get_by_role("button", name=pseudo.NAME, exact=True).click()
        expect(page.locator("html")).to_have_attribute("dir", "rtl")

        def mirrored(on: Page) -> None:
            look(on)
            for part, right in on.evaluate(FROM_THE_RIGHT, BEGINNINGS).items():
                assert right < 40, f"{part} on {on.url} begins {right} pixels from the right"

        walker = Foreigner(page, mirrored)
        walker.start(ANSWERS)
        walker.until("done", ANSWERS)
