"""A person at the form over HTTP, who walks page by page from answers by question id. In a browser: browser/walk.py.

`person()` is the base person of the rules with changes; a value of None chooses "I don't know" or leaves a blank.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

import rules
from screening.actions import drafts
from screening.actions.unit import PATIENT
from screening.forms.fields import DONT_KNOW
from screening.questions import PAGES
from screening.questions.spec import Page
from screening.rulebook import ruleset
from tests.conftest import Browser

BORN = {"date_of_birth-month": "3", "date_of_birth-day": "14", "date_of_birth-year": "1981"}
CONTACT = {
    "full_name": "Robin Wells",
    "phone": "555-010-0142",
    "may_leave_message": "yes",
    "email": "robin@wells.org",
}
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_MARK = re.compile(r'name="page_mark" value="([^"]+)"')
_CODE = re.compile(r'<p class="app-code".*?</p>', re.DOTALL)
_GO_ON = re.compile(r'href="([^"]+)"[^>]*role="button"|role="button"[^>]*href="([^"]+)"')
PLACE = re.compile(r"/screening/([a-z-]+)")
"""Finds the place that an address leads to."""


def person(**changes: Any) -> dict[str, Any]:
    """Answers by question id: the base person with changes. Keys of identity go through as they are typed."""
    return {**rules.load().base_person, **BORN, **CONTACT, **changes}


LONGEST = {
    "completed_by": "carer",
    "with_patient": "yes",
    "sex_at_birth": "female",
    "pregnancy": "no",
    "tx_ketamine": "helped_short",
    "ketamine_courses": 3,
    "meds_list": ["opioid", "gabapentinoid"],
    "opioids": [{"drug": "oxycodone", "dose": 10, "per_day": 3}],
    "opioid_months": "gt_3m",
    "opioid_concerns": ["none"],
    "phq9_item9": 1,
    "si_now": "no",
    "audit1": 2,
    "audit2": 1,
    "audit3": 0,
    "considering_ketamine": "yes",
    "ketamine_setting": "clinic",
    "escort": "yes",
    "expectation": "some_relief",
}
"""Answers that open every branch."""


def stored(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to questions alone, without age: that is what the date of birth says."""
    known = rules.load().fields
    return {field: value for field, value in answers.items() if field in known and field != "age_years"}


def contact_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    """What the page on name and phone keeps of them, of a person with a phone."""
    assert answers["phone"]
    given = {"no_phone": False, "may_leave_message": answers["may_leave_message"] == "yes"}
    return {name: answers.get(name) for name in ("full_name", "phone", "email")} | given


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


def answer_before(at: str, *, draft_id: int, answers: Mapping[str, Any]) -> None:
    """One save of all that is asked before a page."""
    before = list(PAGES.values())[: list(PAGES).index(at) if at in PAGES else None]
    asked = ruleset().asked(drafts.answers_so_far(drafts.load(draft_id)) | stored(answers))
    fields = [question.id for page in before for question in page.questions if question.id in asked]
    drafts.save_page(draft_id=draft_id, values={field: answers.get(field) for field in fields}, by=PATIENT)
    if any(page.identity for page in before):
        drafts.save_identity(draft_id=draft_id, identity=contact_of(answers), by=PATIENT)


class HttpWalker:
    """Walks over HTTP. `visited` are the places in order: page ids, "emergency", "check", "done"."""

    def __init__(self, client: Browser) -> None:
        self.client = client
        self.at = ""
        self.text = ""
        """The page that the person is at, as HTML."""
        self.address = "/"
        self.visited: list[str] = []
        self.code = ""
        """The code of the form, as it was shown at the start."""

    def start(self, answers: Mapping[str, Any]) -> str:
        """Consent, begin, and go on from the page with the code. Returns where that leads."""
        self.open("/")
        if self.send("/", {"consent": "yes", **{name: answers[name] for name in BORN}}) == "code":
            self.code = code_on(self.text)
            onward = _GO_ON.search(self.text)
            assert onward, "no way on from the code"
            self.open(unescape(onward[1] or onward[2]))
        return self.at

    def come_back(self, code: str, answers: Mapping[str, Any]) -> str:
        """Give a code and the date of birth. Returns where that leads."""
        self.open("/come-back")
        return self.send("/come-back", {"code": code, **{name: answers[name] for name in BORN}})

    def answer(self, answers: Mapping[str, Any]) -> str:
        """Answer the page that the person is at, and press its button. Returns where that leads."""
        if self.at == "emergency":
            return self.send("/screening/go-on", {})
        if self.at == "check":
            return self.send("/screening/check", {"agree": "yes"})
        return self.send(self.address, page_data(PAGES[self.at], answers))

    def until(self, place: str, answers: Mapping[str, Any]) -> None:
        """Answer page by page up to a place."""
        for _ in range(len(PAGES) * 2):
            if self.at == place:
                return
            self.answer(answers)
        raise AssertionError(f"{place} was never reached: {self.visited}")

    def walk(self, answers: Mapping[str, Any], until: str = "done") -> str:
        """From the start up to a place. Returns its page."""
        self.start(answers)
        self.until(until, answers)
        return self.text

    def arrive(self, answers: Mapping[str, Any], at: str = "check") -> str:
        """Begin, and stand at a page with all before it answered, but by one save of it all. Returns the page.

        For tests of what comes there: nobody is led to another page, as by a sign of an emergency, on the way.
        """
        self.start(answers)
        with self.client.session_transaction() as session:
            answer_before(at, draft_id=session["draft_id"], answers=answers)
        assert self.open(f"/screening/{at}") == at
        return self.text

    def finish(self, answers: Mapping[str, Any]) -> str:
        """Arrive at the check page, and send. Returns the page of the result."""
        self.arrive(answers)
        assert self.answer(answers) == "done"
        return self.text

    def send(self, address: str, data: Mapping[str, Any]) -> str:
        """Post with the token of the page that the person is at, and follow where it leads."""
        response = self.post(address, data)
        assert response.status_code == 303, (self.at, response.status, errors_on(response.text))
        return self.open(response.location)

    def post(self, address: str, data: Mapping[str, Any]) -> TestResponse:
        """Post with the token of the page that the person is at."""
        found = _TOKEN.search(self.text)
        assert found, f"no form at {self.at}"
        mark = _MARK.search(self.text)
        sent = {"csrf_token": found[1], **({"page_mark": mark[1]} if mark else {}), **data}
        return self.client.post(address, data=sent)

    def open(self, address: str) -> str:
        """Go to an address, by a link or by hand. Returns where that leads."""
        response = self.client.get(address, follow_redirects=True)
        assert response.status_code == 200, response.text
        found = PLACE.search(response.request.path)
        self.at = found[1] if found else "start"
        self.address = response.request.full_path.rstrip("?")
        self.text = response.text
        self.visited.append(self.at)
        return self.at


def code_on(html: str) -> str:
    """The code that a page shows."""
    shown = _CODE.search(html)
    assert shown, "no code on the page"
    return " ".join(re.sub(r"<[^>]+>", " ", shown[0]).split())


def errors_on(html: str) -> list[str]:
    """What the error summary of a page says."""
    summary = re.search(r'<ul class="nhsuk-list nhsuk-error-summary__list".*?</ul>', html, re.DOTALL)
    return [line.strip() for line in re.findall(r">([^<>]+)</a>", summary[0])] if summary else []
