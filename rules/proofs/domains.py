"""The answers to one field as the proofs take them: one for each kind that the conditions in question can tell apart.

Two answers may stand for each other only if the text of every condition that reads the field shows that it cannot
tell them apart: it compares with quoted words or numbers, and in no other way. Where a condition does anything else,
or a fact reads the field, every answer stands for itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import Any

from rules.model import AnswerValue, Field, OpioidTable
from rules.path import NONE, FieldReader, Reading

RISKIER = "riskier"
BLANK = "blank"
NEUTRAL = "neutral"


_WORD = r"(?:\"\w*\"|'\w*')"
_WORDS = rf"\[\s*{_WORD}(?:\s*,\s*{_WORD})*\s*\]"


@dataclass(frozen=True)
class Choice:
    """One answer as JSON has it, and what it is read as."""

    answer: AnswerValue
    reading: Reading


@dataclass(frozen=True)
class Domain:
    """The answers to one field, and the steps between them (from, to) by kind: to a riskier one, from the least risky
    one to a blank, or from one number of the neutral band to the next. Steps between answers that cannot be told
    apart are left out."""

    field: str
    choices: tuple[Choice, ...]
    steps: Mapping[str, frozenset[tuple[int, int]]]

    def only(self, keep: Callable[[AnswerValue], bool]) -> Domain:
        """The same with some answers alone, and no steps."""
        return Domain(self.field, tuple(choice for choice in self.choices if keep(choice.answer)), {})


def domain(
    reader: FieldReader, opioids: OpioidTable, high_mme: Iterable[float], key: Callable[[Choice], Any]
) -> Domain:
    """All answers to a field, one for each key."""
    answers, steps = _answers(reader.field, opioids, high_mme)
    classes: dict[Any, int] = {}
    choices: list[Choice] = []
    class_of: list[int] = []
    for answer in answers:
        choice = Choice(answer, reader.unanswered if answer is None else reader.answered(answer))
        found = classes.setdefault(key(choice), len(choices))
        if found == len(choices):
            choices.append(choice)
        class_of.append(found)
    merged = {
        kind: frozenset((class_of[a], class_of[b]) for a, b in pairs if class_of[a] != class_of[b])
        for kind, pairs in steps.items()
    }
    return Domain(reader.field.id, tuple(choices), merged)


_Steps = dict[str, list[tuple[int, int]]]


def _answers(field: Field, opioids: OpioidTable, high_mme: Iterable[float]) -> tuple[list[AnswerValue], _Steps]:
    """Every answer to a field, the blank one last, and the smallest steps up in risk by their places."""
    if field.kind == "any":
        answers, riskier = _lists(field)
    elif field.kind == "rows":
        answers, riskier = _rows(opioids, high_mme)
    elif field.kind == "text":
        answers, riskier = ["."], []
    else:
        ordered = field.codes if field.kind == "one" else range(field.min or 0, (field.max or 0) + 1)
        answers, riskier = list(ordered), list(pairwise(range(len(ordered))))
    blank = [] if field.unordered or field.kind == "rows" else [(0, len(answers))]
    return [*answers, None], {RISKIER: [] if field.unordered else riskier, BLANK: blank, NEUTRAL: _neutral(field)}


def _neutral(field: Field) -> list[tuple[int, int]]:
    if field.neutral is None:
        return []
    low, high = (number - (field.min or 0) for number in field.neutral)
    return list(pairwise(range(low, high + 1)))


def _lists(field: Field) -> tuple[list[AnswerValue], list[tuple[int, int]]]:
    """Every list that can be ticked. Riskier is one more item; "none" stands below them all."""
    items = field.codes[1:]
    bits = range(len(items))
    ticked: list[AnswerValue] = [[items[bit] for bit in bits if number >> bit & 1] for number in range(1 << len(items))]
    ticked[0] = [NONE]
    steps = [(number, number | 1 << bit) for number in range(len(ticked)) for bit in bits if not number >> bit & 1]
    return ticked, steps


def _rows(opioids: OpioidTable, high_mme: Iterable[float]) -> tuple[list[AnswerValue], list[tuple[int, int]]]:
    """Opioid rows, at each side of every threshold on the sum, for every drug alone and for pairs of unlike drugs.

    Riskier is a higher dose, one more row, or (though nobody says so of a blank) a part left out.
    """
    single = [row for drug in opioids.drugs for row in _rows_of(opioids, drug, high_mme)]
    single.append({"drug": None, "dose": 1, "per_day": 1})
    plain = next(drug for drug in opioids.drugs.values() if drug.factor and drug.per_day_used and not drug.special)
    second = [row for row in single if row["drug"] in (plain.id, None)]
    pairs = [[row, other] for row in single for other in second]
    triples = [[*pair, other] for pair in pairs if pair[0] in second for other in second]
    sets: list[AnswerValue] = [*([row] for row in single), *pairs, *triples]
    return sets, [(a, b) for a, b in _ordered_pairs(sets)]


def _rows_of(opioids: OpioidTable, drug: str, high_mme: Iterable[float]) -> list[dict[str, Any]]:
    facts = opioids.drugs[drug]
    low = facts.dose_min or 1
    per_unit = facts.factor or 1.0
    edges = [edge for high in high_mme for edge in (high / 2, high - 0.001, high, high + 0.001)]
    doses = sorted({low, *(round(edge / per_unit, 9) for edge in edges)})
    rows = [{"drug": drug, "dose": dose, "per_day": 1} for dose in doses if low <= dose <= facts.dose_max]
    return [*rows, {"drug": drug, "dose": None, "per_day": 1}, {"drug": drug, "dose": low, "per_day": None}]


def _ordered_pairs(sets: list[AnswerValue]) -> Iterable[tuple[int, int]]:
    places = {_frozen(rows): place for place, rows in enumerate(sets)}
    groups: dict[tuple[Any, ...], list[int]] = {}
    for place, rows in enumerate(sets):
        for number, row in enumerate(rows):
            rest = (*_frozen(rows[:number]), number, row["drug"], *_frozen(rows[number + 1 :]))
            groups.setdefault(rest, []).append(place)
            shorter = places.get(_frozen(rows[:number] + rows[number + 1 :]))
            if shorter is not None:
                yield shorter, place
    for group in groups.values():
        for a, b in permutations(group, 2):
            if all(less <= more for less, more in zip(_amounts(sets[a]), _amounts(sets[b]), strict=True)):
                yield a, b


def _frozen(rows: list[dict[str, Any]]) -> tuple[Any, ...]:
    return tuple((row["drug"], row["dose"], row["per_day"]) for row in rows)


def _amounts(rows: list[dict[str, Any]]) -> tuple[float, ...]:
    """Dose and times a day of each row. A missing part stands above every amount."""
    top = float("inf")
    return tuple(top if part is None else part for row in rows for part in (row["dose"], row["per_day"]))


def told_apart(
    texts: Iterable[str], name: str, kind: str, numbers: Mapping[str, int | float]
) -> Callable[[Any], Any] | None:
    """What these conditions can tell apart of a field's value, as a key of it; None if only all of it will do.

    `numbers` are the thresholds by id, `kind` is the field's.
    """
    pattern = _FORMS.get(kind)
    if pattern is None:
        return None
    form = re.compile(pattern.format(name=name))
    words: set[str] = set()
    for text in (" ".join(text.split()) for text in texts):
        if re.search(rf"\b{name}\b", form.sub("", text)):
            return None
        words.update(word for found in form.finditer(text) for word in _quoted(found, numbers))
    return _key_of(kind, words, numbers)


def _quoted(found: re.Match[str], numbers: Mapping[str, int | float]) -> list[str]:
    if "number" in found.groupdict():
        return [found["number"]]
    return [word.strip("\"'") for word in re.findall(_WORD, found[0])]


def _key_of(kind: str, words: set[str], numbers: Mapping[str, int | float]) -> Callable[[Any], Any] | None:
    if kind == "one":
        return lambda seen: seen if seen in words else ""
    if kind == "any":
        return lambda seen: seen if seen in ((), (NONE,)) else ("", *(word for word in seen if word in words))
    if any(word not in numbers and not word.isdigit() for word in words):
        return None
    edges = sorted({numbers[word] if word in numbers else int(word) for word in words})
    return lambda seen: (bisect_left(edges, seen), bisect_right(edges, seen))


_NUMBER_FORM = r"(?<![-+*/%])(?<![-+*/%] )\b{name} ?(?:>=|<=|==|!=|>|<) ?(?P<number>\w+)\b(?! ?[-+*/%.(\[])"
_FORMS = {
    "one": rf"\b{{name}}\s*(?:==|!=)\s*{_WORD}|\b{{name}}\s+in\s+{_WORDS}",
    "any": (
        rf"{_WORD}\s+in\s+{{name}}\b|\b{{name}}\s*(?:==|!=)\s*\[\s*\"{NONE}\"\s*\]|\bsize\({{name}}\)\s*(?:==|!=)\s*0\b"
        rf"|\b{{name}}\.exists\(\s*(?P<each>\w+)\s*,\s*(?P=each)\s+in\s+{_WORDS}\s*\)"
    ),
    "integer": _NUMBER_FORM,
    "scale": _NUMBER_FORM,
}
