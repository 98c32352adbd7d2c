"""The official wording of instruments that a clinic has put in, asked in place of our own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from flask import current_app, has_app_context
from flask_babel import get_locale

from screening.questions.spec import Question

EXTENSION = "official_wording"


@dataclass(frozen=True)
class OfficialWording:
    """By language, then by field id: each question as its instrument words it, as plain text."""

    questions: Mapping[str, Mapping[str, Question]] = field(default_factory=dict)

    @cached_property
    def sha256(self) -> str:
        """A hash of every official word in every language; "" if there is none."""
        if not self.questions:
            return ""
        plain = {code: {name: _plain(one) for name, one in own.items()} for code, own in self.questions.items()}
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(question: Question) -> list[object]:
    """The official words of a question; what is our own in it, such as its short name, is left out."""
    labels = [[choice.code, str(choice.label)] for choice in question.choices if isinstance(choice.code, int)]
    return [str(question.text), labels, str(question.low_label or ""), str(question.high_label or "")]


NONE = OfficialWording()


def official_wording() -> OfficialWording:
    """What this clinic has put in; nothing outside an application."""
    return cast(OfficialWording, current_app.extensions.get(EXTENSION, NONE)) if has_app_context() else NONE


def official_questions() -> Mapping[str, Question]:
    """The questions asked in an instrument's own words in the language of the moment, by field id."""
    locale = get_locale()
    return official_wording().questions.get(locale.language if locale else "en", {})


def asked(question: Question) -> Question:
    """A question as this clinic asks it, in the language of the moment."""
    return official_questions().get(question.id, question)
