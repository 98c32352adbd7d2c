"""Properties of order: a riskier answer, a blank in the place of "no", another age within the neutral band."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from typing import Any

from rules.engine import CompiledRule
from rules.facts import Fact
from rules.proofs.component import Given, TooLargeError
from rules.proofs.domains import BLANK, NEUTRAL, RISKIER
from rules.proofs.space import Space
from rules.proofs.tables import TRIES, Bench, Fault, Proof, Table

PAIR_AT_MOST = 200_000
"""Rules are proved in pairs only up to so many combinations."""

_MEASURES: dict[str, tuple[tuple[str, ...], Callable[..., Any]]] = {
    "age_known": (("age_known",), lambda known: not known),
    "mme_known": (("mme_known",), lambda known: not known),
    "mme": (("mme", "mme_known"), lambda mme, known: mme if known else inf),
}
"""What of a fact rises with risk, where it is not its value: a sum that is not known counts above every sum."""


def facts_monotone(bench: Bench) -> Iterator[Proof]:
    """Whether no fact ever falls when an answer gets riskier, or is left blank instead of least risky."""
    for fact in filter(lambda fact: bench.proves(fact.id), bench.ruleset.derived):
        names, measure = _MEASURES.get(fact.id, ((fact.id,), lambda value: value))
        space = bench.spaces.space(names)
        component = space.components[0]
        order = [component.names.index(name) for name in names]
        measures = [measure(*(values[place] for place in order)) for values in component.distinct]
        yield Proof(fact.id, component.size, tuple(_falling(bench, fact, space, measures)))


def _falling(bench: Bench, fact: Fact, space: Space, measures: list[Any]) -> Iterator[Fault]:
    for kind in (RISKIER, BLANK):
        for component, start, end, _ in space.moves(kind):
            if measures[start] > measures[end]:
                before, after = space.step(kind, component, start, end)
                yield bench.fault(fact.id, f"falls when an answer gets {kind}", before, after)
                return


def riskier_never_lowers(bench: Bench) -> Iterator[Proof]:
    """Whether no single riskier answer ever lowers the case's tier."""
    return _never_lowers(bench, RISKIER)


def blank_never_lowers(bench: Bench) -> Iterator[Proof]:
    """Whether a blank never gives a lower tier than the least risky answer to the same question."""
    return _never_lowers(bench, BLANK)


def _never_lowers(bench: Bench, kind: str) -> Iterator[Proof]:
    for rule in bench.proved_rules:
        table = bench.table(rule)
        lowered = _lowered(table, kind)
        checked = table.count(kind)
        if next(lowered, None) is None:
            yield Proof(rule.rule.id, checked)
            continue
        found = _counterexample(bench, table, kind)
        cover = None if found else _cover(bench, rule, kind)
        if cover:
            yield Proof(rule.rule.id, checked, note=f"{rule.rule.id} together with {cover}")
            continue
        reason = f"gives a lower tier after a {kind} answer"
        yield Proof(rule.rule.id, checked, (bench.fault(rule.rule.id, reason, *(found or ())),))


def _lowered(table: Table, kind: str) -> Iterator[tuple[int, int, int]]:
    return table.moves(kind, lambda before, after: table.tiers[before] > table.tiers[after])


def _counterexample(bench: Bench, table: Table, kind: str) -> tuple[Given, Given] | None:
    """Real answers before and after a step that lowers the case's tier."""
    for tries, (component, index, end) in enumerate(_lowered(table, kind)):
        if tries == TRIES:
            break
        before, after = table.space.step(kind, component, index, end)
        higher, lower = bench.assess(before), bench.assess(after)
        if higher and lower and higher.tier > lower.tier:
            return before, after
    return None


def _cover(bench: Bench, rule: CompiledRule, kind: str) -> str | None:
    """A rule that gives at least the tier that this rule loses, wherever it loses it."""
    size = bench.table(rule).space.size
    for other in bench.rules:
        if other is rule or other.reads.isdisjoint(rule.reads) or bench.table(other).space.size * size > PAIR_AT_MOST:
            continue
        try:
            joint = bench.joint_table((rule, other))
        except TooLargeError:
            continue
        if next(_lowered(joint, kind), None) is None:
            return other.rule.id
    return None


def neutral_band_is_neutral(bench: Bench) -> Iterator[Proof]:
    """Whether no rule tells apart two numbers of a neutral band, such as two ages."""
    banded = {field.id for field in bench.ruleset.fields.values() if field.neutral}
    for rule in bench.proved_rules:
        table = bench.table(rule)
        if banded.isdisjoint(field for component in table.space.components for field in component.fields):
            continue
        differing = table.moves(NEUTRAL, lambda a, b, given=table.outcomes: given[a] != given[b])  # type: ignore[misc]
        faults = []
        for component, index, end in differing:
            pair = table.space.step(NEUTRAL, component, index, end)
            faults.append(bench.fault(rule.rule.id, "tells apart two numbers of the neutral band", *pair))
            break
        yield Proof(rule.rule.id, table.space.size, tuple(faults))
