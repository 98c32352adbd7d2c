"""Derived facts: below, at and above each number, and with an answer missing."""

from __future__ import annotations

from typing import Any

import pytest

import rules
from rules.facts import FACTS, opioid_facts
from tests.rules.conftest import Person

SEVEN = ("tx_nsaid", "tx_nerve_med", "tx_opioid", "tx_physio", "tx_psych", "tx_injection", "tx_surgery")
LEG_REGIONS = [f"{part}_{side}" for part in ("buttock", "thigh", "calf", "foot") for side in "lr"]


def drug(name: str | None, dose: float | None, per_day: float | None) -> dict[str, Any]:
    return {"drug": name, "dose": dose, "per_day": per_day}


def rows(*given: dict[str, Any]) -> dict[str, Any]:
    return {"meds_list": ["opioid"], "opioids": list(given)}


@pytest.mark.parametrize(
    ("changes", "fact", "value"),
    [
        ({"pain_regions": ["low_back"]}, "has_pain", True),
        ({"pain_regions": ["other"]}, "has_pain", True),
        ({"pain_regions": ["none"]}, "has_pain", False),
        ({"pain_regions": None}, "has_pain", True),
        *[({"pain_regions": [region]}, "leg", True) for region in LEG_REGIONS],
        ({"pain_regions": ["low_back", "neck"]}, "leg", False),
        ({"pain_regions": None}, "leg", False),
        *[({"pain_regions": [region]}, "in_scope", True) for region in ("low_back", "upper_back", "foot_r")],
        *[({"pain_regions": [region]}, "in_scope", False) for region in ("neck", "other", "none")],
        *[({"pain_duration": value}, "chronic", False) for value in ("lt_6w", "6w_3m")],
        *[({"pain_duration": value}, "chronic", True) for value in ("3_6m", "6_12m", "gt_1y", "not_sure", None)],
        ({"pain_duration": "lt_6w"}, "six_weeks", False),
        *[({"pain_duration": value}, "six_weeks", True) for value in ("6w_3m", "3_6m", "not_sure", None)],
        ({"peg_pain": 3, "peg_enjoyment": 0, "peg_activity": 8}, "peg_sum", 11),
        ({"peg_pain": 3, "peg_enjoyment": None, "peg_activity": 8}, "peg_sum", 21),
        *[({"pain_limits": value}, "high_impact", False) for value in ("never", "some_days")],
        *[({"pain_limits": value}, "high_impact", True) for value in ("most_days", "every_day", "not_sure", None)],
        ({"nerve_feelings": ["none"]}, "nerve_count", 0),
        ({"nerve_feelings": ["burning"]}, "nerve_count", 1),
        ({"nerve_feelings": ["burning", "numb"]}, "nerve_count", 2),
        ({"nerve_feelings": ["burning", "burning"]}, "nerve_count", 1),
        ({"nerve_feelings": ["not_sure"]}, "nerve_count", 2),
        ({"nerve_feelings": ["not_sure", "electric"]}, "nerve_count", 3),
        ({"nerve_feelings": None}, "nerve_count", 2),
        ({"phq_interest": 1, "phq_down": 2}, "phq2", 3),
        ({"phq_interest": None, "phq_down": 2}, "phq2", 5),
        ({"gad_nervous": 3, "gad_worry": None}, "gad2", 6),
        ({"audit1": 2, "audit2": 1, "audit3": None}, "audit_c", 7),
        ({"audit1": 0, "audit2": 4, "audit3": 4}, "audit_c", 0),
        ({"audit1": None}, "audit_c", 12),
        ({"audit1": 3, "audit2": 0, "audit3": 0}, "alcohol_positive", False),
        ({"audit1": 4, "audit2": 0, "audit3": 0}, "alcohol_positive", True),
        ({"audit1": 2, "audit2": 0, "audit3": 0, "sex_at_birth": "female"}, "alcohol_positive", False),
        *[
            ({"audit1": 3, "audit2": 0, "audit3": 0, "sex_at_birth": sex}, "alcohol_positive", True)
            for sex in ("female", "other", "prefer_not", None)
        ],
        ({}, "ces_any", False),
        *[
            ({sign: value}, "ces_any", True)
            for sign in ("rf_bladder", "rf_bowel", "rf_saddle", "rf_legs_weak")
            for value in ("longer_stable", "not_sure", "new_or_worse_2w", None)
        ],
        *[({sign: "new_or_worse_2w"}, "ces_any", False) for sign in ("rf_legs_pain", "rf_gait", "rf_sexual")],
        ({"rf_bladder": "longer_stable", "rf_bowel": None}, "ces_count", 2),
        *[
            ({sign: "new_or_worse_2w"}, "neuro_new", True)
            for sign in ("rf_bladder", "rf_bowel", "rf_saddle", "rf_legs_weak", "rf_gait")
        ],
        ({"rf_leg_weakness": "new_or_worse"}, "neuro_new", True),
        *[({"rf_leg_weakness": value}, "neuro_new", False) for value in ("severe_stable", "not_sure", None)],
        *[({sign: "new_or_worse_2w"}, "neuro_new", False) for sign in ("rf_legs_pain", "rf_sexual")],
        *[({"rf_leg_weakness": value}, "neuro_any", True) for value in ("mild_stable", "not_sure", None)],
        *[({"rf_gait": value}, "neuro_any", True) for value in ("longer_stable", "not_sure", None)],
        ({"rf_legs_pain": "new_or_worse_2w"}, "neuro_any", False),
        ({"age_years": 64}, "fragile", False),
        ({"age_years": 65}, "fragile", True),
        ({"age_years": 66}, "fragile", True),
        ({"age_years": None}, "fragile", True),
        *[({"bone_risk": value}, "fragile", True) for value in ("yes", "not_sure", None)],
        ({"pain_changed": "new_or_different"}, "changed", True),
        *[({"pain_changed": value}, "changed", False) for value in ("same", "not_sure", None)],
        ({}, "in_play", False),
        *[({"considering_ketamine": value}, "in_play", True) for value in ("yes", "not_sure", None)],
        *[({"tx_ketamine": value}, "in_play", True) for value in ("helped", "not_sure", None)],
        ({"age_years": 17, "considering_ketamine": "yes", "tx_ketamine": "helped"}, "in_play", False),
        ({"age_years": 0}, "age_known", True),
        ({"age_years": None}, "age_known", False),
    ],
)
def test_fact(ruleset: rules.RuleSet, person: Person, changes: dict[str, Any], fact: str, value: int | bool) -> None:
    found = ruleset.facts(person(**changes))[fact]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("answer", "inadequate", "failed"),
    [
        ("never", 0, 0),
        ("helped", 0, 0),
        ("helped_some", 1, 0),
        ("not_sure", 1, 1),
        ("no_help", 1, 1),
        ("stopped_side_effects", 1, 1),
        (None, 1, 1),
    ],
)
def test_treatments_that_count(
    ruleset: rules.RuleSet, person: Person, answer: str | None, inadequate: int, failed: int
) -> None:
    for treatment in SEVEN:
        facts = ruleset.facts(person(**{treatment: answer}))
        assert (facts["inadequate"], facts["failed"]) == (inadequate, failed)
    facts = ruleset.facts(person(**dict.fromkeys(SEVEN, answer), tx_lifestyle=answer))
    assert (facts["inadequate"], facts["failed"]) == (7 * inadequate, 7 * failed)


@pytest.mark.parametrize(
    ("name", "dose", "per_day", "mme"),
    [
        ("codeine", 60, 4, 36.0),
        ("hydrocodone", 10, 3, 30.0),
        ("hydromorphone", 4, 3, 60.0),
        ("methadone", 10, 2, 94.0),
        ("morphine", 25, 2, 50.0),
        ("oxycodone", 10, 3, 45.0),
        ("oxymorphone", 5, 2, 30.0),
        ("tapentadol", 50, 2, 40.0),
        ("tramadol", 50, 4, 40.0),
        ("fentanyl_patch", 25, None, 60.0),
        ("fentanyl_patch", 25, 12, 60.0),
        ("oxycodone", 33.3, 1.0, 49.95),
    ],
)
def test_mme(ruleset: rules.RuleSet, person: Person, name: str, dose: float, per_day: float | None, mme: float) -> None:
    facts = ruleset.facts(person(**rows(drug(name, dose, per_day))))
    assert (facts["mme"], facts["mme_known"]) == (mme, True)


def test_mme_is_the_sum_of_the_rows(ruleset: rules.RuleSet, person: Person) -> None:
    facts = ruleset.facts(person(**rows(drug("codeine", 30, 4), drug("morphine", 0.1, 3), drug("tramadol", 50, 2))))
    assert facts["mme"] == 38.3


@pytest.mark.parametrize(
    "changes",
    [
        rows(drug("morphine", 10, None)),
        rows(drug("morphine", None, 2)),
        rows(drug(None, 10, 2)),
        rows(drug("fentanyl_patch", None, 1)),
        rows(drug("buprenorphine", 8, 1)),
        rows(drug("other", 8, 1)),
        rows(drug("morphine", 10, 2), drug("other", 8, 1)),
        rows(),
    ],
)
def test_mme_without_a_value(ruleset: rules.RuleSet, person: Person, changes: dict[str, Any]) -> None:
    facts = ruleset.facts(person(**changes))
    assert (facts["mme"], facts["mme_known"]) == (0.0, False)


def test_mme_of_someone_not_asked_is_known_to_be_none(ruleset: rules.RuleSet, person: Person) -> None:
    facts = ruleset.facts(person())
    assert (facts["mme"], facts["mme_known"], facts["opioid_special"]) == (0.0, True, False)


@pytest.mark.parametrize(
    ("name", "special"),
    [("methadone", True), ("fentanyl_patch", True), ("buprenorphine", True), ("morphine", False), ("other", False)],
)
def test_opioid_special(ruleset: rules.RuleSet, person: Person, name: str, special: bool) -> None:
    assert ruleset.facts(person(**rows(drug(name, None, None))))["opioid_special"] is special


class Recorder(dict[str, Any]):
    """A view that remembers what was read of it."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__(content)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)


def test_facts_read_no_more_than_they_declare(ruleset: rules.RuleSet, person: Person) -> None:
    for changes in ({}, rows(drug("morphine", 10, 2)), {"age_years": None, "bone_risk": None, "audit1": 3}):
        view = Recorder(ruleset._with_facts(ruleset._walk(person(**changes), None).view))
        for fact in (*FACTS, *opioid_facts(ruleset.opioids.drugs)):
            view.read.clear()
            fact.compute(view)
            assert view.read <= set(fact.reads), fact.id
