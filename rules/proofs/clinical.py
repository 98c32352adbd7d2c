"""What the clinical text asks of every rule set: emergency signs, and what no one under 18 is told or asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from rules.engine import CompiledRule, RuleSet
from rules.model import AnswerValue, Finding, State, Tier
from rules.part import STATE
from rules.proofs.tables import Bench, Fault, Outcome, Proof, Table
from rules.yamlfile import read

ADULT = 18
_AGE = "age_years"
_FILE = Path(__file__).with_name("clinical.yaml")

Test = Callable[[AnswerValue], bool]


@dataclass(frozen=True)
class Sign:
    """Answers that must give EMERGENCY: by field, a test of its answer."""

    name: str
    tests: Mapping[str, Test]


def _texts(key: str) -> tuple[str, ...]:
    return read(_FILE, _FILE.parent).texts(key)


def emergency_signs(ruleset: RuleSet) -> Iterator[Sign]:
    """Every sign with each of its alternatives."""
    file = read(_FILE, _FILE.parent)
    sets = file.section("sets").plain()
    for section in file.sections("signs"):
        when = section.section("when").plain()
        alternatives = [sets[name] for name in section.texts("with")]
        for chosen in product(*alternatives):
            wanted = _joined([when, *chosen])
            shown = ", ".join(field for field in wanted if field not in when)
            name = section.take("name", str) + (f": {shown}" if shown else "")
            yield Sign(name, {field: _test(ruleset, answers) for field, answers in wanted.items()})


def _joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """All that must hold; a field named twice keeps the last."""
    return {field: answers for part in parts for field, answers in part.items()}


def _test(ruleset: RuleSet, answers: Any) -> Test:
    if isinstance(answers, dict):
        least = answers["from"]
        least = ruleset.thresholds[least].value if isinstance(least, str) else least
        return lambda answer: answer is not None and answer >= least
    return lambda answer: any(item in answers for item in (answer if isinstance(answer, list) else [answer]))


def emergencies(bench: Bench) -> Iterator[Proof]:
    """Whether each emergency sign gives EMERGENCY alone, by some rule, whatever all other answers are."""
    for sign in emergency_signs(bench.ruleset):
        if not bench.proves(sign.name):
            continue
        if not sign.tests.keys() <= bench.ruleset.fields.keys():
            yield Proof(sign.name, 0, (Fault(sign.name, "a question for it is missing"),))
            continue
        yield _emergency(bench, sign)


def _emergency(bench: Bench, sign: Sign) -> Proof:
    count = 0
    weak: list[tuple[Table, list[int]]] = []
    for rule in sorted(bench.rules, key=lambda rule: -len(rule.reads.intersection(sign.tests))):
        if rule.reads.isdisjoint(sign.tests) or rule.levels[0].level.tier is not Tier.EMERGENCY:
            continue
        table, showing = _with_sign(bench, rule, sign)
        count += len(showing)
        below = [index for index in showing if table.tiers[index] is not Tier.EMERGENCY]
        if not below and showing:
            return Proof(sign.name, count, note=rule.rule.id)
        weak.append((table, below))
    for table, below in weak:
        given = bench.first(table, below, lambda assessment: assessment.tier is not Tier.EMERGENCY)
        if given:
            return Proof(sign.name, count, (bench.fault(sign.name, "does not give EMERGENCY", given),))
    return Proof(sign.name, count, (Fault(sign.name, "no rule alone gives EMERGENCY for it"),))


def _with_sign(bench: Bench, rule: CompiledRule, sign: Sign) -> tuple[Table, list[int]]:
    """What a rule gives for the sign's answers, and the combinations in which all its questions were asked."""
    states = [field + STATE for field in sign.tests]
    table = bench.joint_table((rule,), sign.tests, *states)
    views = enumerate(table.space.views())
    return table, [index for index, view in views if all(view[state] is not State.NOT_ASKED for state in states)]


def nothing_forbidden_under_18(bench: Bench) -> Iterator[Proof]:
    """Whether no one under 18 is told what an article rule says or anything of ketamine, or is asked about it."""
    words = re.compile("|".join(_texts("ketamine_words")), re.IGNORECASE)
    for rule in bench.proved_rules:
        table = bench.joint_table((rule,), {_AGE: _under_18}, _AGE)
        faults = [
            bench.fault(rule.rule.id, f"someone under 18 is told: {text}", table.space.answers(index))
            for index, text in _told(bench.ruleset, rule.rule.id, table)
            if rule.rule.heading is not None or words.search(text)
        ]
        yield Proof(rule.rule.id, table.space.size, tuple(faults))
    for field in filter(bench.proves, _texts("never_under_18")):
        yield _never_asked(bench, field)


def _under_18(age: AnswerValue) -> bool:
    return age is not None and age < ADULT


def _told(ruleset: RuleSet, rule: str, table: Table) -> Iterator[tuple[int, str]]:
    """What a patient under 18 can be told of a rule, each text in each language with the first combination that
    gives it."""
    given: dict[Outcome, int] = {}
    for index, outcome in enumerate(table.outcomes):
        given.setdefault(outcome, index)
    for outcome, index in given.items():
        if outcome is None:
            continue
        finding = Finding(rule, outcome[0], "answers", (), outcome[1])
        for text in ruleset.patient_texts(finding, under_18=True).values():
            yield index, text


def _never_asked(bench: Bench, field: str) -> Proof:
    if field not in bench.ruleset.fields:
        return Proof(field, 0)
    space = bench.spaces.space([field + STATE, _AGE], only={_AGE: _under_18})
    asked = [index for index, view in enumerate(space.views()) if view[field + STATE] is not State.NOT_ASKED]
    faults = [bench.fault(field, "someone under 18 is asked this", space.answers(index)) for index in asked[:1]]
    return Proof(field, space.size, tuple(faults))
