"""The record: what was asked and answered, as worded, and nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import rules
from rules.facts import FACTS
from screening.questions import QUESTIONS, VERSION, questionnaire_sha256
from screening.record import FindingText, Record, build_record, finding_texts

pytestmark = pytest.mark.usefixtures("in_app")


def record_of(ruleset: rules.RuleSet, **changes: Any) -> Record:
    return build_record(ruleset, {**ruleset.base_person, **changes})


WORDED: list[tuple[dict[str, Any], str, str]] = [
    ({}, "rf_bladder", "No"),
    ({}, "peg_pain", "2 out of 10"),
    ({"gad_nervous": 3}, "gad_nervous", "Nearly every day"),
    ({"phq9_item9": 0}, "phq9_item9", "Never"),
    ({"phq9_item9": "declined"}, "phq9_item9", "I’d rather not say"),
    ({"audit1": 4}, "audit1", "4 or more times a week"),
    ({"bp_systolic": 120}, "bp_systolic", "120 mmHg"),
    ({"tx_ketamine": "helped", "ketamine_courses": 6}, "ketamine_courses", "6"),
    (
        {"rf_systemic": ["weight_loss", "fever_chills"]},
        "rf_systemic",
        "Fever or shaking chills; You lose weight without trying",
    ),
    ({"anything_else": "Two\nlines"}, "anything_else", "Two\nlines"),
    ({"peg_pain": None}, "peg_pain", "Not answered"),
    ({"told_diagnosis": []}, "told_diagnosis", "Not answered"),
    ({}, "anything_else", "Not answered"),
]


@pytest.mark.parametrize(("changes", "field", "answer"), WORDED)
def test_an_answer_as_worded(ruleset: rules.RuleSet, changes: dict[str, Any], field: str, answer: str) -> None:
    row = record_of(ruleset, **changes).row(field)
    assert row is not None
    assert row.answer == answer
    assert row.question == str(QUESTIONS[field].text)
    assert row.short == str(QUESTIONS[field].short)


OPIOIDS: list[tuple[dict[str, Any], str]] = [
    ({"drug": "oxycodone", "dose": 10, "per_day": 3}, "Oxycodone 10 mg, 3 a day"),
    ({"drug": "oxycodone", "dose": 7.5, "per_day": 0.5}, "Oxycodone 7.5 mg, 0.5 a day"),
    ({"drug": "fentanyl_patch", "dose": 25, "per_day": None}, "Fentanyl patch 25 mcg/h"),
    ({"drug": "fentanyl_patch", "dose": 25, "per_day": 0.3}, "Fentanyl patch 25 mcg/h, 0.3 a day"),
    ({"drug": "codeine", "dose": None, "per_day": None}, "Codeine, dose not known, times a day not known"),
    ({"drug": None, "dose": 10, "per_day": 2}, "Opioid whose name is not known, dose 10, 2 a day"),
    ({"drug": "codeine"}, "Codeine, dose not known, times a day not known"),
]


@pytest.mark.parametrize(("given", "worded"), OPIOIDS)
def test_an_opioid_row_as_worded(ruleset: rules.RuleSet, given: dict[str, Any], worded: str) -> None:
    row = record_of(ruleset, meds_list=["opioid"], opioids=[given]).row("opioids")
    assert row is not None and row.answer == worded and row.code == [given]


def test_rows_are_of_asked_questions_alone(ruleset: rules.RuleSet) -> None:
    off_path = {"opioid_months": "gt_3m", "pregnancy": "pregnant", "escort": "no"}
    record = record_of(ruleset, **off_path)
    answers = {**ruleset.base_person, **off_path}
    assert [row.id for row in record.rows()] == [field for field in ruleset.asked(answers) if field != "age_years"]
    assert not [row for row in record.rows() if row.id in off_path]


def test_states_and_codes_are_those_of_the_rules(ruleset: rules.RuleSet) -> None:
    answers = {**ruleset.base_person, "hx_eye": "not_sure", "peg_pain": None, "phq9_item9": 0}
    record = build_record(ruleset, answers)
    path = ruleset.path(answers)
    assert {(row.id, row.state) for row in record.rows()} == {
        (field, given.state.value)
        for field, given in path.items()
        if given.state is not rules.State.NOT_ASKED and field != "age_years"
    }
    assert all(row.code == path[row.id].value for row in record.rows())


def test_a_record_comes_back_from_json(ruleset: rules.RuleSet) -> None:
    record = record_of(ruleset, meds_list=["opioid"], opioids=[{"drug": "oxycodone", "dose": 5, "per_day": 1}])
    assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record
    assert (record.questionnaire_version, record.questionnaire_sha256) == (VERSION, questionnaire_sha256())
    assert (record.language, record.age_years) == ("en", 45)
    assert [section.number for section in record.sections] == list(range(1, 12))


def findings(ruleset: rules.RuleSet, under_18: bool = False, **changes: Any) -> dict[str, FindingText]:
    answers = {**ruleset.base_person, **changes}
    texts = finding_texts(ruleset, ruleset.assess(answers), build_record(ruleset, answers), under_18)
    assert [text.rule for text in texts] == [finding.rule for finding in ruleset.assess(answers).findings]
    return {text.rule: text for text in texts}


def test_a_finding_as_worded(ruleset: rules.RuleSet) -> None:
    given = findings(ruleset, peg_pain=4, peg_enjoyment=4, peg_activity=4, tx_nsaid="no_help", tx_physio="helped_some")
    found = given["A03"]
    rule = ruleset.rules["A03"]
    assert (found.title, found.topic, found.tier, found.basis) == (rule.title, rule.topic, "CONSULT", "answers")
    assert ("Pain in the past week", "4 out of 10") in found.because
    assert ("Anti-inflammatory medicines", "Yes, but it did not help") in found.because
    assert found.patient == rule.levels[0].patient["en"] and found.physician == rule.physician
    assert found.evidence == tuple(ruleset.evidence[key] for key in rule.evidence) and found.evidence
    assert found.sources[0][0].startswith(rule.sources[0].title) and found.sources[0][1] is True
    assert FindingText.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_an_unverified_source_says_so(ruleset: rules.RuleSet) -> None:
    assert not all(verified for _, verified in findings(ruleset, hx_porphyria="yes")["S24"].sources)


def test_patient_text_is_hidden_under_18(ruleset: rules.RuleSet) -> None:
    assert findings(ruleset)["A01"].patient
    young = findings(ruleset, under_18=True, age_years=16)
    assert not young["A01"].patient and young["S25"].because == (("Age", "16"),)


def test_an_unknown_age_is_named(ruleset: rules.RuleSet) -> None:
    assert findings(ruleset, age_years=None)["S25"].because == (("Age", "Not known"),)


def test_patient_text_is_left_out_where_ketamine_is_no_question(ruleset: rules.RuleSet) -> None:
    assert not findings(ruleset, hx_heart="unstable")["S10"].patient
    assert findings(ruleset, hx_heart="unstable")["S10"].tier == "INFO"
    in_play: dict[str, Any] = {
        "considering_ketamine": "yes",
        "ketamine_setting": "clinic",
        "escort": "yes",
        "expectation": "some_relief",
    }
    assert findings(ruleset, hx_heart="unstable", **in_play)["S10"].patient


@pytest.mark.parametrize(
    ("changes", "rule", "project"),
    [
        ({"rf_legs_pain": "new_or_worse_2w"}, "S01", True),
        ({"rf_bladder": "new_or_worse_2w"}, "S01", False),
        ({"rf_trauma": "minor", "bone_risk": "yes"}, "S06", True),
        ({"tx_nsaid": "no_help", "tx_physio": "no_help", "peg_pain": 10, "pain_limits": "every_day"}, "A04", True),
        ({}, "A01", False),
        ({"cancer_history": "not_sure"}, "S04", False),
    ],
)
def test_a_project_threshold_is_marked(
    ruleset: rules.RuleSet, changes: dict[str, Any], rule: str, project: bool
) -> None:
    assert findings(ruleset, **changes)[rule].project_threshold is project


def test_a_level_with_a_project_threshold_behind_a_fact_is_marked_itself(ruleset: rules.RuleSet) -> None:
    own = {threshold.id for threshold in ruleset.thresholds.values() if threshold.project}
    facts = {fact.id for fact in FACTS if own & set(fact.reads)}
    levels = [level for rule in ruleset.rules.values() for level in rule.levels]
    reading = [level for level in levels if facts & set(re.findall(r"\w+", level.when))]
    assert facts and reading
    assert all(level.project for level in reading)
