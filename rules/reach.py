"""Whether a rule gives a case at least some tier: the levels that can, and what they read."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from rules.model import Tier
from rules.part import Names, Part
from rules.path import Reading

if TYPE_CHECKING:
    from rules.engine import CompiledLevel, CompiledRule, RuleSet

_QUOTED = re.compile(r"\w+(?=[\"'])")


class Reach:
    """One rule and one tier. `fields` are what decides, with what has those asked, in the questionnaire's order."""

    def __init__(self, ruleset: RuleSet, names: Names, rule: CompiledRule, tier: Tier) -> None:
        self.tier = tier
        self.levels: tuple[CompiledLevel, ...] = tuple(level for level in rule.levels if level.level.tier >= tier)
        self.reads = frozenset[str]().union(*(level.level.reads for level in self.levels))
        self._ruleset = ruleset
        self._part = Part(ruleset, names, {name for level in self.levels for name in level.reads_names})
        self.fields = self._part.fields
        self._words: dict[str, frozenset[str] | None] = {}

    def holds(self, reading_of: Callable[[str], Reading]) -> bool:
        """Whether the rule gives the tier, or a higher one, where these are the readings of what is asked."""
        view = self._part.view(reading_of)
        given = (level.tier_in(view) for level in self.levels)
        return any(tier is not None and tier >= self.tier for tier in given)

    def words(self, field: str) -> frozenset[str] | None:
        """The items of a list that are asked for by name, or None if it is no list, or others count as well."""
        if field not in self._words:
            self._words[field] = self._asked_for(field)
        return self._words[field]

    def _asked_for(self, field: str) -> frozenset[str] | None:
        if self._ruleset.fields[field].kind != "any" or any(field in fact.reads for fact in self._part.facts):
            return None
        conditions = [level.condition for level in self.levels]
        conditions += [stop.gate.condition for stop in self._part.stops if stop.gate]
        texts = [condition.text for condition in conditions if field in condition.names]
        by_name = re.compile(rf"\bin {field}\b|\b{field}\.exists\(|\bsize\({field}\) == 0")
        if any(re.search(rf"\b{field}\b", by_name.sub("", text)) for text in texts):
            return None
        return frozenset(word for text in texts for word in _QUOTED.findall(text))


class Reaches:
    """What the rules of a rule set can reach."""

    def __init__(self, ruleset: RuleSet) -> None:
        self._ruleset = ruleset
        self._kept: dict[Tier, tuple[Reach, ...]] = {}

    @cached_property
    def names(self) -> Names:
        return Names(self._ruleset)

    def at(self, tier: Tier) -> tuple[Reach, ...]:
        """Every rule that has a level at a tier or above."""
        if tier not in self._kept:
            rules = [rule for rule in self._ruleset.compiled.values() if rule.rule.levels[0].tier >= tier]
            self._kept[tier] = tuple(Reach(self._ruleset, self.names, rule, tier) for rule in rules)
        return self._kept[tier]
