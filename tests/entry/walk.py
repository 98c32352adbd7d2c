"""A member of staff who keys in a form, page by page, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.test import TestResponse

from screening.questions import PAGES
from tests.conftest import Browser
from tests.walk import page_data

FILLED = {"filled_on-month": "11", "filled_on-day": "9", "filled_on-year": "2026"}
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_PLACE = re.compile(r"/staff/entry/\d+/(?:pages/)?([a-z-]+)")


class Clerk:
    """`at` is where the clerk is: a page's id, "call", "check", or "" elsewhere."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.at = ""
        self.address = ""
        self.text = ""
        self.visited: list[str] = []

    def begin(self, channel: str = "paper", **typed: str) -> None:
        self.open(f"/staff/entry/new/{channel}")
        self.send({**(FILLED if channel == "paper" else {}), **typed})

    def key(self, answers: Mapping[str, Any]) -> None:
        """Key in the page that is open; what `answers` does not have was left blank."""
        if self.at == "call":
            self.send({})
            return
        data = page_data(PAGES[self.at], answers)
        self.send({name: value for name, value in data.items() if any(name.startswith(field) for field in answers)})

    def until(self, place: str, answers: Mapping[str, Any]) -> None:
        for _ in range(2 * len(PAGES)):
            if self.at == place:
                return
            self.key(answers)
        raise AssertionError(f"{place} was never reached: {self.visited}")

    def send(self, data: Mapping[str, Any]) -> None:
        response = self.post(data)
        assert response.status_code == 303, (self.at, response.status, response.text)
        self.open(response.location)

    def post(self, data: Mapping[str, Any], address: str | None = None) -> TestResponse:
        found = _TOKEN.search(self.text)
        assert found, f"no form at {self.address}"
        return self.browser.post(address or self.address, data={"csrf_token": found[1], "language": "en", **data})

    def open(self, address: str) -> TestResponse:
        response = self.browser.get(address, follow_redirects=True)
        self.address = response.request.full_path.rstrip("?")
        found = _PLACE.search(response.request.path)
        self.at = found[1] if found else ""
        self.text = response.text
        self.visited.append(self.at)
        return response
