"""Conditions in plain English: CEL text to nested sentences, with every threshold's number, unit and mark.

`in_words` is exact: it turns each part of a condition into one line, and leaves nothing out. What it cannot read
raises ConditionError, and the page then shows the condition as written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rules import RuleSet, Threshold
from rules.conditions import UNANSWERED, ConditionError
from screening.questions import QUESTIONS
from screening.questions.instruments import AUDIT_C, GAD_2, PEG, PHQ_2
from screening.questions.official import asked, official_questions
from screening.rule_terms import SUMS, TRUTHS
from screening.scores import ADAPTED

PROJECT_MARK = "†"
"""Behind a number of the project's own, which the clinic's medical lead is to confirm."""
AGE = "age_years"
STATE = "_state"
NOT_ANSWERED = "not answered"

_TOKEN = re.compile(r'\s*("[^"]*"|\'[^\']*\'|[A-Za-z_]\w*|\d+(?:\.\d+)?|==|!=|&&|\|\||<=|>=|[<>!()\[\],.])')


@dataclass(frozen=True)
class Words:
    """One line (`text`), or several of which all or any must hold (`parts`)."""

    join: Literal["one", "all", "any"]
    text: str = ""
    parts: tuple[Words, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Every line in it, in order."""
        return (self.text,) if self.join == "one" else tuple(line for part in self.parts for line in part.lines())


_COMPARED = {
    "==": "{name}: exactly {number}{unit}",
    "!=": "{name}: other than {number}{unit}",
    ">=": "{name}: {number} or more{unit}",
    "<=": "{name}: {number} or less{unit}",
    ">": "{name}: more than {number}{unit}",
    "<": "{name}: below {number}{unit}",
}
_STATES = {
    "not_asked": "not asked",
    "unanswered": NOT_ANSWERED,
    "unknown": "answered, but not known",
    "answered": "answered",
}


def in_words(ruleset: RuleSet, condition: str) -> Words:
    """What a condition of this rule set says. Raises rules.conditions.ConditionError for what it cannot put so."""
    return _Reader(ruleset, condition).read()


def number_text(threshold: Threshold) -> str:
    """A threshold's number, with † where it is the project's own."""
    return f"{threshold.value:g}{PROJECT_MARK if threshold.project else ''}"


def label(field: str, code: str) -> str:
    """A code of a question as the person reads it, in quotation marks."""
    if code == UNANSWERED:
        return NOT_ANSWERED
    question = asked(QUESTIONS[field])
    choice = question.choice(code) or (question.choice(int(code)) if code.isdigit() else None)
    return f"“{choice.label if choice else code}”"


def short(field: str) -> str:
    return "Age" if field == AGE else str(QUESTIONS[field].short)


_INSTRUMENT_OF = {"peg_sum": PEG, "phq2": PHQ_2, "gad2": GAD_2, "audit_c": AUDIT_C, "alcohol_positive": AUDIT_C}


def _as_asked(fact: str, words: str) -> str:
    """What a fact says, without the note on its wording where the instrument's own words are asked."""
    instrument = _INSTRUMENT_OF.get(fact)
    official = instrument and all(field in official_questions() for field in instrument.fields)
    return words.replace(f", {ADAPTED}", "") if official else words


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"


def _group(join: Literal["all", "any"], parts: list[Words]) -> Words:
    if len(parts) == 1:
        return parts[0]
    flat = [inner for part in parts for inner in (part.parts if part.join == join else (part,))]
    return Words(join, parts=tuple(flat))


class _Reader:
    """Reads one condition from left to right."""

    def __init__(self, ruleset: RuleSet, condition: str) -> None:
        self._fields = ruleset.fields
        self._thresholds = ruleset.thresholds
        self._tokens = self._split(condition)
        self._at = 0

    def _split(self, condition: str) -> list[str]:
        tokens, at, text = [], 0, condition.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise ConditionError(f"cannot put {text[at:].strip()[:20]!r} in words")
            tokens.append(found[1])
            at = found.end()
        return tokens

    def read(self) -> Words:
        words = self._any()
        if self._peek():
            raise ConditionError(f"cannot put {self._peek()!r} in words")
        return words

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ""

    def _next(self, expected: str | None = None) -> str:
        token = self._peek()
        if not token or (expected and token != expected):
            raise ConditionError(f"cannot put {token or 'the end'!r} in words")
        self._at += 1
        return token

    def _joined(self, sign: str, join: Literal["all", "any"], part: Callable[[], Words]) -> Words:
        parts = [part()]
        while self._peek() == sign:
            self._next()
            parts.append(part())
        return _group(join, parts)

    def _any(self) -> Words:
        return self._joined("||", "any", self._all)

    def _all(self) -> Words:
        return self._joined("&&", "all", self._one)

    def _one(self) -> Words:
        if self._peek() == "(":
            self._next()
            words = self._any()
            self._next(")")
            return words
        if self._peek() == "!":
            self._next()
            return Words("one", self._truth(self._next(), holds=False))
        return Words("one", self._line())

    def _line(self) -> str:
        """One comparison, or one fact."""
        word = self._next()
        if word == "true":
            return "Always"
        if word[0] in "\"'":
            self._next("in")
            return f"{short(field := self._field('any'))}: {label(field, word[1:-1])} ticked"
        if word == "size" and self._peek() == "(":
            return self._size()
        if self._peek() == ".":
            return self._exists(word)
        if self._peek() in _COMPARED or self._peek() == "in":
            return self._comparison(word)
        return self._truth(word, holds=True)

    def _field(self, kind: str | None = None) -> str:
        name = self._next()
        if name not in self._fields or (kind and self._fields[name].kind != kind):
            raise ConditionError(f"cannot put {name!r} in words")
        return name

    def _size(self) -> str:
        self._next("(")
        field = self._field("any")
        self._next(")")
        self._next("==")
        self._next("0")
        return f"{short(field)}: {NOT_ANSWERED}"

    def _exists(self, field: str) -> str:
        self._at -= 1
        self._field("any")
        for expected in (".", "exists", "("):
            self._next(expected)
        variable = self._next()
        for expected in (",", variable, "in"):
            self._next(expected)
        codes = self._codes()
        self._next(")")
        return f"{short(field)}: {_listed([label(field, code) for code in codes])} ticked"

    def _comparison(self, name: str) -> str:
        sign = self._next()
        if name.endswith(STATE) and name.removesuffix(STATE) in self._fields:
            return self._state(name.removesuffix(STATE), sign)
        if name in self._fields and self._fields[name].kind in ("one", "any"):
            return self._answer(name, sign)
        if sign == "in":
            raise ConditionError(f"cannot put {name!r} in words")
        known = short(name) if name in self._fields else self._sum(name)
        number, unit = self._number()
        return _COMPARED[sign].format(name=known, number=number, unit=f" ({unit})" if unit else "")

    def _state(self, field: str, sign: str) -> str:
        states = [_STATES[code] for code in (self._codes() if sign == "in" else [self._next()[1:-1]])]
        return f"{short(field)}: {'anything but ' if sign == '!=' else ''}{_listed(states)}"

    def _answer(self, field: str, sign: str) -> str:
        ticked = self._fields[field].kind == "any"
        codes = self._codes() if sign == "in" or ticked else [self._next()[1:-1]]
        if sign not in ("==", "!=", "in"):
            raise ConditionError(f"cannot put {sign!r} in words")
        answers = _listed([label(field, code) for code in codes])
        but = "anything but " if sign == "!=" else ""
        return f"{short(field)}: {but}{answers}{' alone' if ticked else ''}"

    def _codes(self) -> list[str]:
        self._next("[")
        codes = [self._next()[1:-1]]
        while self._peek() == ",":
            self._next()
            codes.append(self._next()[1:-1])
        self._next("]")
        return codes

    def _number(self) -> tuple[str, str]:
        """A threshold or a plain number, and its unit."""
        token = self._next()
        if token in self._thresholds:
            return number_text(self._thresholds[token]), self._thresholds[token].unit
        if not token[0].isdigit():
            raise ConditionError(f"cannot put {token!r} in words")
        return token, ""

    def _sum(self, name: str) -> str:
        if name not in SUMS:
            raise ConditionError(f"cannot put {name!r} in words")
        return _as_asked(name, SUMS[name])

    def _truth(self, name: str, *, holds: bool) -> str:
        if name not in TRUTHS:
            raise ConditionError(f"cannot put {name!r} in words")
        said = _as_asked(name, TRUTHS[name][0 if holds else 1])
        numbers = {known.id: f"{number_text(known)} {known.unit}" for known in self._thresholds.values()}
        return said.format_map(numbers)
