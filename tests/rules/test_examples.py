"""Every rule gives what its own examples say."""

from __future__ import annotations

import pytest

import rules
from rules import Tier
from rules.model import Example

LOADED = rules.load()
EXAMPLES = [(rule, example) for rule in LOADED.rules.values() for example in rule.examples]


@pytest.mark.parametrize(
    ("rule", "example"), EXAMPLES, ids=[f"{rule.id}: {example.name}" for rule, example in EXAMPLES]
)
def test_example(rule: rules.Rule, example: Example) -> None:
    found = LOADED.assess({**LOADED.base_person, **example.answers}).fired(rule.id)
    assert (found.tier if found else None) == example.tier
    if example.basis:
        assert found is not None
        assert found.basis == example.basis


@pytest.mark.parametrize("rule", LOADED.rules.values(), ids=list(LOADED.rules))
def test_examples_reach_every_level(rule: rules.Rule) -> None:
    given = {example.tier for example in rule.examples}
    # Alcohol is not screened only where the part is switched off, which no answer can do.
    unreachable = {Tier.INFO} if rule.id == "S26" else set()
    assert {level.tier for level in rule.levels} - unreachable <= given
    assert len({example.name for example in rule.examples}) == len(rule.examples)
