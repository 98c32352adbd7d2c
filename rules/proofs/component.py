"""Names that rest on common fields: all that they can be together, and the steps that one changed answer makes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from rules.conditions import picker
from rules.facts import Fact
from rules.model import AnswerValue
from rules.part import Part
from rules.proofs.domains import Domain

MOST = 3_000_000
"""More combinations than this are not enumerated: the property then counts as not proved."""

Values = tuple[Any, ...]


class TooLargeError(Exception):
    """There are more combinations than can be enumerated."""


@dataclass(frozen=True)
class Given:
    """Answers to some questions, with the parts of the questionnaire that are switched off."""

    answers: dict[str, AnswerValue]
    off: frozenset[str]

    def with_more(self, more: Given) -> Given:
        return Given({**self.answers, **more.answers}, self.off | more.off)


@dataclass(frozen=True)
class Branch:
    """One run through a component's answers, with some parts of the questionnaire switched off. `values` holds the
    place of what the names are, for every combination of the domains' choices in order."""

    off: frozenset[str]
    values: list[int]


class Component:
    """Names that rest on common fields. `distinct` are the values they can have together, in the order of `names`."""

    def __init__(self, names: tuple[str, ...], domains: tuple[Domain, ...], parts: Iterable[Part]) -> None:
        self.names = names
        self.domains = domains
        self.fields = tuple(each.field for each in domains)
        self.size = prod(len(each.choices) for each in domains)
        if self.size > MOST:
            raise TooLargeError(f"{self.size:,} combinations of {', '.join(self.fields)}")
        self._places: dict[Values, int] = {}
        self.branches = tuple(Branch(part.off, self._run(part)) for part in parts)
        self.distinct = tuple(self._places)
        self._by_kind: dict[str, set[tuple[int, int]]] = {}
        self._strides = [prod(len(d.choices) for d in domains[place + 1 :]) for place in range(len(domains))]

    def _run(self, part: Part) -> list[int]:
        """What the names are for each combination, the last field's answers changing fastest."""
        found: list[int] = []
        view: dict[str, Any] = dict(part.constants)
        readings = [[choice.reading for choice in each.choices] for each in self.domains]
        values_of = picker(self.names)
        known_at = _facts_known_at(part)
        last = len(readings) - 1

        def descend(depth: int) -> None:
            stop, facts = part.stops[depth], known_at[depth]
            passed = stop.passed(view)
            first = len(found)
            for reading in [stop.not_asked] if passed else readings[depth]:
                view[stop.field], view[stop.state] = reading.seen, reading.state
                for fact in facts:
                    view[fact.id] = fact.compute(view)
                if depth < last:
                    descend(depth + 1)
                else:
                    found.append(self._places.setdefault(values_of(view), len(self._places)))
            if passed:
                found.extend(found[first:] * (len(readings[depth]) - 1))

        descend(0)
        return found

    def steps(self, kind: str) -> set[tuple[int, int]]:
        """The pairs of places in `distinct` that some step of this kind leads from and to."""
        if kind not in self._by_kind:
            self._by_kind[kind] = {pair for _, _, _, pairs in self._steps(kind) for pair in pairs}
        return self._by_kind[kind]

    def find_step(self, kind: str, wanted: tuple[int, int]) -> tuple[Given, Given]:
        """Answers before and after a step of this kind that leads from and to these places."""
        for branch, place, (start, end), pairs in self._steps(kind):
            if wanted not in pairs:
                continue
            stride, radix = self._strides[place], len(self.domains[place].choices)
            for index, value in enumerate(branch.values):
                if value == wanted[0] and index // stride % radix == start:
                    other = index + (end - start) * stride
                    if branch.values[other] == wanted[1]:
                        return self._given(branch, index), self._given(branch, other)
        raise LookupError(wanted)

    def _steps(self, kind: str) -> Iterator[tuple[Branch, int, tuple[int, int], set[tuple[int, int]]]]:
        for place, each in enumerate(self.domains):
            for start, end in each.steps.get(kind, ()):
                for branch in self.branches:
                    yield branch, place, (start, end), self._moves(branch.values, place, start, end)

    def _moves(self, values: list[int], place: int, start: int, end: int) -> set[tuple[int, int]]:
        """Where one answer's change from one choice to another leads, whatever the other answers are."""
        stride = self._strides[place]
        block = stride * len(self.domains[place].choices)
        found: set[tuple[int, int]] = set()
        if stride * block > len(values):
            for first in range(0, len(values), block):
                low, high = first + start * stride, first + end * stride
                found.update(zip(values[low : low + stride], values[high : high + stride], strict=True))
        else:
            for offset in range(stride):
                low, high = offset + start * stride, offset + end * stride
                found.update(zip(values[low::block], values[high::block], strict=True))
        return {(a, b) for a, b in found if a != b}

    def witness(self, place: int) -> Given:
        """Answers that give these values."""
        branch = next(branch for branch in self.branches if place in branch.values)
        return self._given(branch, branch.values.index(place))

    def _given(self, branch: Branch, index: int) -> Given:
        places = zip(self.domains, self._strides, strict=True)
        answers = {each.field: each.choices[index // stride % len(each.choices)].answer for each, stride in places}
        return Given(answers, branch.off)


def _facts_known_at(part: Part) -> list[list[Fact]]:
    """The facts by the stop on the way after which all is known that they read."""
    known = {name: depth for depth, stop in enumerate(part.stops) for name in (stop.field, stop.state)}
    facts: list[list[Fact]] = [[] for _ in part.stops]
    for fact in part.facts:
        known[fact.id] = max((known.get(name, 0) for name in fact.reads), default=0)
        facts[known[fact.id]].append(fact)
    return facts


_LARGE = 100_000
_KEPT = 8
_kept: OrderedDict[Hashable, Component] = OrderedDict()


def kept_component(names: tuple[str, ...], domains: tuple[Domain, ...], parts: list[Part]) -> Component:
    """The component, kept from one rule set to the next where it is large and nothing in it is a rule set's own."""
    alone = len(parts) == 1 and not any(stop.gate or stop.off for stop in parts[0].stops)
    if not alone or prod(len(each.choices) for each in domains) < _LARGE:
        return Component(names, domains, parts)
    (part,) = parts
    numbers = tuple(part.constants.get(name) for fact in part.facts for name in fact.reads)
    answers = tuple(
        (each.field, tuple(choice.reading for choice in each.choices), tuple(each.steps.items())) for each in domains
    )
    key = (names, part.facts, numbers, answers)
    if key not in _kept:
        _kept[key] = Component(names, domains, parts)
        if len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return _kept[key]
