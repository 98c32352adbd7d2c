"""The smallest cause of a finding, and what would clear it: exact, by search over the answers behind it by size.

Answers that are left out of a cause, or cleared, are set to their least risky value, and the path is followed anew: a
follow-up that then falls off counts as not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

from rules.model import Finding, State, Tier
from rules.part import Names, Part
from rules.path import NONE, FieldReader, Reading

if TYPE_CHECKING:
    from rules.engine import CompiledRule, RuleSet


@dataclass(frozen=True)
class Cause:
    """Why a finding fires, as field ids."""

    smallest: tuple[str, ...]
    clears: tuple[str, ...]


class Causes:
    """Looks for causes in one rule set."""

    def __init__(self, ruleset: RuleSet) -> None:
        self._ruleset = ruleset
        self._parts: dict[str, Part] = {}

    @cached_property
    def _names(self) -> Names:
        return Names(self._ruleset)

    def both(self, finding: Finding, readings: Mapping[str, Reading]) -> Cause:
        return Cause(self.smallest(finding, readings), self.clears(finding, readings))

    def smallest(self, finding: Finding, readings: Mapping[str, Reading]) -> tuple[str, ...]:
        """The fewest of `finding.because` that give the same tier by the same level; the first such in their order."""
        trial = self._trial(finding, readings)
        wanted = (finding.tier, finding.level)
        causes = (kept for kept in _by_size(finding.because) if trial(set(finding.because).difference(kept)) == wanted)
        return next(causes, finding.because)

    def clears(self, finding: Finding, readings: Mapping[str, Reading]) -> tuple[str, ...]:
        """The fewest of `finding.because` that, at their least risky value, leave no finding of this tier; () if none
        do."""
        trial = self._trial(finding, readings)
        cleared = (changed for changed in _by_size(finding.because) if _below(trial(set(changed)), finding.tier))
        return next(cleared, ())

    def _trial(self, finding: Finding, readings: Mapping[str, Reading]) -> Callable[[Collection[str]], _Outcome]:
        """What the finding's rule gives with some fields at their least risky value."""
        compiled = self._ruleset.compiled[finding.rule]
        part = self._part(compiled)
        level = next(given for given in compiled.rule.levels if given.tier == finding.level)
        readers = self._ruleset.walker.readers
        least = {field: least_risky(readers[field], level.because_also) for field in finding.because}

        def trial(fields: Collection[str]) -> _Outcome:
            outcome = compiled.outcome(part.view(lambda field: least[field] if field in fields else readings[field]))
            return (outcome[0], outcome[1].tier) if outcome else None

        return trial

    def _part(self, compiled: CompiledRule) -> Part:
        if compiled.rule.id not in self._parts:
            self._parts[compiled.rule.id] = Part(self._ruleset, self._names, compiled.names)
        return self._parts[compiled.rule.id]


_Outcome = tuple[Tier, Tier] | None


def _by_size(fields: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for size in range(len(fields) + 1):
        yield from combinations(fields, size)


def _below(outcome: _Outcome, tier: Tier) -> bool:
    return outcome is None or outcome[0] < tier


def least_risky(reader: FieldReader, causes: Collection[str] = ()) -> Reading:
    """The reading of a field's least risky answer; of a code, the first that is not itself one of the causes."""
    field = reader.field
    if field.kind == "rows":
        return Reading(State.ANSWERED, (), (), State.ANSWERED, False)
    fixed: dict[str, Any] = {"any": [NONE], "text": ""}
    if field.kind in fixed:
        return reader.answered(fixed[field.kind])
    if field.codes:
        return reader.answered(next(code for code in field.codes if str(code) not in causes))
    return reader.answered(field.neutral[0] if field.neutral else field.min)
