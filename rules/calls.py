"""The call list: the fewest open questions whose answers settle a case's tier. docs/rules-proofs.md has the argument.

A question is open if it was asked and what it holds is unknown: left blank, not sure, declined, an opioid row with a
part missing. A blank on an optional question is not open where the rules take it as neutral. A set of questions settles
the tier if, whatever they and all other open questions turn out to be, the others make no difference to the tier. The
fewest such questions are exactly those that can make a difference by themselves, for some answers to the others. To ask
a question is to ask its follow-ups too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

from rules.causes import least_risky
from rules.conditions import View
from rules.model import State, Tier
from rules.opened import Open, Opener
from rules.part import Names, Part
from rules.path import Reading, Walk

if TYPE_CHECKING:
    from rules.engine import CompiledRule, RuleSet

BUDGET = 4000
"""So many combinations are tried for one call list. Questions that would need more stay on the list: never too few."""

_QUOTED = re.compile(r"\w+(?=[\"'])")

Changes = Mapping[str, Reading]


class Calls:
    """Makes call lists for one rule set."""

    def __init__(self, ruleset: RuleSet) -> None:
        self.ruleset = ruleset

    @cached_property
    def names(self) -> Names:
        return Names(self.ruleset)

    @cached_property
    def opener(self) -> Opener:
        return Opener(self.ruleset)

    @cached_property
    def parts(self) -> Mapping[str, Part]:
        """What each rule reads."""
        rules = self.ruleset.compiled.items()
        return {rule: Part(self.ruleset, self.names, compiled.names) for rule, compiled in rules}

    @cached_property
    def whole(self) -> Part:
        """What all rules read."""
        return Part(self.ruleset, self.names, {n for rule in self.ruleset.compiled.values() for n in rule.names})

    def words(self, rule: str, field: str) -> frozenset[str] | None:
        """The words that a rule compares a list with, or None if it is no list or a fact counts its items."""
        part = self.parts[rule]
        if self.ruleset.fields[field].kind != "any" or any(field in fact.reads for fact in part.facts):
            return None
        conditions = [level.condition for level in self.ruleset.compiled[rule].levels]
        conditions += [stop.gate.condition for stop in part.stops if stop.gate]
        return frozenset(word for condition in conditions for word in _QUOTED.findall(condition.text))

    def call_list(self, walk: Walk, reached: Collection[str] | None) -> tuple[str, ...]:
        """The questions to ask, in the questionnaire's order."""
        case = _Case(self, walk, reached)
        return tuple(field for field in case.unknown if case.matters(field))


@dataclass(frozen=True)
class _Lift:
    """A rule that reaches a tier, with the open questions that it reads as `raised`, `opened` among them. `movable` are
    the others that have an order of risk."""

    rule: CompiledRule
    tier: Tier
    raised: Changes
    opened: Open
    movable: tuple[str, ...]


class _Case:
    """One person's answers, with what is open in them at its lowest."""

    def __init__(self, calls: Calls, walk: Walk, reached: Collection[str] | None) -> None:
        self._calls = calls
        self._rules = calls.ruleset.compiled.values()
        self._readings = dict(walk.readings)
        self.unknown = [field for field in walk.unsure if self._counts(field)]
        followers = [
            field
            for field in calls.names.asked_through(self.unknown)
            if walk.readings[field].state is State.NOT_ASKED and (reached is None or field in reached)
        ]
        self._open = {
            **{field: calls.opener.open(field, self._readings[field]) for field in self.unknown},
            **{field: calls.opener.open(field) for field in followers},
        }
        self._readings |= {field: opened.lowest for field, opened in self._open.items()}
        self._budget = BUDGET
        self._floor = self._lowest_tier()

    def _counts(self, field: str) -> bool:
        """Whether a field without a known answer is open: not if it is an optional blank that changes nothing."""
        if not self._calls.ruleset.fields[field].optional or self._readings[field].state is not State.UNANSWERED:
            return True
        cleared = {field: least_risky(self._calls.ruleset.walker.readers[field])}
        return self._outcomes({}) != self._outcomes(cleared)

    def _outcomes(self, changes: Changes) -> list[object]:
        view = self._calls.whole.view(lambda field: changes.get(field) or self._readings[field])
        return [rule.outcome(view) for rule in self._rules]

    def _below(self, tier: Tier, changes: Changes) -> bool:
        """Whether the case is below a tier for something that the questions without an order of risk may be.

        What is open and not among the changes is at its lowest. True too where the budget is spent.
        """
        loose = [opened for field, opened in self._open.items() if not opened.ordered and field not in changes]
        moving, steady = self._split(frozenset(opened.field for opened in loose))
        for number, chosen in enumerate(product(*(opened.rungs for opened in loose))):
            if self._spent():
                return True
            others = {opened.field: reading for opened, reading in zip(loose, chosen, strict=True)}
            view = self._calls.whole.view({**self._readings, **others, **changes}.__getitem__)
            if number == 0 and _any_reaches(steady, view, tier):
                return False
            if not _any_reaches(moving, view, tier):
                return True
        return False

    def _spent(self) -> bool:
        self._budget -= 1
        return self._budget < 0

    def _split(self, fields: frozenset[str]) -> tuple[list[CompiledRule], list[CompiledRule]]:
        """The rules that some of these fields can move, and the others."""
        parts = self._calls.parts
        moving = [rule for rule in self._rules if not fields.isdisjoint(parts[rule.rule.id].fields)]
        return moving, [rule for rule in self._rules if rule not in moving]

    def _lowest_tier(self) -> Tier:
        return next(tier for tier in Tier if tier is Tier.EMERGENCY or self._below(Tier(tier + 1), {}))

    def _given(self, rule: CompiledRule, changes: Changes) -> Tier | None:
        part = self._calls.parts[rule.rule.id]
        outcome = rule.outcome(part.view(lambda field: changes.get(field) or self._readings[field]))
        return outcome[0] if outcome else None

    def matters(self, field: str) -> bool:
        """Whether, for some answers to the other open questions, the tier rests on this one."""
        opened = self._open[field]
        parts = self._calls.parts
        reading = [rule for rule in self._rules if field in parts[rule.rule.id].fields]
        reading.sort(key=lambda rule: field not in rule.reads)
        lifts = []
        for lift in (lift for rule in reading for high in opened.highs for lift in self._lifts(rule, opened, high)):
            # The first way down is nearly always enough, and costs little; only without it look everywhere.
            if self._avoided(lift, self._brought_down(lift)):
                return True
            lifts.append(lift)
        return any(self._avoidable(lift) for lift in lifts)

    def _lifts(self, rule: CompiledRule, opened: Open, high: Reading) -> Iterator[_Lift]:
        """Where the rule reaches a tier above the floor with `high`, the other open questions at their highest."""
        fields = self._calls.parts[rule.rule.id].fields
        others = [self._open[field] for field in fields if field in self._open and field != opened.field]
        loose = [other for other in others if not other.ordered]
        ordered = {other.field: self._highest(rule, other) for other in others if other.ordered}
        tiers = [level.level.tier for level in rule.levels if level.level.tier > self._floor]
        for tier, chosen in product(reversed(tiers), product(*(other.rungs for other in loose))):
            raised = {**ordered, **{o.field: r for o, r in zip(loose, chosen, strict=True)}, opened.field: high}
            if self._reaches(rule, raised, tier):
                yield _Lift(rule, tier, raised, opened, tuple(ordered))

    def _highest(self, rule: CompiledRule, opened: Open) -> Reading:
        """The riskiest that a question may be for a rule; of a list, with no more items than the rule asks for."""
        words = self._calls.words(rule.rule.id, opened.field)
        if words is None:
            return opened.highest
        return opened.only(words)

    def _reaches(self, rule: CompiledRule, changes: Changes, tier: Tier) -> bool:
        given = self._given(rule, changes)
        return given is not None and given >= tier

    def _avoidable(self, lift: _Lift) -> bool:
        """Whether the others can come down, the rule still reaching the tier, until without the question the case is
        below it. True too where the budget is spent."""
        waiting = [lift.raised]
        seen: set[frozenset[tuple[str, Reading]]] = set()
        while waiting:
            changes = waiting.pop()
            if self._spent() or self._avoided(lift, changes):
                return True
            for lower in self._steps_down(lift, changes):
                key = frozenset(lower.items())
                if key not in seen and self._reaches(lift.rule, lower, lift.tier):
                    seen.add(key)
                    waiting.append(lower)
        return False

    def _avoided(self, lift: _Lift, changes: Changes) -> bool:
        """Whether the case is below the tier without the question, the other answers being these."""
        opened = lift.opened
        without = {field: reading for field, reading in changes.items() if field != opened.field}
        if opened.ordered:
            without[opened.field] = opened.lowest
            if self._reaches(lift.rule, without, lift.tier):
                return False
        return self._below(lift.tier, without)

    def _brought_down(self, lift: _Lift) -> Changes:
        """The first way down: each other question in turn as far as the rule still reaches the tier."""
        changes = dict(lift.raised)
        for field in lift.movable:
            opened = self._open[field]
            down = iter([opened.lowest, *opened.below(changes[field])])
            while (lower := self._first_reaching(lift, changes, field, down)) is not None:
                changes[field] = lower
                down = opened.below(lower)
        return changes

    def _first_reaching(self, lift: _Lift, changes: Changes, field: str, readings: Iterator[Reading]) -> Reading | None:
        reaching = (r for r in readings if self._reaches(lift.rule, {**changes, field: r}, lift.tier))
        return next(reaching, None)

    def _steps_down(self, lift: _Lift, changes: Changes) -> Iterator[Changes]:
        for field in lift.movable:
            for reading in self._open[field].below(changes[field]):
                yield {**changes, field: reading}


def _any_reaches(rules: Iterable[CompiledRule], view: View, tier: Tier) -> bool:
    outcomes = (rule.outcome(view) for rule in rules)
    return any(outcome is not None and outcome[0] >= tier for outcome in outcomes)
