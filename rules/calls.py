"""The call list: the fewest open questions whose answers settle a case's tier. docs/rules-proofs.md has the argument.

A question is open if it was asked and what it holds is unknown: left blank, not sure, declined, an opioid row with a
part missing. A blank on an optional question is not open where the rules take it as neutral. A set of questions settles
the tier if, whatever they and all other open questions turn out to be, the others make no difference to the tier. The
fewest such questions are exactly those that can make a difference by themselves, for some answers to the others. To ask
a question is to ask its follow-ups too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

from rules.causes import least_risky
from rules.model import State, Tier
from rules.opened import Open, Opener
from rules.part import Part
from rules.path import Reading, Walk
from rules.reach import Reach, Reaches

if TYPE_CHECKING:
    from rules.engine import RuleSet

BUDGET = 4000
"""So many combinations are tried for one call list. Questions that would need more stay on the list: never too few."""

Changes = Mapping[str, Reading]


class Calls:
    """Makes call lists for one rule set."""

    def __init__(self, ruleset: RuleSet) -> None:
        self.ruleset = ruleset

    @cached_property
    def reaches(self) -> Reaches:
        return Reaches(self.ruleset)

    @cached_property
    def opener(self) -> Opener:
        return Opener(self.ruleset)

    @cached_property
    def whole(self) -> Part:
        """What all rules read."""
        rules = self.ruleset.compiled.values()
        return Part(self.ruleset, self.reaches.names, {name for rule in rules for name in rule.names})

    def call_list(self, walk: Walk, reached: Collection[str] | None) -> tuple[str, ...]:
        """The questions to ask, in the questionnaire's order."""
        case = _Case(self, walk, reached)
        return tuple(field for field in case.unknown if case.matters(field))


@dataclass(frozen=True)
class _Lift:
    """A rule that reaches a tier, with the open questions behind that as `raised`, `opened` among them. `movable` are
    the others that have an order of risk."""

    reach: Reach
    raised: Changes
    opened: Open
    movable: tuple[str, ...]


class _Case:
    """One person's answers, with what is open in them at its lowest."""

    def __init__(self, calls: Calls, walk: Walk, reached: Collection[str] | None) -> None:
        self._calls = calls
        self._readings = dict(walk.readings)
        self.unknown = [field for field in walk.unsure if self._counts(field)]
        followers = [
            field
            for field in calls.reaches.names.asked_through(self.unknown)
            if walk.readings[field].state is State.NOT_ASKED and (reached is None or field in reached)
        ]
        self._open = {
            **{field: calls.opener.open(field, self._readings[field]) for field in self.unknown},
            **{field: calls.opener.open(field) for field in followers},
        }
        self._readings |= {field: opened.lowest for field, opened in self._open.items()}
        self._budget = BUDGET
        self._sorted: dict[tuple[Tier, tuple[str, ...]], tuple[list[Reach], list[list[Reach]]]] = {}
        self._held: dict[tuple[object, ...], bool] = {}
        self._open_in: dict[Reach, tuple[str, ...]] = {}
        self._floor = self._lowest_tier()

    def _counts(self, field: str) -> bool:
        """Whether a field without a known answer is open: not if it is an optional blank that changes nothing."""
        if not self._calls.ruleset.fields[field].optional or self._readings[field].state is not State.UNANSWERED:
            return True
        cleared = {field: least_risky(self._calls.ruleset.walker.readers[field])}
        return self._outcomes({}) != self._outcomes(cleared)

    def _outcomes(self, changes: Changes) -> list[object]:
        view = self._calls.whole.view(lambda field: changes.get(field) or self._readings[field])
        return [rule.outcome(view) for rule in self._calls.ruleset.compiled.values()]

    def _below(self, tier: Tier, changes: Changes) -> bool:
        """Whether the case is below a tier for something that the questions without an order of risk may be.

        What is open and not among the changes is at its lowest. True too where the budget is spent.
        """
        loose = [opened for field, opened in self._open.items() if not opened.ordered and field not in changes]
        steady, settled_by = self._by_last(tier, tuple(opened.field for opened in loose))
        if any(self._holds(reach, changes) for reach in steady):
            return False
        return self._avoids(loose, settled_by, dict(changes))

    def _by_last(self, tier: Tier, loose: tuple[str, ...]) -> tuple[list[Reach], list[list[Reach]]]:
        """What reaches the tier and none of these fields moves, and the others by the last field that does."""
        if (tier, loose) not in self._sorted:
            steady: list[Reach] = []
            settled_by: list[list[Reach]] = [[] for _ in loose]
            for reach in self._calls.reaches.at(tier):
                moved_by = [place for place, field in enumerate(loose) if field in reach.fields]
                (settled_by[moved_by[-1]] if moved_by else steady).append(reach)
            self._sorted[tier, loose] = steady, settled_by
        return self._sorted[tier, loose]

    def _avoids(self, loose: list[Open], settled_by: list[list[Reach]], changes: Changes) -> bool:
        """Whether the questions without an order can be such that no rule reaches the tier. True if the budget ends."""
        if not loose:
            return True
        for reading in loose[0].rungs:
            if self._spent():
                return True
            chosen = {**changes, loose[0].field: reading}
            if any(self._holds(reach, chosen) for reach in settled_by[0]):
                continue
            if self._avoids(loose[1:], settled_by[1:], chosen):
                return True
        return False

    def _spent(self) -> bool:
        self._budget -= 1
        return self._budget < 0

    def _lowest_tier(self) -> Tier:
        return next(tier for tier in Tier if tier is Tier.EMERGENCY or self._below(Tier(tier + 1), {}))

    def _holds(self, reach: Reach, changes: Changes) -> bool:
        """Whether a rule reaches its tier. What is open and not among the changes is at its lowest."""
        if reach not in self._open_in:
            self._open_in[reach] = tuple(field for field in reach.fields if field in self._open)
        key = (reach, *(changes.get(field) for field in self._open_in[reach]))
        if key not in self._held:
            self._held[key] = reach.holds(lambda field: changes.get(field) or self._readings[field])
        return self._held[key]

    def matters(self, field: str) -> bool:
        """Whether, for some answers to the other open questions, the tier rests on this one."""
        opened = self._open[field]
        lifts = []
        for lift in self._lifts(opened):
            # The first way down is nearly always enough, and costs little; only without it look everywhere.
            if self._avoided(lift, self._brought_down(lift)):
                return True
            lifts.append(lift)
        return any(self._avoidable(lift) for lift in lifts)

    def _lifts(self, opened: Open) -> Iterator[_Lift]:
        """Where a rule reaches a tier above the floor with the question high, the others behind it at their highest."""
        above = [tier for tier in reversed(Tier) if tier > self._floor]
        reaching = [reach for tier in above for reach in self._calls.reaches.at(tier) if opened.field in reach.fields]
        for reach in sorted(reaching, key=lambda reach: opened.field not in reach.reads):
            others = [self._open[field] for field in reach.fields if field in self._open and field != opened.field]
            loose = [other for other in others if not other.ordered]
            ordered = {other.field: _highest(reach, other) for other in others if other.ordered}
            for high, *chosen in product(opened.highs, *(other.rungs for other in loose)):
                raised = {**ordered, **{o.field: r for o, r in zip(loose, chosen, strict=True)}, opened.field: high}
                if self._holds(reach, raised):
                    yield _Lift(reach, raised, opened, tuple(ordered))

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
                if key not in seen and self._holds(lift.reach, lower):
                    seen.add(key)
                    waiting.append(lower)
        return False

    def _avoided(self, lift: _Lift, changes: Changes) -> bool:
        """Whether the case is below the tier without the question, the other answers being these."""
        opened = lift.opened
        without = {field: reading for field, reading in changes.items() if field != opened.field}
        if opened.ordered:
            without[opened.field] = opened.lowest
            if self._holds(lift.reach, without):
                return False
        return self._below(lift.reach.tier, without)

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
        reaching = (r for r in readings if self._holds(lift.reach, {**changes, field: r}))
        return next(reaching, None)

    def _steps_down(self, lift: _Lift, changes: Changes) -> Iterator[Changes]:
        for field in lift.movable:
            for reading in self._open[field].below(changes[field]):
                yield {**changes, field: reading}


def _highest(reach: Reach, opened: Open) -> Reading:
    """The riskiest that a question may be for a rule; of a list, with no more items than the rule asks for."""
    words = reach.words(opened.field)
    return opened.highest if words is None else opened.only(words)
