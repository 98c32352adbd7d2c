"""The smallest cause of a finding, and what would clear it."""

from __future__ import annotations

import time
from itertools import combinations
from typing import Any

import pytest

import rules
from tests.rules.conftest import Person

FOUR = ("rf_bladder", "rf_bowel", "rf_saddle", "rf_legs_weak")
METHADONE = [{"drug": "methadone", "dose": 10, "per_day": 1}]
OPIOID = {"meds_list": ["opioid"], "opioids": METHADONE, "opioid_months": "lt_3m", "opioid_concerns": ["none"]}
SEVERE = {"peg_pain": 8, "peg_enjoyment": 8, "peg_activity": 8, "pain_limits": "every_day"}


@pytest.mark.parametrize(
    ("rule", "changes", "cause", "clears"),
    [
        ("S01", {"rf_saddle": "new_or_worse_2w", "rf_bladder": "not_sure"}, ["rf_saddle"], ["rf_saddle"]),
        ("S01", dict.fromkeys(FOUR, "new_or_worse_2w"), ["rf_bladder"], list(FOUR)),
        ("S01", dict.fromkeys(FOUR[:2], "longer_stable"), ["rf_bladder", "rf_bowel"], ["rf_bladder"]),
        (
            "A03",
            {**SEVERE, "tx_nsaid": "no_help", "tx_opioid": "no_help", "tx_physio": "helped_some"},
            ["pain_regions", "pain_duration", "peg_pain", "peg_enjoyment", "tx_nsaid", "tx_opioid"],
            ["pain_regions"],
        ),
        (
            "A04",
            {**SEVERE, "tx_nsaid": "no_help", "tx_opioid": "no_help", "tx_surgery": None},
            ["pain_regions", "pain_duration", "pain_limits", "tx_nsaid", "tx_opioid"],
            ["pain_regions"],
        ),
        ("A08", {"phq_interest": 3, "phq_down": 2, "gad_worry": 3, "gad_nervous": 2},
         ["gad_nervous", "gad_worry"], ["gad_nervous", "phq_interest"]),
        ("A14", {"tx_physio": "helped_some", "tx_psych": "never", "tx_lifestyle": "never"},
         ["pain_regions", "tx_psych"], ["pain_regions"]),
        ("A14", {"tx_physio": "never", "tx_psych": "never"}, ["pain_regions", "tx_physio"], ["pain_regions"]),
        ("S22", OPIOID, ["meds_list", "opioids"], ["meds_list"]),
        ("S22", {"meds_list": ["not_sure"], "tx_opioid": "helped"}, ["tx_opioid", "meds_list"], ["tx_opioid"]),
        ("S07", {"phq9_item9": 2, "si_now": "yes"}, ["phq9_item9", "si_now"], ["phq9_item9"]),
        ("S10", {"hx_heart": "unstable"}, ["hx_heart"], ["hx_heart"]),
        # Someone who never drinks is not asked the two questions that follow.
        ("S26", {"audit1": 1, "audit2": 4, "audit3": 4}, ["audit1", "audit2", "audit3"], ["audit1"]),
        ("S25", {"age_years": 16}, ["age_years"], ["age_years"]),
        ("A13", {}, [], []),
    ],
)  # fmt: skip
def test_cause(
    ruleset: rules.RuleSet, person: Person, rule: str, changes: dict[str, Any], cause: list[str], clears: list[str]
) -> None:
    answers = person(**changes)
    assert ruleset.smallest_cause(answers, rule) == tuple(cause)
    assert ruleset.clears(answers, rule) == tuple(clears)


def test_a_rule_that_does_not_fire_has_no_cause(ruleset: rules.RuleSet, person: Person) -> None:
    assert ruleset.smallest_cause(person(), "S01") == ()
    assert ruleset.clears(person(), "S01") == ()


def test_pages_not_reached_are_no_cause(ruleset: rules.RuleSet, person: Person) -> None:
    answers = person(rf_trauma="major", rf_gait="new_or_worse_2w", cancer_history="past")
    reached = [field for field in ruleset.fields if field != "rf_gait"]
    assert ruleset.smallest_cause(answers, "S06") == ("rf_gait", "rf_trauma")
    assert ruleset.smallest_cause(answers, "S06", reached=reached) == ("rf_trauma",)


LEAST: dict[str, Any] = {"pain_regions": ["none"], "rf_systemic": ["none"], "infection_risk": ["none"]}


@pytest.mark.parametrize("rule", ["S01", "S02", "S04", "S05", "S06", "A02", "A07"])
def test_no_smaller_set_of_answers_is_a_cause(ruleset: rules.RuleSet, person: Person, rule: str) -> None:
    """Against assessing every set of answers, one by one."""
    answers = person(
        rf_bladder="longer_stable", rf_gait="new_or_worse_2w", rf_leg_weakness="not_sure", cancer_history="past",
        rf_systemic=["fever_chills"], infection_risk=["tb"], rf_trauma="minor", bone_risk="yes",
        pain_changed="new_or_different", pain_regions=["neck", "foot_l"], nerve_feelings=["burning", "numb"],
        peg_pain=9, peg_enjoyment=9, peg_activity=9, pain_limits="every_day", rf_legs_pain="new_or_worse_2w",
    )  # fmt: skip
    found = ruleset.assess(answers).fired(rule)
    assert found is not None

    def tier_with(kept: tuple[str, ...], others: tuple[str, ...]) -> rules.Tier | None:
        least = {f: LEAST.get(f, (ruleset.fields[f].codes or [ruleset.fields[f].min])[0]) for f in others}
        least |= {f: ["none"] for f in others if ruleset.fields[f].kind == "any"}
        fired = ruleset.assess({**answers, **least}).fired(rule)
        return fired.tier if fired else None

    sets = [kept for size in range(len(found.because) + 1) for kept in combinations(found.because, size)]
    others = {kept: tuple(f for f in found.because if f not in kept) for kept in sets}
    cause = next(kept for kept in sets if tier_with(kept, others[kept]) == found.tier)
    clears = next(kept for kept in sets if tier_with(others[kept], kept) != found.tier)
    assert ruleset.smallest_cause(answers, rule) == cause
    assert ruleset.clears(answers, rule) == clears


def test_the_most_answers_that_a_finding_can_have_are_searched_at_once(ruleset: rules.RuleSet) -> None:
    blank = dict.fromkeys(ruleset.fields)
    longest = max(ruleset.assess(blank).findings, key=lambda finding: len(finding.because))
    assert (longest.rule, len(longest.because)) == ("A04", 13)
    start = time.process_time()
    ruleset.smallest_cause(blank, "A04")
    ruleset.clears(blank, "A04")
    assert time.process_time() - start < 1
