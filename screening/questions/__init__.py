"""What is asked, in order: steps, pages and questions, with their version and a hash of every word."""

from __future__ import annotations

import hashlib
import json
from contextvars import Context
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from screening.questions.official import official_wording
from screening.questions.spec import Page, Question, Step
from screening.questions.steps import (
    about_you,
    alcohol_drugs,
    feelings,
    health,
    medicines,
    mood,
    pain_effect,
    plans,
    tried,
    urgent_check,
    your_pain,
)

VERSION = "1.0.0"

STEPS: tuple[Step, ...] = tuple(
    module.STEP
    for module in (
        urgent_check,
        about_you,
        your_pain,
        pain_effect,
        feelings,
        tried,
        medicines,
        health,
        mood,
        alcohol_drugs,
        plans,
    )
)
PAGES: dict[str, Page] = {page.id: page for step in STEPS for page in step.pages}
QUESTIONS: dict[str, Question] = {question.id: question for page in PAGES.values() for question in page.questions}


def step_of(page: Page) -> Step:
    """The step that a page belongs to."""
    return next(step for step in STEPS if page in step.pages)


def questionnaire_sha256() -> str:
    """A hash of all that is asked, the official wording of instruments included, as hexadecimal digits."""
    official = official_wording().sha256
    return hashlib.sha256(f"{own_sha256()} {official}".encode()).hexdigest() if official else own_sha256()


@cache
def own_sha256() -> str:
    """A hash of all steps, pages and questions in the language that they are written in, as hexadecimal digits."""
    # Outside every request a lazy string is in that language, whatever is spoken at this moment.
    text = Context().run(lambda: json.dumps(_plain(STEPS), ensure_ascii=False, separators=(",", ":")))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(part: Any) -> Any:
    if is_dataclass(part):
        return {field.name: _plain(getattr(part, field.name)) for field in fields(part)}
    if isinstance(part, tuple):
        return [_plain(item) for item in part]
    return part if isinstance(part, (int, bool)) or part is None else str(part)
