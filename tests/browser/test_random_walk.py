"""200 steps at random in a real browser: what is stored is what was shown, however often answers change."""

from __future__ import annotations

import random
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from screening.models import Draft, db
from screening.questions import PAGES
from screening.questions.spec import Question
from tests.browser.walk import BrowserWalker
from tests.walk import LONGEST, page_data, person

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

STEPS = 200
SEED = 20261118
BASE, OTHER = person(), person(**LONGEST)

SHOWN = """() => {
  const shown = {};
  const controls = [...document.querySelectorAll("#answers [name]")];
  for (const control of controls) {
    const ticked = control.type !== "radio" && control.type !== "checkbox" || control.checked;
    if (control.type !== "hidden" && control.type !== "submit" && ticked && control.value !== "") {
      (shown[control.name] ??= []).push(control.value);
    }
  }
  return [shown, controls.map((control) => control.name), document.querySelectorAll(".nhsuk-error-summary").length];
}"""
"""What a page shows as answered, by name, the names of all its controls, and how many summaries of errors it shows."""

FILL = """(data) => {
  for (const control of document.querySelectorAll("#answers [name]")) {
    const texts = [data[control.name] ?? []].flat();
    if (control.type === "radio" || control.type === "checkbox") {
      control.checked = texts.includes(control.value);
    } else if (control.type !== "hidden" && control.type !== "submit") {
      control.value = texts.find((text) => text !== "dont_know") ?? "";
    }
  }
}"""


def an_answer(chance: random.Random, question: Question) -> Any:
    """Any of the choices, or what one of two people answers."""
    known = [BASE.get(question.id), OTHER.get(question.id)]
    codes = [choice.code for choice in question.choices]
    if codes and isinstance(OTHER.get(question.id, BASE.get(question.id)), str | int):
        return chance.choice(codes)
    return chance.choice(known) if None not in known else known[1] or known[0]


def texts(data: dict[str, Any]) -> dict[str, list[str]]:
    """Form data as a page shows it: lists of texts, without blanks."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in data.items()}
    return {name: sorted(value) for name, value in lists.items() if value != [""] and value}


class RandomWalk:
    """Somebody who answers, changes answers, goes back and jumps. `given` is what they gave."""

    def __init__(self, page: Page) -> None:
        self.walker = BrowserWalker(page, lambda _page: None)
        self.chance = random.Random(SEED)  # noqa: S311
        self.given: dict[str, Any] = {}
        self.steps: list[str] = []

    def step(self) -> None:
        page, at = self.walker.page, self.walker.at
        choice = self.chance.random()
        if at == "emergency":
            self.walker.press("Go on with the questions")
        elif at in PAGES and choice < 0.6:
            self.answer(at)
        elif choice < 0.75 and at in PAGES:
            page.go_back()
        elif choice < 0.85:
            page.reload()
        else:
            page.goto(f"/screening/{self.chance.choice(list(PAGES))}" + ("?to=check" if at == "check" else ""))
        self.steps.append(f"{at} {choice:.2f} {self.walker.at}")
        self.compare()

    def answer(self, at: str) -> None:
        _shown, names, _summaries = self.read()
        asked = [q for q in PAGES[at].questions if q.id in names or f"{q.id}-0-drug" in names]
        answers = {**BASE, **{question.id: an_answer(self.chance, question) for question in asked}}
        self.walker.page.evaluate(FILL, page_data(PAGES[at], answers))
        self.walker.press("Continue")
        _shown, _names, summaries = self.read()
        assert summaries == 0, (at, answers)
        self.given.update({question.id: answers[question.id] for question in asked})

    def read(self) -> tuple[dict[str, list[str]], list[str], int]:
        """What SHOWN says of this page."""
        shown, names, summaries = self.walker.page.evaluate(SHOWN)
        return shown, names, summaries

    def compare(self) -> None:
        """All that is stored is what was given, and this page shows what is stored."""
        db.session.rollback()
        stored = db.session.scalars(select(Draft)).one().answers
        assert stored == self.given, self.steps[-3:]
        at = self.walker.at
        if at in PAGES and PAGES[at].questions:
            shown, names, _summaries = self.read()
            on_page = {name for name in shown if name not in page_data(PAGES[at], stored)}
            assert on_page == set(), (at, on_page)
            saved = {
                name: value for name, value in page_data(PAGES[at], stored).items() if name.split("-")[0] in stored
            }
            expected = {name: value for name, value in texts(saved).items() if name in names}
            assert {name: sorted(value) for name, value in shown.items()} == expected, self.steps[-3:]


def test_given_200_steps_at_random_then_what_is_stored_is_what_was_shown(page: Page) -> None:
    walk = RandomWalk(page)
    walk.walker.start(BASE)
    for _step in range(STEPS):
        walk.step()
    assert len(set(walk.given)) > 30, walk.steps
