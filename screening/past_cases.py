"""Past answers under another rule set: assessed with what they have, and marked where it asks something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from rules import AnswerError, Answers, RuleSet, State, Tier


class Outcome(NamedTuple):
    """What a rule set gives for past answers. `rules` has the tier of each rule that fires.

    `asked_differently`: the set asks something that was not asked, or does not know an answer that was given.
    """

    tier: Tier
    rules: Mapping[str, Tier]
    asked_differently: bool


class Way(NamedTuple):
    """What conditions see of past answers, and whether a question is new to them or an answer unknown."""

    view: Mapping[str, Any]
    asked_differently: bool


def way_of(ruleset: RuleSet, answers: Answers, *, checked: bool = False) -> Way:
    """`answers` are a case's, with a key for each question that was asked. `checked`: they are known to be allowed."""
    known = answers if checked else _allowed(ruleset, answers)
    walk = ruleset.walker.walk(known)
    new = any(field not in known and reading.state is not State.NOT_ASKED for field, reading in walk.readings.items())
    if new:
        walk = ruleset.walker.walk(known, reached=known.keys())
    return Way(walk.view, new or len(known) < len(answers))


def outcome_on(ruleset: RuleSet, way: Way) -> Outcome:
    """What a rule set gives. Tiers alone are worked out, and no basis: this runs over all past cases."""
    view = {**way.view, **ruleset.walker.constants}
    for fact in ruleset.derived:
        view[fact.id] = fact.compute(view)
    given = {rule: outcome[0] for rule, compiled in ruleset.compiled.items() if (outcome := compiled.outcome(view))}
    return Outcome(max(given.values(), default=Tier.INFO), given, way.asked_differently)


def outcome_of(ruleset: RuleSet, answers: Answers, *, checked: bool = False) -> Outcome:
    return outcome_on(ruleset, way_of(ruleset, answers, checked=checked))


def same_way(one: RuleSet, other: RuleSet) -> bool:
    """Whether two sets ask the same of everyone, so that one way serves both."""
    gates = one.walker.gates.values()
    read = {name for gate in gates for name in gate.condition.names}
    read |= {name for gate in gates for fact in gate.facts for name in fact.reads}
    numbers, others = one.walker.constants, other.walker.constants
    same_numbers = all(numbers.get(name) == others.get(name) for name in read)
    return same_numbers and asks(one) == asks(other) and one.switched_off == other.switched_off


def asks(ruleset: RuleSet) -> object:
    """What decides which answers are allowed, and when each question is asked."""
    return dict(ruleset.fields), ruleset.opioids


def tier_of(ruleset: RuleSet, answers: Answers) -> Tier:
    return outcome_of(ruleset, answers).tier


def _allowed(ruleset: RuleSet, answers: Answers) -> Answers:
    """The answers that the set knows. Each round takes out one that it does not."""
    known = dict(answers)
    while True:
        try:
            ruleset.check_answers(known)
        except AnswerError as error:
            del known[error.field]
        else:
            return known
