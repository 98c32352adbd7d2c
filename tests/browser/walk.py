"""A person at the form in a real browser, who walks page by page from answers by question id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page
from sqlalchemy import select

from screening.models import Draft, db
from screening.questions import PAGES
from tests.walk import BORN, PLACE, answer_before, code_on, page_data

_IN_PAGE = (Path(__file__).parent / "walk.js").read_text(encoding="utf-8")


def in_page(page: Page, does: Literal["fill", "press"], what: Any) -> Any:
    """What walk.js does, in a page."""
    return page.evaluate(f"([does, what]) => ({_IN_PAGE})[does](what)", [does, what])


class BrowserWalker:
    """Walks in a real browser, as a person does. `look` is called on every page that the person comes to."""

    def __init__(self, page: Page, look: Callable[[Page], None]) -> None:
        self.page = page
        self.look = look
        self.visited: list[str] = []
        self.code = ""

    @property
    def at(self) -> str:
        found = PLACE.search(self.page.url)
        return found[1] if found else "start"

    def start(self, answers: Mapping[str, Any]) -> None:
        self.page.goto("/")
        self._arrive()
        self.fill({"consent": "yes", **{name: answers[name] for name in BORN}})
        self.press("Start")
        if self.at == "code":
            self.code = code_on(self.page.content())
            self.press("Continue")

    def come_back(self, code: str, answers: Mapping[str, Any]) -> None:
        """Give a code and the date of birth."""
        self.page.goto("/come-back")
        self._arrive()
        self.fill({"code": code, **{name: answers[name] for name in BORN}})
        self.press("Continue")

    def answer(self, answers: Mapping[str, Any]) -> None:
        """Answer the page that the person is at, and press its button."""
        if self.at == "emergency":
            self.press("Go on with the questions")
        elif self.at == "check":
            self.fill({"agree": "yes"})
            self.press("Send")
        else:
            self.fill(page_data(PAGES[self.at], answers))
            self.press("Continue")

    def until(self, place: str, answers: Mapping[str, Any]) -> None:
        """Answer page by page up to a place."""
        for _ in range(len(PAGES) * 2):
            if self.at == place:
                return
            self.answer(answers)
        raise AssertionError(f"{place} was never reached: {self.visited}")

    def skip_to(self, place: str, answers: Mapping[str, Any]) -> None:
        """Stand at a page with all before it answered, but by one save of it all. The test's one open form is theirs.

        For tests of what comes there: nobody is led to another page, as by a sign of an emergency, on the way.
        """
        draft_id = db.session.scalars(select(Draft.id).where(Draft.closed_at.is_(None))).one()
        answer_before(place, draft_id=draft_id, answers=answers)
        self.page.goto(f"/screening/{place}")
        self._arrive()
        assert self.at == place

    def press(self, button: str) -> None:
        place = in_page(self.page, "press", button)
        with self.page.expect_navigation():
            self.page.mouse.click(place["x"], place["y"])
        self._arrive()

    def follow(self, link: str) -> None:
        """Press a link by the words that it is read out with."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=link, exact=True).click()
        self._arrive()

    def fill(self, data: Mapping[str, Any]) -> None:
        """Fill in the controls of these names; what the page does not ask is left out."""
        in_page(self.page, "fill", data)

    def _arrive(self) -> None:
        self.visited.append(self.at)
        self.look(self.page)
