"""The examples that rules carry: whether all that are needed are there, and whether they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rules.engine import CompiledLevel, CompiledRule, RuleSet
from rules.model import AnswerValue, Example, Field
from rules.part import STATE
from rules.path import NOT_SURE, UNKNOWN_CODES


@dataclass(frozen=True)
class Miss:
    """An example that does not hold: what its rule gives for it, as tier and basis, or "nothing"."""

    rule: str
    file: str
    example: str
    wanted: str
    given: str

    def __str__(self) -> str:
        return f"{self.file}: {self.rule}, {self.example}: should give {self.wanted}, gives {self.given}"


def missing(ruleset: RuleSet, rule: CompiledRule) -> str | None:
    """Which example a rule lacks: of each level, of not firing, of an unknown basis where it can have one."""
    examples = rule.rule.examples
    given = {example.tier for example in examples}
    for level in rule.levels:
        if level.level.tier not in given and not _rests_on_a_part(ruleset, level):
            return f"no example fires the level {level.level.tier.name}"
    always_fires = any(not level.condition.names for level in rule.levels)
    if None not in given and not always_fires:
        return "no example gives nothing"
    if not any(example.basis == "unknown" for example in examples) and _can_be_unknown(ruleset, rule):
        return "no example has the basis unknown, and the rule can have it"
    return None


def _rests_on_a_part(ruleset: RuleSet, level: CompiledLevel) -> bool:
    """Whether the level asks if a question of a part was asked, which no answers but only a clinic can decide."""
    parts = {field.id + STATE for field in ruleset.fields.values() if field.part}
    return not parts.isdisjoint(level.condition.names)


def _can_be_unknown(ruleset: RuleSet, rule: CompiledRule) -> bool:
    """Whether one unknown answer among those that the rule reads makes an example of it rest on the unknown."""
    for example in rule.rule.examples:
        answers = {**ruleset.base_person, **example.answers}
        for field in sorted(rule.reads):
            for unknown in _unknowns(ruleset.fields[field]):
                finding = ruleset.assess({**answers, field: unknown}).fired(rule.rule.id)
                if finding is not None and finding.basis == "unknown":
                    return True
    return False


def _unknowns(field: Field) -> Iterator[AnswerValue]:
    """The answers to a question that leave it unknown."""
    yield None
    if field.kind == "any" and NOT_SURE in field.codes:
        yield [NOT_SURE]
    if field.kind == "one":
        yield from (code for code in field.codes if str(code) in UNKNOWN_CODES | field.unknown)


def run(ruleset: RuleSet) -> Iterator[Miss]:
    """Every example that its rule does not give."""
    for rule in ruleset.rules.values():
        for example in rule.examples:
            finding = ruleset.assess({**ruleset.base_person, **example.answers}).fired(rule.id)
            given = f"{finding.tier.name}, {finding.basis}" if finding else "nothing"
            wanted = _wanted(example, finding.basis if finding else "")
            if given != wanted:
                yield Miss(rule.id, rule.file, example.name, wanted, given)


def _wanted(example: Example, basis: str) -> str:
    return f"{example.tier.name}, {example.basis or basis}" if example.tier is not None else "nothing"
