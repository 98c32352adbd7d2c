"""The fields as data: nothing that an answer may be stored under goes away, and the path files agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import rules

STABLE: dict[str, list[Any]] = YAML(typ="safe", pure=True).load(Path(__file__).with_name("stable_codes.yaml"))
OPTIONAL = {"told_diagnosis", "seen_specialist", "ketamine_courses", "bp_systolic", "bp_diastolic", "anything_else"}


@pytest.mark.parametrize("field", STABLE)
def test_no_id_and_no_code_is_ever_removed(ruleset: rules.RuleSet, field: str) -> None:
    assert field in ruleset.fields
    assert set(STABLE[field]) <= set(ruleset.fields[field].codes)


def test_new_ids_and_codes_are_written_down(ruleset: rules.RuleSet) -> None:
    assert {field.id: set(field.codes) for field in ruleset.fields.values()} == {
        field: set(codes) for field, codes in STABLE.items()
    }


def test_what_may_be_left_blank(ruleset: rules.RuleSet) -> None:
    assert {field.id for field in ruleset.fields.values() if field.optional} == OPTIONAL


def test_steps_go_up(ruleset: rules.RuleSet) -> None:
    steps = [field.step for field in ruleset.fields.values()]
    assert steps == sorted(steps)
    assert set(steps) == set(range(1, 12))


def test_project_thresholds_are_marked(ruleset: rules.RuleSet) -> None:
    """The numbers that the clinical text marks as this project's own."""
    own = {threshold.id for threshold in ruleset.thresholds.values() if threshold.project}
    assert own == {
        "pregnancy_age_from", "pregnancy_age_to", "night_pain_age", "fragile_age", "nerve_features", "peg_moderate",
        "peg_severe", "inadequate_treatments", "failed_treatments", "mood_high", "many_courses", "bp_severe_systolic",
        "bp_severe_diastolic", "bp_high_systolic", "bp_high_diastolic",
    }  # fmt: skip
    assert all(threshold.source in ruleset.sources for threshold in ruleset.thresholds.values() if threshold.source)
