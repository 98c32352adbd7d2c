"""What an assessment says: tier, basis, because, incomplete, contradictions, scope, and the patient's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import rules
from rules import Assessment, Finding, Tier
from tests.rules.conftest import Person

IN_PLAY = {"considering_ketamine": "yes", "ketamine_setting": "clinic", "escort": "yes", "expectation": "some_relief"}
OPIOID = {"meds_list": ["opioid"], "opioid_months": "lt_3m", "opioid_concerns": ["none"]}


def finding(assessment: Assessment, rule: str) -> Finding:
    found = assessment.fired(rule)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("changes", "rule", "tier", "basis"),
    [
        ({"hx_heart": "unstable", **IN_PLAY}, "S10", Tier.PRIORITY, "answers"),
        ({"hx_heart": "not_sure", **IN_PLAY}, "S10", Tier.CONSULT, "unknown"),
        ({"hx_heart": None, **IN_PLAY}, "S10", Tier.CONSULT, "unknown"),
        ({"hx_heart": "unstable"}, "S10", Tier.INFO, "answers"),
        ({"hx_heart": "unstable", "considering_ketamine": "not_sure"}, "S10", Tier.PRIORITY, "unknown"),
        (
            {"hx_heart": "unstable", "considering_ketamine": "not_sure", "tx_ketamine": "helped"},
            "S10",
            Tier.PRIORITY,
            "answers",
        ),
        ({"age_years": None, "rf_trauma": "minor"}, "S06", Tier.PRIORITY, "unknown"),
        ({"age_years": None, "rf_trauma": "minor", "bone_risk": "yes"}, "S06", Tier.PRIORITY, "answers"),
        ({"age_years": None}, "S25", Tier.CONSULT, "unknown"),
        ({"age_years": None, "pain_regions": ["low_back"]}, "A01", Tier.ROUTINE, "answers"),
        ({"pain_regions": None}, "A01", Tier.ROUTINE, "answers"),
        ({"rf_acute": ["hot_swollen_calf", "not_sure"]}, "S03", Tier.URGENT, "answers"),
        ({"rf_acute": ["not_sure"]}, "S03", Tier.URGENT, "unknown"),
        ({"rf_acute": []}, "S03", Tier.URGENT, "unknown"),
        ({"completed_by": "carer", "with_patient": "no"}, "S07", Tier.PRIORITY, "unknown"),
        ({"completed_by": "carer", "with_patient": None}, "S07", Tier.PRIORITY, "unknown"),
        ({"phq9_item9": "declined"}, "S07", Tier.URGENT, "unknown"),
        ({"phq9_item9": 1, "si_now": None}, "S07", Tier.EMERGENCY, "unknown"),
        ({"phq9_item9": 1, "si_now": "yes"}, "S07", Tier.EMERGENCY, "answers"),
        ({**OPIOID, "opioids": [{"drug": "morphine", "dose": 30, "per_day": 2}]}, "S22", Tier.PRIORITY, "answers"),
        ({**OPIOID, "opioids": [{"drug": "morphine", "dose": 30}]}, "S22", Tier.PRIORITY, "unknown"),
        ({**OPIOID, "opioids": []}, "S22", Tier.PRIORITY, "unknown"),
        ({**OPIOID, "opioids": [{"drug": "buprenorphine", "dose": 8, "per_day": 1}]}, "S22", Tier.PRIORITY, "answers"),
        ({**OPIOID, "opioids": [{"drug": "morphine", "dose": 10, "per_day": 2}, {}]}, "S22", Tier.PRIORITY, "unknown"),
        ({**OPIOID, "opioids": [{"drug": "morphine", "dose": 30, "per_day": 2}, {}]}, "S22", Tier.PRIORITY, "answers"),
        ({**OPIOID, "opioids": [{"drug": "codeine", "dose": 30, "per_day": 2}]}, "S22", Tier.CONSULT, "answers"),
        (
            {"sex_at_birth": "prefer_not", "age_years": 60, "audit1": 3, "audit2": 0, "audit3": 0},
            "S26",
            Tier.CONSULT,
            "answers",
        ),
        ({"audit1": 4, "audit2": None, "audit3": 0}, "S26", Tier.PRIORITY, "unknown"),
    ],
)
def test_tier_and_basis(
    ruleset: rules.RuleSet, person: Person, changes: dict[str, Any], rule: str, tier: Tier, basis: str
) -> None:
    found = finding(ruleset.assess(person(**changes)), rule)
    assert (found.tier, found.basis) == (tier, basis)


@pytest.mark.parametrize(
    ("changes", "rule", "because"),
    [
        ({}, "A01", ["pain_regions"]),
        ({}, "A13", []),
        ({"pain_regions": None}, "A01", ["pain_regions"]),
        ({"hx_heart": "unstable"}, "S10", ["hx_heart"]),
        ({"hx_heart": "unstable", **IN_PLAY}, "S10", ["hx_heart", "considering_ketamine"]),
        ({"hx_heart": None, "tx_ketamine": "helped"}, "S10", ["tx_ketamine", "hx_heart"]),
        ({"tx_physio": "never", "tx_psych": "never", "tx_lifestyle": "helped"}, "A14",
         ["pain_regions", "tx_physio", "tx_psych", "tx_lifestyle"]),
        ({"peg_pain": 4, "peg_enjoyment": 0, "peg_activity": 8, "tx_nsaid": "no_help", "tx_physio": "helped_some",
          "tx_psych": "never"}, "A03",
         ["pain_regions", "pain_duration", "peg_pain", "peg_activity", "tx_nsaid", "tx_physio"]),
        ({"age_years": 45, "rf_trauma": "minor", "bone_risk": "yes"}, "S06", ["rf_trauma", "bone_risk"]),
        ({"age_years": 65, "rf_trauma": "minor"}, "S06", ["age_years", "rf_trauma"]),
        ({"age_years": None, "rf_trauma": "minor"}, "S06", ["age_years", "rf_trauma"]),
        ({"sex_at_birth": "female", "age_years": 60, "audit1": 3, "audit2": 0, "audit3": 0}, "S26",
         ["sex_at_birth", "audit1"]),
        ({"sex_at_birth": "male", "audit1": 4, "audit2": 0, "audit3": None}, "S26", ["audit1", "audit3"]),
        ({"bp_systolic": 185, "bp_diastolic": None}, "S09", ["bp_systolic"]),
        ({**OPIOID, "opioids": None}, "S22", ["meds_list", "opioids"]),
        ({"phq9_item9": 0, "completed_by": "carer", "with_patient": "no"}, "S07", ["with_patient"]),
        ({"phq9_item9": "declined", "si_now": "no"}, "S07", ["phq9_item9"]),
    ],
)  # fmt: skip
def test_because(
    ruleset: rules.RuleSet, person: Person, changes: dict[str, Any], rule: str, because: list[str]
) -> None:
    assert list(finding(ruleset.assess(person(**changes)), rule).because) == because


def test_an_in_play_level_that_falls_to_info_keeps_its_level(ruleset: rules.RuleSet, person: Person) -> None:
    found = finding(ruleset.assess(person(hx_heart="unstable")), "S10")
    assert (found.tier, found.level) == (Tier.INFO, Tier.PRIORITY)


def test_a_level_outside_play_leaves_the_others(ruleset: rules.RuleSet, person: Person) -> None:
    assert finding(ruleset.assess(person(bladder_sx="yes", drug_use="current")), "S17").tier is Tier.PRIORITY
    assert finding(ruleset.assess(person(bladder_sx="yes")), "S17").tier is Tier.INFO


def test_a_lower_level_that_needs_no_play_beats_a_fallen_one(folder: Path, person: Person) -> None:
    file = folder / "safety/s10_heart.yaml"
    higher, lower = file.read_text().rsplit("    in_play_only: true\n", 1)
    file.write_text(higher + lower.replace('["stable",', '["unstable", "stable",'))
    found = finding(rules.load(folder).assess(person(hx_heart="unstable")), "S10")
    assert (found.tier, found.level) == (Tier.CONSULT, Tier.CONSULT)


def test_incomplete_names_blanks_in_order_and_no_optional_one(ruleset: rules.RuleSet, person: Person) -> None:
    blank = ("seen_specialist", "told_diagnosis", "bp_systolic", "bp_diastolic", "anything_else", "hx_eye", "rf_gait")
    assessment = ruleset.assess(person(**dict.fromkeys(blank), hx_brain="not_sure", phq9_item9=None))
    assert assessment.incomplete == ("rf_gait", "hx_eye", "phq9_item9", "si_now")


@pytest.mark.parametrize(
    ("changes", "pair"),
    [
        ({"ketamine_allergy": "yes"}, ("tx_ketamine", "ketamine_allergy")),
        ({"peg_pain": 0, "pain_limits": "most_days"}, ("peg_pain", "pain_limits")),
        ({"peg_pain": 0, "pain_limits": "every_day"}, ("peg_pain", "pain_limits")),
        ({"meds_list": ["opioid"]}, ("tx_opioid", "meds_list")),
        ({"infection_risk": ["injects_drugs"]}, ("infection_risk", "drug_use")),
        *[
            ({"pain_regions": ["low_back", f"{part}_l", f"{part}_r"]}, ("rf_legs_pain", "pain_regions"))
            for part in ("buttock", "thigh", "calf", "foot")
        ],
    ],
)
def test_contradictions(ruleset: rules.RuleSet, person: Person, changes: dict[str, Any], pair: tuple[str, str]) -> None:
    assert ruleset.assess(person(**changes)).contradictions == (pair,)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"ketamine_allergy": "yes", "tx_ketamine": "helped"},
        {"ketamine_allergy": "yes", "age_years": 17},
        {"ketamine_allergy": "not_sure"},
        {"peg_pain": 1, "pain_limits": "every_day"},
        {"peg_pain": None, "pain_limits": "every_day"},
        {"meds_list": ["opioid"], "tx_opioid": "helped"},
        {"meds_list": ["opioid"], "tx_opioid": None},
        {"infection_risk": ["injects_drugs"], "drug_use": None},
        {"pain_regions": ["calf_l", "thigh_r"]},
        {"pain_regions": ["calf_l", "calf_r"], "rf_legs_pain": None},
    ],
)
def test_no_contradiction(ruleset: rules.RuleSet, person: Person, changes: dict[str, Any]) -> None:
    assert ruleset.assess(person(**changes)).contradictions == ()


def test_a_contradiction_needs_both_questions_asked(ruleset: rules.RuleSet, person: Person) -> None:
    assert ruleset.assess(person(infection_risk=["injects_drugs"]), {"infection_risk"}).contradictions == ()


def test_contradictions_come_in_the_order_of_their_file(ruleset: rules.RuleSet, person: Person) -> None:
    found = ruleset.assess(
        person(ketamine_allergy="yes", peg_pain=0, pain_limits="every_day", meds_list=["opioid"])
    ).contradictions
    assert [first for first, _ in found] == ["tx_ketamine", "peg_pain", "tx_opioid"]


@pytest.mark.parametrize(
    ("changes", "out"),
    [
        ({}, False),
        ({"age_years": 17}, True),
        ({"age_years": 18}, False),
        ({"age_years": None}, False),
        ({"pain_regions": ["neck"]}, True),
        ({"pain_regions": ["neck", "calf_l"]}, False),
        ({"pain_regions": ["none"]}, False),
        ({"pain_regions": None}, False),
    ],
)
def test_out_of_scope(ruleset: rules.RuleSet, person: Person, changes: dict[str, Any], out: bool) -> None:
    assert ruleset.assess(person(**changes)).out_of_scope is out


def test_findings_go_by_tier_then_rule(ruleset: rules.RuleSet, person: Person) -> None:
    assessment = ruleset.assess(person(rf_bladder="new_or_worse_2w", rf_gait="not_sure", tx_physio="never"))
    order = [(-found.tier, found.rule) for found in assessment.findings]
    assert order == sorted(order)
    assert (assessment.tier, assessment.findings[0].rule) == (Tier.EMERGENCY, "S01")


@pytest.mark.parametrize(
    ("changes", "reassuring"),
    [
        ({}, True),
        ({"hx_eye": None}, False),
        ({"expectation": "cure", **IN_PLAY}, False),
        ({"completed_by": "carer", "with_patient": "no"}, False),
        ({"told_diagnosis": None, "seen_specialist": None}, True),
    ],
)
def test_reassuring(ruleset: rules.RuleSet, person: Person, changes: dict[str, Any], reassuring: bool) -> None:
    assert ruleset.assess(person(**changes)).reassuring is reassuring


def test_patient_text(ruleset: rules.RuleSet, person: Person) -> None:
    found = finding(ruleset.assess(person(hx_heart="unstable", **IN_PLAY)), "S10")
    assert ruleset.patient_text(found, under_18=False) == ruleset.rules["S10"].levels[0].patient["en"]
    assert ruleset.patient_text(found, under_18=True) is None


def test_no_patient_text_for_a_level_that_counts_as_info(ruleset: rules.RuleSet, person: Person) -> None:
    found = finding(ruleset.assess(person(hx_heart="unstable")), "S10")
    assert ruleset.patient_text(found, under_18=False) is None


def test_no_text_under_18_speaks_of_ketamine(ruleset: rules.RuleSet) -> None:
    rules = [rule for rule in ruleset.rules.values() if not rule.hidden_under_18]
    shown = [text for rule in rules for level in rule.levels for text in level.patient.values()]
    assert not [text for text in shown if "ketamin" in text.lower()]
    assert all(rule.hidden_under_18 for rule in ruleset.rules.values() if rule.id.startswith("A"))


def test_assessing_changes_nothing(ruleset: rules.RuleSet, person: Person) -> None:
    answers = person(meds_list=["opioid", "not_sure"], opioids=[{"drug": "morphine"}])
    before = repr(answers)
    assert ruleset.assess(answers) == ruleset.assess(answers)
    assert repr(answers) == before


@pytest.mark.parametrize("ask", ["assess", "path", "asked", "facts"])
def test_answers_outside_the_questionnaire_are_refused(ruleset: rules.RuleSet, person: Person, ask: str) -> None:
    with pytest.raises(rules.AnswerError, match="rf_bladder"):
        getattr(ruleset, ask)(person(rf_bladder="new"))
