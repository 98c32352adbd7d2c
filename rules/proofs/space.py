"""All combinations of what some names can be, and the steps between them that one changed answer makes.

Names that rest on common fields, or on fields that have each other's asked, form a component: its answers are
enumerated together, along the real path, so that no combination counts that no answers give. Components share no field:
every combination of one value of each is given by answers, and one changed answer moves one component alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from rules.engine import RuleSet
from rules.model import AnswerValue
from rules.part import STATE, Names, Part
from rules.proofs.component import MOST, Component, Given, TooLargeError, kept_component
from rules.proofs.domains import Choice, Domain, domain, told_apart

Only = Mapping[str, Callable[[AnswerValue], bool]]
"""By field: a test that its answers must pass to count."""


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
            self._made[made] = kept_component(names, domains, made_of)
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
