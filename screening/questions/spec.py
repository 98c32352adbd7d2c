"""The shape of what is asked: steps hold pages, pages hold questions, questions hold choices.

The words are lazy strings, so that one spec serves every language. Kinds, codes, ranges and conditions
are the rules' own (rules/fields.yaml); a question adds the words to a field of the same id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Words(Protocol):
    """A string, or a lazy string of Flask-Babel: its text in the language of the moment."""

    def __str__(self) -> str: ...


@dataclass(frozen=True)
class Choice:
    code: str | int
    label: Words
    hint: Words | None = None


@dataclass(frozen=True)
class Part:
    """One part of a row, such as the dose of a medicine."""

    id: str
    text: Words
    hint: Words | None = None
    dont_know: Words | None = None
    """The box that leaves the part unknown on purpose."""


@dataclass(frozen=True)
class Question:
    """The words of one field. `choices` are in the order in which they are shown.

    A scale may have a choice for each number; without them it is shown as numbers between two labels.
    """

    id: str
    text: Words
    short: Words
    """A few words for summaries and staff lists."""
    hint: Words | None = None
    hint_under_18: Words | None = None
    """The hint for a minor, where the other speaks of ketamine."""
    choices: tuple[Choice, ...] = ()
    low_label: Words | None = None
    """What the scale's lowest number means."""
    high_label: Words | None = None
    unit: Words | None = None
    dont_know: Words | None = None
    """The choice that leaves a number or a scale unanswered on purpose."""
    parts: tuple[Part, ...] = ()
    """The parts of each row, in order."""
    body_map: bool = False
    """Whether the choices are places on the body map (screening/bodymap.py), shown beside them to tap."""

    def choice(self, code: str | int | None) -> Choice | None:
        return next((choice for choice in self.choices if choice.code == code), None)


@dataclass(frozen=True)
class Page:
    id: str
    """Stands in the URL; stable."""
    title: Words
    questions: tuple[Question, ...]
    intro: Words | None = None
    inset: Words | None = None
    crisis_line: bool = False
    """Whether the crisis line is shown on the page, whatever the answers."""
    identity: bool = False
    """Whether the page asks who the person is: it has no questions, and is always on the path."""


@dataclass(frozen=True)
class Step:
    number: int
    id: str
    title: Words
    pages: tuple[Page, ...]
