"""A rule set with anything wrong in it does not load, and says where and why."""

from __future__ import annotations

from pathlib import Path

import pytest

import rules
from rules.loader import load
from tests.rules.conftest import Broken

A03, S10 = "article/a03_refractory.yaml", "safety/s10_heart.yaml"
FIELDS, THRESHOLDS, SOURCES = "fields.yaml", "thresholds.yaml", "sources.yaml"
WHEN = 'hx_heart == "unstable"'


def test_all_rules_load(ruleset: rules.RuleSet) -> None:
    assert list(ruleset.rules) == [f"A{n:02}" for n in range(1, 16)] + [f"S{n:02}" for n in range(1, 30)]


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        (A03, "version: 1", "version: 1\nversion: 2", "duplicate key"),
        (A03, "topic: Treatments tried", "topic: Treatments tried\ncolour: red", "unknown key 'colour'"),
        (A03, "  - tier: CONSULT", "  - tier: CONSULT\n    color: red", "unknown key 'color'"),
        (A03, "version: 1", "version: one", "version must be a whole number"),
        (A03, "version: 1", "version: true", "version must be a whole number"),
        (A03, "owner: Medical lead", "owner: ''", "owner must not be blank"),
        (A03, "review_by: 2027-11-22", "review_by: soon", "review_by must be a date"),
        (A03, "sources: [article]", "sources: []", "sources must not be empty"),
        (A03, "sources: [article]", "sources: [hearsay]", "'hearsay' is not in sources.yaml"),
        (A03, "evidence: [asra_2018", "evidence: [hearsay", "'hearsay' is not in sources.yaml"),
        (A03, "physician: >-", "physicians: >-", "unknown key 'physicians'"),
        (A03, "    patient:", "    patients:", "unknown key 'patients'"),
        (
            A03,
            "topic: Treatments tried",
            "topic: Treatments tried\nhidden_under_18: false",
            "no text for patients under 18",
        ),
        (A03, "id: A03", "id: a03", "id must be"),
        (A03, "gives: CONSULT", "gives: MAYBE", "gives must be one of"),
        (A03, "basis: answers", "basis: sure", "basis must be"),
        (A03, "peg_pain: 4", "peg_pain: 40", "peg_pain: must be a whole number from 0 to 10"),
        (A03, "peg_pain: 4", "peg_pian: 4", "peg_pian: is not a question"),
        (S10, "  - tier: PRIORITY", "  - tier: SEVERE", "tier must be one of"),
        (S10, "in_play_only: true", "in_play_only: yes", "in_play_only must be true or false"),
        (S10, "in_play_only: true", "because_also: [never]", "because_also"),
        (S10, "id: S10", "id: A03", "heading"),
        (S10, "topic: Health conditions", "topic: Health conditions\nheading: Heart", "heading"),
        (THRESHOLDS, "source: ketamine_labels", "source: hearsay", "'hearsay' is not in sources.yaml"),
        (THRESHOLDS, "source: ketamine_labels", "note: none", "unknown key 'note'"),
        (THRESHOLDS, ", source: ketamine_labels", "", "needs a source"),
        (THRESHOLDS, "value: 18", "value: many", "value must be a number"),
        (SOURCES, "verified: true", "verified: 1", "verified must be true or false"),
        (FIELDS, "- {id: completed_by,", "- {id: age_years,", "age_years is there twice"),
        (FIELDS, "kind: one", "kind: choice", "kind must be one of"),
        (FIELDS, "codes: [self, carer, staff]", "codes: [self, self]", "codes names something twice"),
        (FIELDS, "codes: [self, carer, staff]", "min: 3", "unknown key 'min'"),
        (FIELDS, "unknown: [no]", "unknown: [yes]", "unknown must be codes"),
        (FIELDS, "min: 0, max: 120", "min: 120, max: 0", "min must be below max"),
        (FIELDS, "neutral: [18, 49]", "neutral: [18, 200]", "neutral must be two whole numbers"),
        (FIELDS, ", neutral: [18, 49]", "", "neutral goes with an unordered number"),
        (FIELDS, "codes: [none, not_sure, night_pain", "codes: [not_sure, none, night_pain", "must be none"),
        (FIELDS, "unanswered: lowest", "unanswered: highest", "unanswered can only be lowest"),
        (FIELDS, 'completed_by == "carer"', 'completed_by == "nurse"', "'nurse' is not a code of completed_by"),
        (FIELDS, 'completed_by == "carer"', 'cancer_history == "past"', "rests on a later field"),
        (FIELDS, 'completed_by == "carer"', 'carer == "yes"', "unknown name 'carer'"),
        ("opioids.yaml", "source: cdc_2022", "source: hearsay", "'hearsay' is not in sources.yaml"),
        ("opioids.yaml", "dose: {over: 0,", "dose: {", "a dose starts over a number or at a min"),
        ("contradictions.yaml", "[tx_ketamine, ketamine_allergy]", "[tx_ketamine]", "two field ids"),
        ("contradictions.yaml", '"never"', '"nevr"', "'nevr' is not a code of tx_ketamine"),
        ("base_person.yaml", "completed_by: self", "completed_by: himself", "must be one of"),
        ("ruleset.yaml", "version: 1.0.0", "version: 1.0", "version must be text"),
    ],
)
def test_names_file_line_and_reason(folder: Path, broken: Broken, file: str, old: str, new: str, reason: str) -> None:
    changed = (folder / file).read_text().partition(old)[0].count("\n") + 1
    error = broken(file, old, new)
    assert error.file == file
    assert reason in error.reason
    assert error.line == changed + new.count("\n")


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        (A03, "title: Common", "title: [Common", "is not YAML"),
        (A03, "owner: Medical lead\n", "", "owner is missing"),
        (A03, "review_by: 2027-11-22\n", "", "review_by is missing"),
        (A03, "sources: [article]\n", "", "sources is missing"),
        (A03, "heading: Conventional Treatments and Their Limitations\n", "", "heading"),
        (S10, "  - tier: PRIORITY", "  - tier: ROUTINE", "highest tier down"),
        (S10, "  - tier: PRIORITY", "  - tier: CONSULT", "one for each tier"),
        (THRESHOLDS, "adult_age:", "peg_pain:", "peg_pain names two things"),
        (FIELDS, "{id: bone_risk", "{id: bones", "bone_risk is missing: the fact fragile needs it"),
        ("opioids.yaml", "  codeine:", "  codein:", "drugs must be the codes of opioids"),
    ],
)
def test_names_file_and_reason_of_what_has_no_line(broken: Broken, file: str, old: str, new: str, reason: str) -> None:
    error = broken(file, old, new)
    assert error.file == file
    assert reason in error.reason


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("hx_heart == 'wobbly'", "'wobbly' is not a code of hx_heart"),
        ('hx_heart == "no" && hx_eye == "stable"', "'stable' is not a code of hx_eye"),
        ('hx_heart in ["stable", "severe"]', "'severe' is not a code of hx_heart"),
        ('"opiod" in meds_list', "'opiod' is not a code of meds_list"),
        ('"unanswered" in meds_list', "'unanswered' is not a code of meds_list"),
        ('meds_list.exists(m, m in ["opioid", "opiod"])', "'opiod' is not a code of meds_list"),
        ('meds_list != ["nothing"]', "'nothing' is not a code of meds_list"),
        ('hx_heart_state == "blank"', "'blank' is not a code of hx_heart_state"),
        ('hx_heart == "no" && size(["past"]) == 0', "'past' is not a code of any field"),
        ("hx_hart == 'no'", "unknown name 'hx_hart'"),
        ("hx_heart", "must be true or false"),
        ("peg_sum", "must be true or false"),
        ("hx_heart == 1", "no matching overload"),
        ("peg_sum >= 1.5", "no matching overload"),
        ("mme >= 50", "no matching overload"),
        ('hx_heart == "no" &&', "Syntax error"),
        ('hx_heart == "no', "cannot read"),
        ('opioids == "codeine"', "unknown name 'opioids'"),
        ('meds_list.exists(leg, leg == "opioid")', "'leg' is the name of something else"),
        ('meds_list.exists(m, true) && m == "opioid"', "undeclared reference"),
    ],
)
def test_refuses_a_condition(broken: Broken, condition: str, reason: str) -> None:
    error = broken(S10, f"when: {WHEN}", f"when: |-\n      {condition}")
    assert error.file == S10
    assert reason in error.reason


def test_error_in_a_condition_of_several_lines_names_the_line(folder: Path, broken: Broken) -> None:
    changed = (folder / S10).read_text().partition(WHEN)[0].count("\n") + 1
    error = broken(S10, f"when: {WHEN}", "when: |-\n      leg ||\n      leg == 3")
    assert error.line == changed + 2


@pytest.mark.parametrize(
    "condition",
    [
        'hx_heart in ["unstable", "unanswered"]',
        '"unstable" == hx_heart',
        'hx_heart_state == "unknown"',
        'meds_list.exists(m, m in ["opioid"])',
        '["opioid", "benzo_z"].exists(m, m in meds_list)',
        "size(meds_list) == 0 || meds_list == []",
        'phq9_item9 == "0" && mme >= mme_high',
    ],
)
def test_takes_a_condition(folder: Path, condition: str) -> None:
    file = folder / S10
    file.write_text(file.read_text().replace(f"when: {WHEN}", f"when: >-\n      {condition}"))
    assert load(folder).rules["S10"].levels[0].when == condition


def test_patient_text_on_ketamine_needs_hiding_under_18(folder: Path, broken: Broken) -> None:
    file = folder / S10
    file.write_text(
        file.read_text().replace("hidden_under_18: true\n", "").replace("that is not settled.", "and Ketamine.")
    )
    error = broken(S10, "version: 1", "version: 2")
    assert "needs hidden_under_18" in error.reason


def test_a_rule_id_is_there_once(folder: Path) -> None:
    (folder / "safety/s10_again.yaml").write_text((folder / S10).read_text())
    with pytest.raises(rules.RuleError, match=r"S10 is there twice, here and in safety/s10_again\.yaml"):
        load(folder)


@pytest.mark.parametrize("name", ["fields.yaml", "sources.yaml", "ruleset.yaml"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(rules.RuleError, match=f"{name}:1: cannot be read"):
        load(folder)


def test_a_folder_without_rules_does_not_load(folder: Path) -> None:
    (folder / A03).unlink()
    (folder / S10).unlink()
    with pytest.raises(rules.RuleError, match="no rules are here"):
        load(folder)


def test_an_unknown_part_cannot_be_switched_off() -> None:
    with pytest.raises(ValueError, match="audit_d"):
        rules.load(switched_off=frozenset({"audit_d"}))


def test_the_hash_is_of_the_content_alone(folder: Path) -> None:
    before = load(folder).sha256
    file = folder / THRESHOLDS
    file.write_text("# A comment.\n" + file.read_text())
    assert load(folder).sha256 == before
    file.write_text(file.read_text().replace("value: 65", "value: 66", 1))
    assert load(folder).sha256 != before


def test_a_condition_that_fails_is_never_taken_for_clear_or_fired(folder: Path) -> None:
    file = folder / S10
    file.write_text(file.read_text().replace(f"when: {WHEN}", "when: 10 / (peg_sum - peg_sum) > 1"))
    loaded = load(folder)
    with pytest.raises(ArithmeticError, match="divide by zero"):
        loaded.assess(loaded.base_person)


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        (A03, "gives: nothing", "gives: CONSULT", "no example gives nothing"),
        (S10, "gives: PRIORITY", "gives: INFO", "no example fires the level PRIORITY"),
        (A03, "    basis: unknown\n", "", "no example has the basis unknown, and the rule can have it"),
    ],
)
def test_a_missing_example_stops_the_load(broken: Broken, file: str, old: str, new: str, reason: str) -> None:
    error = broken(file, old, new)
    assert (error.file, error.reason) == (file, reason)
    assert error.line > 1
