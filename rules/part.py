"""A part of a rule set: some names that conditions read, with the fields behind them and what has those asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from rules.facts import Fact
from rules.path import Gate, Reading

if TYPE_CHECKING:
    from rules.engine import RuleSet

STATE = "_state"


class Names:
    """What stands behind each name of a rule set. A gate belongs to the field that it has asked."""

    def __init__(self, ruleset: RuleSet) -> None:
        self.order = tuple(ruleset.fields)
        self.facts: Mapping[str, Fact] = {fact.id: fact for fact in ruleset.derived}
        self.gates: Mapping[str, Gate] = ruleset.walker.gates
        self._thresholds = ruleset.thresholds

    def facts_behind(self, names: Iterable[str]) -> tuple[Fact, ...]:
        """The facts among the names and behind them, each after those it reads."""
        needed = set(names)
        for fact in reversed(tuple(self.facts.values())):
            if fact.id in needed:
                needed.update(fact.reads)
        return tuple(fact for fact in self.facts.values() if fact.id in needed)

    def fields_read(self, names: Iterable[str]) -> frozenset[str]:
        """The fields that the names are or rest on, without what has those asked."""
        found: set[str] = set()
        for name in names:
            if name in self.facts:
                found |= self.fields_read(self.facts[name].reads)
            elif name not in self._thresholds:
                found.add(name if name in self.order else name.removesuffix(STATE))
        return frozenset(found)

    def fields_behind(self, names: Iterable[str]) -> tuple[str, ...]:
        """The fields that the names rest on and those that decide what is asked, in the questionnaire's order."""
        found: set[str] = set()
        new = set(self.fields_read(names))
        while new:
            found |= new
            conditions = [self.gates[field].condition for field in new if field in self.gates]
            new = {field for gate in conditions for field in self.fields_read(gate.names)} - found
        return tuple(field for field in self.order if field in found)

    def asked_through(self, fields: Collection[str]) -> frozenset[str]:
        """The fields whose being asked rests on one of these, directly or not."""
        found: set[str] = set()
        for field in self.order:
            gate = self.gates.get(field)
            if gate and not self.fields_read(gate.condition.names).isdisjoint({*fields, *found}):
                found.add(field)
        return frozenset(found)


class Stop(NamedTuple):
    """One field on the way. `off` says that its part of the questionnaire is switched off."""

    field: str
    state: str
    not_asked: Reading
    gate: Gate | None
    off: bool

    def passed(self, view: dict[str, Any]) -> bool:
        """Whether the field is not asked, by what is seen of the fields before it."""
        return self.off or (self.gate is not None and not self.gate.opens(view))


class Part:
    """What conditions see of some fields alone. `fields` come in the questionnaire's order."""

    def __init__(self, ruleset: RuleSet, known: Names, names: Iterable[str], off: frozenset[str] | None = None) -> None:
        names = tuple(names)
        self.off = ruleset.switched_off if off is None else off
        self.fields = known.fields_behind(names)
        self.facts = known.facts_behind(names)
        self.constants = ruleset.walker.constants
        readers = ruleset.walker.readers
        self.stops = tuple(
            Stop(
                field,
                field + STATE,
                readers[field].not_asked,
                known.gates.get(field),
                readers[field].field.part in self.off,
            )
            for field in self.fields
        )

    def view(self, reading_of: Callable[[str], Reading]) -> dict[str, Any]:
        """Fields, states and facts by name, when these are the readings of the fields if they are asked."""
        view: dict[str, Any] = dict(self.constants)
        for stop in self.stops:
            reading = stop.not_asked if stop.passed(view) else reading_of(stop.field)
            view[stop.field], view[stop.state] = reading.seen, reading.state
        for fact in self.facts:
            view[fact.id] = fact.compute(view)
        return view
