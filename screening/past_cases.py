"""Past answers under another rule set: assessed with what they have, and marked where it asks something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rules import AnswerError, Answers, RuleSet, State, Tier


class Outcome(NamedTuple):
    """What a rule set gives for past answers. `rules` has the tier of each rule that fires.

    `asked_differently`: the set asks something that was not asked, or does not know an answer that was given.
    """

    tier: Tier
    rules: Mapping[str, Tier]
    asked_differently: bool


def outcome_of(ruleset: RuleSet, answers: Answers, *, checked: bool = False) -> Outcome:
    """`answers` are a case's, with a key for each question that was asked. `checked`: they are known to be allowed.

    Tiers alone are worked out, and no basis: this runs over all past cases.
    """
    known = answers if checked else _allowed(ruleset, answers)
    walk = ruleset.walker.walk(known)
    new = any(field not in known and reading.state is not State.NOT_ASKED for field, reading in walk.readings.items())
    if new:
        walk = ruleset.walker.walk(known, reached=known.keys())
    view = walk.view
    for fact in ruleset.derived:
        view[fact.id] = fact.compute(view)
    given = {rule: outcome[0] for rule, compiled in ruleset.compiled.items() if (outcome := compiled.outcome(view))}
    return Outcome(max(given.values(), default=Tier.INFO), given, new or len(known) < len(answers))


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
