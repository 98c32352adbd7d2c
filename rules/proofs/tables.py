"""What rules give for all combinations of what they read, and whether real answers bear it out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rules.engine import CompiledRule, RuleSet
from rules.model import AnswerError, Answers, AnswerValue, Assessment, Field, OpioidTable, Tier
from rules.path import NONE
from rules.proofs.component import Given
from rules.proofs.space import Only, Space, Spaces

TRIES = 300
"""How many combinations are tried as real answers before one counts as not borne out."""


@dataclass(frozen=True)
class Fault:
    """Why a property does not hold. `cases` are complete answers that show it: one person, or before and after."""

    subject: str
    reason: str
    cases: tuple[Answers, ...] = ()
    off: frozenset[str] = frozenset()

    def __str__(self) -> str:
        with_off = f" (with {', '.join(sorted(self.off))} switched off)" if self.off else ""
        return f"{self.subject}: {self.reason}{with_off}"


@dataclass(frozen=True)
class Proof:
    """One property of a rule, a fact or a sign: what was enumerated, and what speaks against it."""

    subject: str
    combinations: int
    faults: tuple[Fault, ...] = ()
    note: str = ""


Outcome = tuple[Tier, Tier] | None
"""The tier that a rule gives and the tier of the level that gave it."""


class Table:
    """What some rules together give for every combination of what they read.

    `tiers` has the highest tier of each combination, INFO where nothing fires. `outcomes` has those of the first rule.
    `broken` are the combinations for which a condition gives an error.
    """

    def __init__(self, rules: tuple[CompiledRule, ...], space: Space, constants: Mapping[str, Any]) -> None:
        self.space = space
        self.outcomes: list[Outcome] = []
        self.tiers: list[Tier] = []
        self.broken: list[int] = []
        for index, view in enumerate(space.views(constants)):
            outcomes = [self._outcome(rule, view, index) for rule in rules]
            self.outcomes.append(outcomes[0])
            self.tiers.append(max((outcome[0] for outcome in outcomes if outcome), default=Tier.INFO))

    def _outcome(self, rule: CompiledRule, view: Mapping[str, Any], index: int) -> Outcome:
        try:
            outcome = rule.outcome(view)
        except ArithmeticError:
            self.broken.append(index)
            return None
        return outcome and (outcome[0], outcome[1].tier)

    def moves(self, kind: str, differ: Callable[[int, int], bool]) -> Iterator[tuple[int, int, int]]:
        """The steps of a kind between combinations that differ so: component, combination, place it leads to."""
        for component, start, end, indexes in self.space.moves(kind):
            shift = (end - start) * self.space.strides[component]
            for index in indexes:
                if differ(index, index + shift):
                    yield component, index, end

    def count(self, kind: str) -> int:
        """How many steps of a kind there are."""
        return sum(len(indexes) for _, _, _, indexes in self.space.moves(kind))


class Bench:
    """A rule set on the bench. `load` gives it with other parts of the questionnaire switched off.

    `only` is the rule, fact, sign or question that alone is proved; without it all are.
    """

    def __init__(self, ruleset: RuleSet, load: Callable[[frozenset[str]], RuleSet], only: str | None = None) -> None:
        self.ruleset = ruleset
        self._only = only
        self.spaces = Spaces(ruleset)
        self._load = load
        self._loaded = {ruleset.switched_off: ruleset}
        self._tables: dict[str, Table] = {}
        self._calm = {field.id: _least(field, ruleset.opioids) for field in ruleset.fields.values()}

    @cached_property
    def rules(self) -> tuple[CompiledRule, ...]:
        return tuple(self.ruleset.compiled.values())

    def proves(self, subject: str) -> bool:
        """Whether this rule, fact, sign or question is to be proved."""
        return self._only is None or self._only == subject

    @cached_property
    def proved_rules(self) -> tuple[CompiledRule, ...]:
        """The rules that are to be proved."""
        return tuple(rule for rule in self.rules if self.proves(rule.rule.id))

    def table(self, rule: CompiledRule) -> Table:
        if rule.rule.id not in self._tables:
            self._tables[rule.rule.id] = self.joint_table((rule,))
        return self._tables[rule.rule.id]

    def joint_table(self, rules: tuple[CompiledRule, ...], only: Only | None = None, *more: str) -> Table:
        """What rules give together, by what they read and by the names in `more`."""
        names = {name for rule in rules for name in rule.names}
        texts = [level.condition.text for rule in rules for level in rule.levels]
        space = self.spaces.space({*names, *more}, texts, only)
        return Table(rules, space, self.ruleset.walker.constants)

    def answers(self, given: Given) -> dict[str, AnswerValue]:
        """Complete answers: those given, and to every other question the least risky one."""
        return {**self._calm, **given.answers}

    def assess(self, given: Given) -> Assessment | None:
        """What real answers give, or None if the questionnaire does not allow them."""
        off = given.off | self.ruleset.switched_off
        if off not in self._loaded:
            self._loaded[off] = self._load(off)
        try:
            return self._loaded[off].assess(self.answers(given))
        except AnswerError:
            return None

    def fault(self, subject: str, reason: str, *cases: Given) -> Fault:
        return Fault(
            subject, reason, tuple(self.answers(case) for case in cases), cases[0].off if cases else frozenset()
        )

    def first(self, table: Table, indexes: Iterable[int], shows: Callable[[Assessment], bool]) -> Given | None:
        """The first of some combinations that real answers bear out."""
        for tries, index in enumerate(indexes):
            if tries == TRIES:
                break
            given = table.space.answers(index)
            assessment = self.assess(given)
            if assessment is not None and shows(assessment):
                return given
        return None


def _least(field: Field, opioids: OpioidTable) -> AnswerValue:
    """The least risky answer to a question."""
    if field.kind == "rows":
        drug = next(iter(opioids.drugs.values()))
        return [{"drug": drug.id, "dose": drug.dose_min or 1, "per_day": 1}]
    fixed: dict[str, AnswerValue] = {"any": [NONE], "text": None}
    if field.kind in fixed:
        return fixed[field.kind]
    return field.codes[0] if field.codes else (field.neutral[0] if field.neutral else field.min)
