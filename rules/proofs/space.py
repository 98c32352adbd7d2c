"""All combinations of what some names can be, and the steps between them that one changed answer makes.

Names that rest on common fields, or on fields that have each other's asked, form a component: its answers are
enumerated together, along the real path, so that no combination counts that no answers give. Components share no field:
every combination of one value of each is given by answers, and one changed answer moves one component alone.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from rules.conditions import picker
from rules.engine import RuleSet
from rules.facts import Fact
from rules.model import AnswerValue
from rules.part import STATE, Names, Part
from rules.proofs.domains import Choice, Domain, domain, told_apart

MOST = 3_000_000
"""More combinations than this are not enumerated: the property then counts as not proved."""

Values = tuple[Any, ...]
Only = Mapping[str, Callable[[AnswerValue], bool]]
"""By field: a test that its answers must pass to count."""


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


def _component(names: tuple[str, ...], domains: tuple[Domain, ...], parts: list[Part]) -> Component:
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


class Space:
    """Everything that some names can be together. Combinations are numbered, the last component changing fastest."""

    def __init__(self, components: tuple[Component, ...]) -> None:
        self.components = components
        self.size = prod(len(component.distinct) for component in components)
        if self.size > MOST:
            raise TooLargeError(f"{self.size:,} combinations")
        self.strides = [
            prod(len(component.distinct) for component in components[place + 1 :]) for place in range(len(components))
        ]

    def views(self, constants: Mapping[str, Any] | None = None) -> Iterator[Mapping[str, Any]]:
        """What the names are, for every combination, beside the constants. Each view is good until the next."""
        view: dict[str, Any] = dict(constants or {})
        parts = [
            [dict(zip(component.names, values, strict=True)) for values in component.distinct]
            for component in self.components
        ]

        *others, last = parts or [[{}]]
        for combination in product(*others):
            for part in combination:
                view.update(part)
            for part in last:
                view.update(part)
                yield view

    def answers(self, index: int) -> Given:
        """Answers that give a combination."""
        found = Given({}, frozenset())
        for component, stride in zip(self.components, self.strides, strict=True):
            found = found.with_more(component.witness(index // stride % len(component.distinct)))
        return found

    def step(self, kind: str, component: int, index: int, to: int) -> tuple[Given, Given]:
        """Answers before and after a step of one component from the combination `index` to the place `to`."""
        rest = Given({}, frozenset())
        for place, (each, stride) in enumerate(zip(self.components, self.strides, strict=True)):
            at = index // stride % len(each.distinct)
            if place == component:
                before, after = each.find_step(kind, (at, to))
            else:
                rest = rest.with_more(each.witness(at))
        return rest.with_more(before), rest.with_more(after)

    def moves(self, kind: str) -> Iterator[tuple[int, int, int, list[int]]]:
        """Every step: its component, the places it leads from and to, and the combinations it can be made from."""
        for place, (component, stride) in enumerate(zip(self.components, self.strides, strict=True)):
            block = stride * len(component.distinct)
            for start, end in component.steps(kind):
                firsts = range(start * stride, self.size, block)
                yield place, start, end, [index for first in firsts for index in range(first, first + stride)]


class Spaces:
    """Makes the spaces of a rule set's names. `conditions` are the texts that read the names."""

    def __init__(self, ruleset: RuleSet) -> None:
        self.ruleset = ruleset
        self.known = Names(ruleset)
        self._made: dict[Hashable, Component] = {}
        self._parts = frozenset(field.part for field in ruleset.fields.values() if field.part)

    def space(self, names: Iterable[str], conditions: Iterable[str] = (), only: Only | None = None) -> Space:
        """Everything that the names can be. With `only`, for answers alone that pass its tests."""
        texts = tuple(conditions)
        wanted = sorted({name for name in names if name not in self.ruleset.thresholds})
        groups: list[tuple[set[str], list[str]]] = []
        for name in wanted:
            fields = set(self.known.fields_behind([name]))
            joined = [name]
            for group in [group for group in groups if not group[0].isdisjoint(fields)]:
                groups.remove(group)
                fields |= group[0]
                joined += group[1]
            groups.append((fields, joined))
        return Space(tuple(self._component(tuple(sorted(group)), texts, only or {}) for _, group in groups))

    def _component(self, names: tuple[str, ...], texts: tuple[str, ...], only: Only) -> Component:
        fields = self.known.fields_behind(names)
        gates = [self.known.gates[field] for field in fields if field in self.known.gates]
        reading = [*(gate.condition.text for gate in gates), *texts]
        mentioned = frozenset(text for text in reading if any(re.search(rf"\b{field}\b", text) for field in fields))
        tests = {field: only[field] for field in fields if field in only}
        made = (names, mentioned, tuple(tests.items()))
        if made not in self._made:
            used = {*names, *(name for gate in gates for name in gate.condition.names)}
            used |= {name for fact in self.known.facts_behind(used) for name in fact.reads}
            by_facts = {name for fact in self.known.facts_behind(used) for name in fact.reads}
            domains = tuple(self._domain(field, mentioned, used, by_facts, tests.get(field)) for field in fields)
            parts = [frozenset[str](), *(frozenset({part}) for part in self._parts if self._has_part(fields, part))]
            made_of = [Part(self.ruleset, self.known, names, off) for off in parts]
            self._made[made] = _component(names, domains, made_of)
        return self._made[made]

    def _has_part(self, fields: Iterable[str], part: str) -> bool:
        return any(self.ruleset.fields[field].part == part for field in fields)

    def _domain(
        self,
        field: str,
        texts: Iterable[str],
        used: set[str],
        by_facts: set[str],
        passes: Callable[[AnswerValue], bool] | None,
    ) -> Domain:
        walker = self.ruleset.walker
        kind = self.ruleset.fields[field].kind
        apart = None if field in by_facts else told_apart(texts, field, kind, walker.constants)

        def key(choice: Choice) -> Hashable:
            seen = apart(choice.reading.seen) if apart else choice.reading.seen
            state = choice.reading.state if field + STATE in used else None
            return seen, state, passes and passes(choice.answer)

        doses = [number for number in walker.constants.values() if isinstance(number, float)]
        found = domain(walker.readers[field], self.ruleset.opioids, doses, key)
        return found.only(passes) if passes else found
