"""Every page that a patient may see, in every state, for everyone: whatever they see, hear, press or can bear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any, Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.exceptions import InternalServerError

from screening.questions import PAGES
from tests.browser.conftest import DESK, PHONE, run_axe
from tests.browser.walk import BrowserWalker
from tests.walk import LONGEST, person

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

FINGERTIP = 44
BARRIERS = (Path(__file__).parent / "barriers.js").read_text(encoding="utf-8")
UNBROKEN = "W" * 1200
"""A word that no line holds, and longer than any answer may be."""

WRITE_EVERYWHERE = """(word) => {
  const boxes = "main :is(input[type=text], input[type=tel], input[type=email], textarea)";
  for (const box of document.querySelectorAll(boxes)) {
    if (box.checkVisibility({ visibilityProperty: true })) box.value = word;
  }
  const button = document.querySelector("main form .nhsuk-button");
  button.scrollIntoView({ block: "center", behavior: "instant" });
  const { left, top, width, height } = button.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}"""
"""Writes a word into every box that is seen. Returns where the button is."""

REFUSAL = """() => [
  document.activeElement.matches(".nhsuk-error-summary"),
  document.querySelector(".nhsuk-error-summary [role=alert] a[href]").checkVisibility({ visibilityProperty: true }),
  document.title.startsWith("Error: "),
]"""
"""Whether the summary of errors is where the keyboard is, shows a link, and is in the title."""

LONG_STORY = person(
    **LONGEST, rf_bladder="new_or_worse_2w", full_name="W" * 200, email=f"{'w' * 60}@wells.org", anything_else="W" * 900
)
"""Every branch, an emergency, and words as long as they may be."""

NOTHING_TO_CORRECT = {
    "code",
    "pain-known",
    "stop",
    "stopped",
    "done",
    "already-sent",
    "nowhere",
    "invitation",
    "lost",
}
"""Where nothing is asked, or all may be left blank."""

APART = {
    "birth": "/screening/date-of-birth",
    "stop": "/screening/stop",
    "nowhere": "/no-such-page",
}
"""Pages beside the way, while a form is open."""

WITHOUT_FORM = {
    "stopped": "/stopped",
    "come-back": "/come-back",
    "your-copy": "/your-copy",
    "invitation": "/invitation",
    "lost": "/screening/check",
}


class Inspector:
    """Looks at pages as they are, and again after something wrong was sent. Keeps what bars anyone, by place."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.colours: Iterator[Literal["dark", "light"]] = cycle(("dark", "light"))
        self.preferences: dict[str, str] = {}
        self.faults: dict[str, list[str]] = {}
        self.seen: dict[str, str] = {}
        """The address of each place."""
        self.corrected: set[str] = set()
        """The places that were seen with something to correct."""

    def visit(self, place: str, address: str) -> None:
        self.page.goto(address)
        self.inspect(place)

    def inspect(self, place: str) -> None:
        """Each place once. Afterwards the person is where they were, and nothing is sent that can be."""
        if place in self.seen:
            return
        self.seen[place] = self.page.url
        self.glance(place)
        if place in NOTHING_TO_CORRECT:
            self.run_axe(place)
        else:
            self._send_something_wrong(place)
            # The walk goes on from the page that was refused, unless that has another address.
            if self.page.url != self.seen[place]:
                self.page.goto(self.seen[place])

    def glance(self, place: str) -> None:
        """What can be measured at once, in the colours that a person chose for everything."""
        self._show(forced_colors="active", reduced_motion="reduce", color_scheme="light")
        self._add(place, self.page.evaluate(BARRIERS, FINGERTIP))

    def run_axe(self, place: str) -> None:
        """One page in dark colours, the next in light ones. As they are found, test_patient_paths.py audits them."""
        self._show(forced_colors="none", reduced_motion="no-preference", color_scheme=next(self.colours))
        self._add(place, run_axe(self.page))

    def _show(self, **preferences: Any) -> None:
        """Each change has the whole page styled and painted anew."""
        if preferences != self.preferences:
            self.page.emulate_media(**preferences)
            self.preferences = preferences

    def _send_something_wrong(self, place: str) -> None:
        button = self.page.evaluate(WRITE_EVERYWHERE, UNBROKEN)
        with self.page.expect_navigation():
            self.page.mouse.click(button["x"], button["y"])
        assert self.page.evaluate(REFUSAL) == [True, True, True], f"{place} refuses nothing"
        self.corrected.add(place)
        self.glance(f"{place}, to correct")
        self.run_axe(f"{place}, to correct")

    def _add(self, place: str, faults: list[str]) -> None:
        if faults:
            self.faults[place] = [*self.faults.get(place, []), *faults]


def test_every_page_in_every_state_bars_nobody(page: Page) -> None:
    inspector = Inspector(page)
    walker = BrowserWalker(page, lambda _: inspector.inspect(walker.at))
    walker.start(LONG_STORY)
    walker.until("check", LONG_STORY)
    for place, address in APART.items():
        inspector.visit(place, address)
    _glance_in_spanish(inspector)

    page.goto("/screening/check")
    walker.until("done", LONG_STORY)
    inspector.visit("already-sent", "/screening/check")
    page.context.clear_cookies()
    for place, address in WITHOUT_FORM.items():
        inspector.visit(place, address)

    assert inspector.faults == {}
    assert inspector.seen.keys() >= {*PAGES, "start", "code", "emergency", "check", "done"}
    assert inspector.seen.keys() - inspector.corrected == NOTHING_TO_CORRECT


def _glance_in_spanish(inspector: Inspector) -> None:
    """All pages of the open form again in the longer words, now with their answers."""
    page = inspector.page
    page.goto("/screening/check")
    with page.expect_navigation():
        page.get_by_role("button", name="Español").click()
    for place, address in list(inspector.seen.items()):
        page.goto(address)
        assert page.evaluate("document.documentElement.lang") == "es" or place == "nowhere"
        inspector.glance(f"{place}, Spanish")
    page.goto("/screening/check")
    with page.expect_navigation():
        page.get_by_role("button", name="English").click()


def test_pages_that_say_that_something_broke_bar_nobody(
    app: Flask, chromium: Browser, live_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise InternalServerError

    context = chromium.new_context(base_url=live_server, viewport=PHONE)
    inspector = Inspector(context.new_page())
    monkeypatch.setitem(app.view_functions, "patient.start", broken)
    inspector.visit("nowhere", "/")
    expect(inspector.page.get_by_role("heading", level=1)).to_have_text("Something went wrong on our side")
    monkeypatch.setattr("screening.errors.render_template", broken)
    inspector.page.goto("/")
    inspector.run_axe("the page without style")
    assert inspector.faults == {}
    context.close()


class KeyboardWalker(BrowserWalker):
    """Walks by Tab, arrows, Space and Return alone."""

    def press(self, button: str) -> None:
        self._tab_to("(focused, text) => focused.textContent.trim() === text", button)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self._arrive()

    def fill(self, data: Mapping[str, Any]) -> None:
        for name in self.page.evaluate(
            "[...new Set([...document.querySelectorAll('main [name]')].map((c) => c.name))]"
        ):
            if name in data:
                self._answer(name, data[name])

    def _answer(self, name: str, value: Any) -> None:
        kind = self.page.locator(f'main [name="{name}"]').first.get_attribute("type")
        if kind == "checkbox":
            for ticked in value if isinstance(value, list) else [value]:
                self._tab_to(
                    "(focused, [name, value]) => focused.name === name && focused.value === value", [name, ticked]
                )
                self.page.keyboard.press("Space")
            return
        self._tab_to("(focused, name) => focused.name === name", name)
        if kind != "radio":
            self.page.keyboard.type(value)
            return
        self.page.keyboard.press("Space")
        while self.page.evaluate("document.activeElement.value") != value:
            self.page.keyboard.press("ArrowDown")

    def _tab_to(self, found: str, what: Any) -> None:
        for _ in range(150):
            if self.page.evaluate(f"(what) => ({found})(document.activeElement, what)", what):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never came to {what} at {self.at}")


def test_the_whole_form_goes_by_keyboard(page: Page) -> None:
    page.set_viewport_size(DESK)
    walker = KeyboardWalker(page, lambda _: None)
    walker.start(person())
    walker.until("done", person())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert walker.visited[-1] == "done"
