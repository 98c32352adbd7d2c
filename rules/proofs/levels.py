"""Properties of single rules: every level can give its tier, none stands in another's shadow, somebody always fires."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine import CompiledLevel, CompiledRule
from rules.model import Assessment, Tier
from rules.proofs.component import Given
from rules.proofs.tables import Bench, Fault, Proof, Table

_ALL = "all rules"


def every_level_fires(bench: Bench) -> Iterator[Proof]:
    """Whether real answers fire each level of each rule at its own tier."""
    for rule in bench.proved_rules:
        table = bench.table(rule)
        unfired = [level for level in rule.levels if _fires(bench, rule, level, table) is None]
        faults = tuple(_never_fires(bench, rule, level) for level in unfired)
        yield Proof(rule.rule.id, table.space.size, faults)


def _fires(bench: Bench, rule: CompiledRule, level: CompiledLevel, table: Table) -> Given | None:
    tier = level.level.tier
    indexes = [index for index, outcome in enumerate(table.outcomes) if outcome == (tier, tier)]
    return bench.first(table, indexes, lambda assessment: _fired_at(assessment, rule.rule.id) == (tier, tier))


def _fired_at(assessment: Assessment, rule: str) -> tuple[Tier, Tier | None] | None:
    finding = assessment.fired(rule)
    return (finding.tier, finding.level) if finding else None


def _never_fires(bench: Bench, rule: CompiledRule, level: CompiledLevel) -> Fault:
    """The fault, with the rule's own example of the level, which then does not fire it."""
    tier = level.level.tier
    example = next((example for example in rule.rule.examples if example.tier == tier), None)
    cases = [] if example is None else [Given({**bench.ruleset.base_person, **example.answers}, frozenset())]
    return bench.fault(rule.rule.id, f"nothing fires its level {tier.name}", *cases)


def no_level_masked(bench: Bench) -> Iterator[Proof]:
    """Whether each level decides somewhere, if its condition holds anywhere: not always behind a higher one."""
    for rule in bench.proved_rules:
        table = bench.table(rule)
        deciding = {outcome[1] for outcome in table.outcomes if outcome}
        silent = [level for level in rule.levels if level.level.tier not in deciding]
        faults = tuple(fault for level in silent for fault in _masked(bench, rule, level, table))
        yield Proof(rule.rule.id, table.space.size, faults)


def _masked(bench: Bench, rule: CompiledRule, level: CompiledLevel, table: Table) -> Iterator[Fault]:
    constants = bench.ruleset.walker.constants
    views = enumerate(table.space.views(constants))
    holding = [index for index, view in views if level.condition.holds(view)]
    tier = level.level.tier
    given = bench.first(table, holding, lambda assessment: _fired_at(assessment, rule.rule.id) is not None)
    if given:
        yield bench.fault(rule.rule.id, f"its level {tier.name} holds only where a higher one does", given)


def always_a_tier(bench: Bench) -> Iterator[Proof]:
    """Whether some rule fires for every answers, and no condition ever gives an error in the place of an answer."""
    if not bench.proves(_ALL):
        return
    total = [rule for rule in bench.rules if None not in bench.table(rule).outcomes]
    faults = [] if total else [_nothing_fires(bench)]
    faults += [fault for rule in bench.rules for fault in _errors(bench, rule)]
    note = f"{total[0].rule.id} always fires" if total else ""
    yield Proof(_ALL, sum(bench.table(rule).space.size for rule in bench.rules), tuple(faults), note)


def _nothing_fires(bench: Bench) -> Fault:
    """The fault, with answers for which nothing fires if such are found: those that some rule misses alone."""
    for rule in bench.rules:
        table = bench.table(rule)
        silent = [index for index, outcome in enumerate(table.outcomes) if outcome is None]
        given = bench.first(table, silent, lambda assessment: not assessment.findings)
        if given:
            return bench.fault(_ALL, "nothing fires", given)
    return Fault(_ALL, "no rule alone fires for all answers")


def _errors(bench: Bench, rule: CompiledRule) -> Iterator[Fault]:
    table = bench.table(rule)
    for index in table.broken[:1]:
        yield bench.fault(rule.rule.id, "a condition gives an error", table.space.answers(index))
