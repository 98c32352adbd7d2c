"""A person at the form: walks page by page from answers by question id, over HTTP or in a real browser.

`person()` is the base person of the rules with changes; a value of None chooses "I don't know" or leaves a blank.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import rules
from screening.forms.fields import DONT_KNOW
from screening.questions import PAGES
from screening.questions.spec import Page
from tests.conftest import Browser

BORN = {"date_of_birth-month": "3", "date_of_birth-day": "14", "date_of_birth-year": "1981"}
CONTACT = {"full_name": "Robin Wells", "phone": "555-010-0142", "may_leave_message": "yes", "email": "robin@mail.example"}
_PLACE = re.compile(r"/screening/([a-z-]+)")


def person(**changes: Any) -> dict[str, Any]:
    """Answers by question id: the base person with changes. Keys of identity go through as they are typed."""
    return {**rules.load().base_person, **BORN, **CONTACT, **changes}


def page_data(page: Page, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What a browser would send of a page: form names and texts."""
    if page.identity:
        return {name: answers[name] for name in CONTACT if answers.get(name)}
    data: dict[str, Any] = {}
    for question in page.questions:
        data.update(_typed(question.id, answers.get(question.id)))
    return data


def _typed(name: str, value: Any) -> dict[str, Any]:
    if name == "opioids":
        rows = value or [{}]
        return {
            f"{name}-{number}-{part}": DONT_KNOW if row.get(part) is None else str(row[part])
            for number, row in enumerate(rows)
            for part in ("drug", "dose", "per_day")
        }
    if isinstance(value, list):
        return {name: [str(code) for code in value]}
    return {name: DONT_KNOW if value is None and _offers_dont_know(name) else "" if value is None else str(value)}


def _offers_dont_know(name: str) -> bool:
    return rules.load().fields[name].kind in {"scale", "integer"} and not rules.load().fields[name].optional


class HttpWalker:
    """Walks over HTTP. `visited` are the places in order: page ids, "emergency", "check", "done"."""

    def __init__(self, client: Browser) -> None:
        self.client = client
        self.at = ""
        self.visited: list[str] = []

    def start(self, answers: Mapping[str, Any]) -> str:
        """Consent and begin. Returns where that leads."""
        data = {name: answers[name] for name in BORN}
        return self._follow(self.client.send("/", {"consent": "yes", **data}))

    def answer(self, answers: Mapping[str, Any]) -> str:
        """Answer the page that the person is at, and press its button."""
        if self.at == "emergency":
            return self._follow(self.client.send("/screening/go-on", page=self._address))
        if self.at == "check":
            return self._follow(self.client.send("/screening/check", {"agree": "yes"}))
        return self._follow(self.client.send(self._address, page_data(PAGES[self.at], answers)))

    def open(self, address: str) -> str:
        """Go to an address, by a link or by hand. Returns where that leads."""
        response = self.client.get(address, follow_redirects=True)
        assert response.status_code == 200, response.text
        return self._arrive(response.request.path, response.request.full_path.rstrip("?"))

    def until(self, place: str, answers: Mapping[str, Any]) -> None:
        """Answer page by page up to a place."""
        for _ in range(len(PAGES) * 2):
            if self.at == place:
                return
            self.answer(answers)
        raise AssertionError(f"{place} was never reached: {self.visited}")

    def submit(self, answers: Mapping[str, Any]) -> str:
        """All the way, and send. Returns the page with the result."""
        self.start(answers)
        self.until("done", answers)
        return str(self.client.get("/screening/done").text)

    @property
    def text(self) -> str:
        """The page that the person is at, as HTML."""
        return str(self.client.get(self._address).text)

    def _follow(self, response: Any) -> str:
        assert response.status_code == 303, (self.at, response.status, _errors(response.text))
        return self.open(response.location)

    def _arrive(self, path: str, address: str) -> str:
        found = _PLACE.search(path)
        self.at = found[1] if found else "start"
        self._address = address
        self.visited.append(self.at)
        return self.at


def _errors(html: str) -> list[str]:
    return re.findall(r'href="#[^"]*">([^<]+)<', html)
