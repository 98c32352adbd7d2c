"""The call list: the fewest questions whose answers settle the tier."""

from __future__ import annotations

import time
from itertools import product
from typing import Any

import pytest

import rules
from tests.rules.conftest import Person

UNKNOWN_OPIOID = {
    "meds_list": ["opioid"],
    "opioids": [{"drug": "codeine", "dose": None, "per_day": 1}],
    "opioid_months": "lt_3m",
    "opioid_concerns": ["none"],
}
SEVERE = {"peg_pain": 5, "peg_enjoyment": 5, "peg_activity": 5}


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        pytest.param({}, [], id="nothing is unknown"),
        pytest.param({"rf_bladder": "not_sure"}, ["rf_bladder"], id="one sign"),
        pytest.param({"rf_bladder": "not_sure", "rf_acute": ["chest_pain"]}, [], id="an emergency is settled"),
        pytest.param(
            {"rf_bladder": "not_sure", "psychosis_mania": "current", "hx_eye": None}, ["rf_bladder"],
            id="what could be an emergency is asked at same-day too, the rest not",
        ),
        pytest.param({"cancer_history": None, "rf_gait": "new_or_worse_2w"}, ["cancer_history"], id="cancer"),
        pytest.param({"cancer_history": None, "rf_bladder": "new_or_worse_2w"}, [], id="behind an emergency"),
        pytest.param({"peg_pain": None, "peg_enjoyment": None, "peg_activity": None}, ["peg_pain"], id="scales"),
        pytest.param({**SEVERE, "tx_nsaid": None}, [], id="one treatment cannot be two"),
        pytest.param({**SEVERE, "tx_nsaid": None, "tx_physio": None}, ["tx_nsaid", "tx_physio"], id="two can"),
        pytest.param({"told_diagnosis": None, "bp_systolic": None, "seen_specialist": None}, [], id="neutral blanks"),
        pytest.param({"told_diagnosis": ["not_sure"]}, ["told_diagnosis"], id="not sure is no blank"),
        pytest.param({"tx_ketamine": "helped", "ketamine_courses": None}, [], id="a blank number, settled"),
        pytest.param(UNKNOWN_OPIOID, ["opioids"], id="an incomplete row"),
        pytest.param({"meds_list": None}, ["meds_list"], id="a question stands for its follow-ups"),
        pytest.param({"completed_by": "carer", "with_patient": "no"}, ["with_patient"], id="a carer alone"),
        pytest.param({"age_years": None}, ["age_years"], id="age"),
        pytest.param({"phq9_item9": None, "si_now": None}, ["phq9_item9", "si_now"], id="declined to answer"),
        pytest.param({"hx_eye": None}, [], id="ketamine is no question"),
        pytest.param(
            {"hx_eye": None, "considering_ketamine": None}, ["hx_eye", "considering_ketamine", "ketamine_setting"],
            id="it may be one",
        ),
    ],
)  # fmt: skip
def test_call_list(ruleset: rules.RuleSet, person: Person, changes: dict[str, Any], wanted: list[str]) -> None:
    assert ruleset.call_list(person(**changes)) == tuple(wanted)


def test_who_may_ask_what(ruleset: rules.RuleSet, person: Person) -> None:
    answers = person(rf_bladder=None, hx_airway=None, drug_use=None, meds_list=["benzo_z"], phq_down=None)
    front_desk, clinician = ruleset.call_list_for(answers)
    assert set(front_desk) | set(clinician) == set(ruleset.call_list(answers))
    assert "rf_bladder" in clinician
    assert {ruleset.fields[field].step for field in clinician} <= {1, 9, 10}
    assert not {ruleset.fields[field].step for field in front_desk} & {1, 9, 10}
    only = {field.id for field in ruleset.fields.values() if field.clinician_only}
    assert only == {field.id for field in ruleset.fields.values() if field.step in (1, 9, 10)}


def test_questions_not_reached_are_not_on_it(ruleset: rules.RuleSet, person: Person) -> None:
    answers = person(rf_bladder=None, meds_list=None)
    reached = [field for field in ruleset.fields if ruleset.fields[field].step == 1]
    assert ruleset.call_list(answers, reached=reached) == ("rf_bladder",)


def known_answers(ruleset: rules.RuleSet, field: str) -> list[Any]:
    given = ruleset.fields[field]
    if given.kind == "any":
        items = [code for code in given.codes[1:] if code != "not_sure"]
        return [["none"], *([item] for item in items), items]
    if given.kind == "one":
        return [code for code in given.codes if code not in ("not_sure", "prefer_not", "declined")]
    return list(range(given.min or 0, (given.max or 0) + 1))


@pytest.mark.parametrize(
    "unknown",
    [
        ["rf_legs_pain", "rf_sexual", "rf_leg_weakness"],
        ["cancer_history", "rf_gait", "rf_systemic"],
        ["infection_risk", "rf_systemic", "rf_bladder"],
        ["rf_trauma", "bone_risk", "rf_gait", "pain_changed"],
        ["pain_duration", "peg_pain", "tx_nsaid"],
        ["hx_airway", "drug_use", "bladder_sx"],
        ["suicide_attempt", "psychosis_mania", "rf_saddle"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize(
    "known",
    [
        {}, {"psychosis_mania": "past"}, {"rf_legs_weak": "longer_stable"},
        {"tx_physio": "no_help", "pain_limits": "every_day"},
    ],
    ids=["calm", "priority", "urgent", "pain"],
)  # fmt: skip
def test_it_is_exactly_what_can_make_a_difference(
    ruleset: rules.RuleSet, person: Person, unknown: list[str], known: dict[str, Any]
) -> None:
    """Against assessing every combination of answers."""
    answers = person(**{**known, **dict.fromkeys(unknown)})
    values = [known_answers(ruleset, field) for field in unknown]
    tiers = {
        tuple(map(str, combination)): ruleset.assess({**answers, **dict(zip(unknown, combination, strict=True))}).tier
        for combination in product(*values)
    }
    expected = []
    for place, field in enumerate(unknown):
        groups: dict[tuple[str, ...], set[rules.Tier]] = {}
        for combination, tier in tiers.items():
            groups.setdefault(combination[:place] + combination[place + 1 :], set()).add(tier)
        if any(len(group) > 1 for group in groups.values()):
            expected.append(field)
    assert ruleset.call_list(answers) == tuple(field for field in ruleset.fields if field in expected)


def test_with_everything_unknown_it_still_ends_soon(ruleset: rules.RuleSet) -> None:
    blank: dict[str, Any] = dict.fromkeys(ruleset.fields)
    start = time.process_time()
    everything = ruleset.call_list(blank)
    assert len(everything) > 50
    assert ruleset.call_list({**blank, "rf_acute": ["chest_pain"]}) == ()
    assert time.process_time() - start < 10
