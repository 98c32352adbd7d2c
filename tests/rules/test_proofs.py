"""The shipped rules have every property; of a rule set with one thing wrong, the proof finds it and shows answers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import click.testing
import pytest
from click.testing import CliRunner

import rules
from rules import proofs
from rules.cli import rules_group
from rules.loader import load
from rules.model import Tier
from rules.proofs import PROPERTIES, Fault, Result, prove, prove_property
from rules.proofs.tables import Bench

RULES = Path(rules.__file__).parent
PATTERNS = ("*.yaml", "article/*.yaml", "safety/*.yaml")
LEAST = Tier.INFO


class Change(NamedTuple):
    """`old` in a file of the shipped rules, and what a bad rule set has in its place."""

    file: str
    old: str
    new: str


@pytest.fixture(scope="module")
def command() -> tuple[click.testing.Result, list[Result]]:
    """What `flask rules prove` says of the shipped rules, and what it says it of."""
    results = list[Result]()

    def kept(*given: Any) -> list[Result]:
        results.extend(prove(*given))
        return results

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proofs, "prove", kept)
        return CliRunner().invoke(rules_group, ["prove"]), results


@pytest.fixture(scope="module")
def shipped(command: tuple[click.testing.Result, list[Result]]) -> list[Result]:
    return command[1]


def bad_folder(target: Path, *changes: Change) -> Path:
    """A copy of the shipped rules with some changes, from rules that have nothing wrong."""
    for path in (path for pattern in PATTERNS for path in RULES.glob(pattern)):
        copy = target / path.relative_to(RULES)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    for file, old, new in changes:
        text = (target / file).read_text()
        assert text.count(old) == 1, f"{text.count(old)} of {old!r} in {file}"
        (target / file).write_text(text.replace(old, new))
    return target


def faults_of(proved: str, folder: Path, only: str | None = None) -> tuple[Fault, ...]:
    wanted = next(each for each in PROPERTIES if each.id == proved)
    return prove_property(wanted, Bench(load(folder), lambda off: load(folder, off), only)).faults


def assessed(folder: Path, fault: Fault) -> list[rules.Assessment]:
    """What the bad rule set gives for the counterexample, after a journey through JSON."""
    ruleset = load(folder, fault.off)
    return [ruleset.assess(json.loads(json.dumps(case))) for case in fault.cases]


@pytest.mark.parametrize("proved", PROPERTIES, ids=lambda each: each.id)
def test_the_shipped_rules_have_the_property(shipped: list[Result], proved: Any) -> None:
    result = next(result for result in shipped if result.proved is proved)
    assert result.holds, [str(fault) for fault in result.faults]
    assert result.combinations > 0
    assert result.count == {"facts": 25, "emergency": 73, "tier": 1, "under_18": 51, "neutral": 22}.get(proved.id, 44)


def test_only_a14_needs_another_rule(shipped: list[Result]) -> None:
    notes = {result.proved.id: result.shared_note for result in shipped}
    assert notes["riskier"] == notes["blank"] == "A14 together with A01"
    assert notes["tier"] == "A13 always fires"


def test_all_of_it_takes_less_than_a_minute(shipped: list[Result]) -> None:
    assert sum(result.seconds for result in shipped) < 60


S27 = "safety/s27_cord_signs.yaml"
A13 = "article/a13_long_term.yaml"
FIELDS = "fields.yaml"


def test_a_level_that_nothing_fires(tmp_path: Path) -> None:
    folder = bad_folder(tmp_path, Change(S27, 'when: rf_gait != "no"', 'when: rf_gait != "no" && rf_gait == "no"'))
    (fault,) = faults_of("fires", folder)
    assert (fault.subject, fault.reason) == ("S27", "nothing fires its level PRIORITY")
    (assessment,) = assessed(folder, fault)
    assert fault.cases[0]["rf_gait"] == "longer_stable"
    assert assessment.fired("S27") is None


def test_a_masked_level(tmp_path: Path) -> None:
    folder = bad_folder(tmp_path, Change(S27, 'when: rf_gait != "no"', 'when: rf_gait == "new_or_worse_2w"'))
    (fault,) = faults_of("masked", folder)
    assert fault.reason == "its level PRIORITY holds only where a higher one does"
    (assessment,) = assessed(folder, fault)
    fired = assessment.fired("S27")
    assert fired is not None
    assert fired.level == Tier.URGENT


RISKIER = {
    "a code left out": Change(S27, 'when: rf_gait != "no"', 'when: rf_gait in ["longer_stable", "unanswered"]'),
    "a count turned round": Change(
        "article/a03_refractory.yaml", "inadequate >= inadequate_treatments", "inadequate <= inadequate_treatments"
    ),
    "a number turned round": Change(
        "article/a07_intense_pain.yaml", "peg_pain_severe && six", "3 && peg_pain < 9 && six"
    ),
    "a gate that closes": Change(FIELDS, 'asked_when: phq9_item9 != "0"', 'asked_when: phq9_item9 == "declined"'),
    "an item that calms": Change(
        "safety/s29_serious_diagnosis.yaml",
        'when: told_diagnosis.exists(named, named in ["inflammatory", "fracture", "infection", "tumour"])',
        'when: \'"tumour" in told_diagnosis && !("disc" in told_diagnosis)\'',
    ),
    "codes out of order": Change(
        FIELDS, "{id: rf_gait, step: 1, kind: one, codes: [no, longer_stable, not_sure, new_or_worse_2w]}",
        "{id: rf_gait, step: 1, kind: one, codes: [no, new_or_worse_2w, longer_stable, not_sure]}",
    ),
    "who fills it in has an order": Change(FIELDS, "carer, staff], unordered: true", "carer, staff]"),
}  # fmt: skip


@pytest.mark.parametrize("change", RISKIER.values(), ids=RISKIER)
def test_a_riskier_answer_that_lowers_the_tier(tmp_path: Path, change: Change) -> None:
    folder = bad_folder(tmp_path, change)
    faults = faults_of("riskier", folder)
    assert faults
    for fault in faults:
        before, after = assessed(folder, fault)
        assert before.tier > after.tier
        assert len({key for key in fault.cases[0] if fault.cases[0][key] != fault.cases[1][key]}) == 1


def test_a14_alone_is_found_too(tmp_path: Path) -> None:
    """Without A01 beside it, a treatment tried lowers the tier: no rule covers what A14 loses."""
    folder = bad_folder(tmp_path, Change("article/a01_pain.yaml", "when: has_pain", "when: leg"))
    (fault,) = faults_of("riskier", folder)
    assert fault.subject == "A14"
    assert [found.tier for found in assessed(folder, fault)] == [Tier.ROUTINE, LEAST]


BLANKS = {
    "a blank left out": Change(
        S27, 'when: rf_gait != "no"', 'when: rf_gait in ["longer_stable", "not_sure"] || rf_gait == "no"'
    ),
    "a blank list": Change("safety/s03_acute_illness.yaml", "|| size(rf_acute) == 0", '|| rf_acute == ["none"]'),
}


@pytest.mark.parametrize("change", BLANKS.values(), ids=BLANKS)
def test_a_blank_that_gives_less_than_no(tmp_path: Path, change: Change) -> None:
    folder = bad_folder(tmp_path, change)
    (fault,) = faults_of("blank", folder)
    before, after = assessed(folder, fault)
    assert before.tier > after.tier
    (changed,) = [key for key in fault.cases[0] if fault.cases[0][key] != fault.cases[1][key]]
    assert fault.cases[1][changed] is None


FACTS = {
    "chronic": Change(
        FIELDS, "[lt_6w, 6w_3m, 3_6m, 6_12m, gt_1y, not_sure]", "[lt_6w, 3_6m, 6w_3m, 6_12m, gt_1y, not_sure]"
    ),
    "high_impact": Change(
        FIELDS, "[never, some_days, most_days, every_day, not_sure]",
        "[never, most_days, some_days, every_day, not_sure]",
    ),
    "mme": Change("opioids.yaml", "morphine: {factor: 1,", "morphine: {factor: -1,"),
}  # fmt: skip


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_that_falls(tmp_path: Path, fact: str) -> None:
    folder = bad_folder(tmp_path, FACTS[fact])
    (fault,) = faults_of("facts", folder, fact)
    assert fault.subject == fact
    ruleset = load(folder)
    before, after = (ruleset.facts(case) for case in fault.cases)
    assert before[fact] > after[fact]


EMERGENCIES = {
    "new bladder trouble": Change(
        "safety/s01_cauda_equina.yaml", 'rf_bladder == "new_or_worse_2w"\n      || rf_bowel', "rf_bowel"
    ),
    "chest pain": Change("safety/s03_acute_illness.yaml", '"chest_pain", "breathless"', '"breathless"'),
    "fever, with a risk of infection or a blank": Change(
        "safety/s05_infection.yaml", 'infection_risk != ["none"] || neuro_any', '"tb" in infection_risk || neuro_any'
    ),
    "thoughts of self-harm, acting on them not ruled out": Change(
        "safety/s07_suicide_risk.yaml", 'si_now != "no")', 'si_now in ["yes", "not_sure", "prefer_not"])'
    ),
    "very high blood pressure in or after pregnancy: bp_systolic": Change(
        "thresholds.yaml", "bp_pregnant_severe_systolic: {value: 160", "bp_pregnant_severe_systolic: {value: 165"
    ),
    "blood thinner, with a new nerve sign: rf_gait": Change(
        "safety/s28_bleeding_risk.yaml", '"anticoagulant" in meds_list && neuro_new',
        '"anticoagulant" in meds_list && neuro_new && ces_any',
    ),
    "injury of a fragile person, with a new nerve sign: age_years, rf_leg_weakness": Change(
        "safety/s06_fracture.yaml", '(rf_trauma != "no" && fragile && neuro_new)',
        '(rf_trauma != "no" && bone_risk != "no" && neuro_new)',
    ),
}  # fmt: skip


@pytest.mark.parametrize("sign", EMERGENCIES)
def test_an_emergency_sign_that_is_missed(tmp_path: Path, sign: str) -> None:
    folder = bad_folder(tmp_path, EMERGENCIES[sign])
    faults = faults_of("emergency", folder, sign)
    assert faults
    for fault in faults:
        (assessment,) = assessed(folder, fault)
        assert fault.subject == sign and assessment.tier < Tier.EMERGENCY


def test_answers_left_without_a_tier(tmp_path: Path) -> None:
    always = "- name: everyone\n    answers: {}\n    gives: INFO\n    basis: answers"
    sometimes = "- name: no pain\n    answers: {pain_regions: [none]}\n    gives: nothing"
    folder = bad_folder(tmp_path, Change(A13, 'when: "true"', "when: has_pain"), Change(A13, always, sometimes))
    (fault,) = faults_of("tier", folder)
    (assessment,) = assessed(folder, fault)
    assert assessment.findings == ()


def test_a_condition_that_gives_an_error(tmp_path: Path) -> None:
    folder = bad_folder(tmp_path, Change(S27, 'when: rf_gait != "no"', 'when: rf_gait != "no" || 10 / peg_pain > 9'))
    (fault,) = faults_of("tier", folder)
    assert (fault.subject, fault.reason) == ("S27", "a condition gives an error")
    with pytest.raises(ArithmeticError):
        load(folder).assess(fault.cases[0])


@pytest.mark.parametrize(
    ("language", "old"),
    [("en", "Some medicines and drugs can hurt"), ("es", "Algunas medicinas y drogas pueden")],
)
def test_words_that_someone_under_18_must_not_read(tmp_path: Path, language: str, old: str) -> None:
    folder = bad_folder(tmp_path, Change("safety/s17_bladder.yaml", old, f"Ketalar {old}"))
    (fault,) = faults_of("under_18", folder)
    assert fault.subject == "S17"
    (assessment,) = assessed(folder, fault)
    finding = assessment.fired("S17")
    assert finding is not None
    assert fault.cases[0]["age_years"] < 18
    assert "Ketalar" in (load(folder).patient_text(finding, under_18=True, language=language) or "")


def test_a_question_that_no_one_under_18_is_asked(tmp_path: Path) -> None:
    gate = (
        'codes: [no, not_sure, yes]\n    asked_when: "!age_known || age_years >= adult_age"\n  - id: ketamine_setting'
    )
    folder = bad_folder(tmp_path, Change(FIELDS, gate, "codes: [no, not_sure, yes]\n  - id: ketamine_setting"))
    (fault,) = faults_of("under_18", folder, "considering_ketamine")
    assert fault.cases[0]["age_years"] < 18
    assert "considering_ketamine" in load(folder).asked(fault.cases[0])


NEUTRAL = {
    "a threshold": Change("thresholds.yaml", "red_flag_age: {value: 50", "red_flag_age: {value: 40"),
    "a number in a condition": Change("safety/s25_age.yaml", "age_years >= older_age", "age_years >= 30"),
    "a gate": Change(FIELDS, "age_years <= pregnancy_age_to", "age_years <= 44"),
    "an exact age": Change("safety/s25_age.yaml", "age_years >= older_age", "age_years % 33 == 0"),
}


@pytest.mark.parametrize("change", NEUTRAL.values(), ids=NEUTRAL)
def test_an_age_threshold_in_the_neutral_band(tmp_path: Path, change: Change) -> None:
    folder = bad_folder(tmp_path, change)
    faults = faults_of("neutral", folder)
    assert faults
    for fault in faults:
        before, after = assessed(folder, fault)
        younger, older = (case["age_years"] for case in fault.cases)
        assert 18 <= younger < older <= 49
        assert before.fired(fault.subject) != after.fired(fault.subject)


def test_the_command_prints_a_table(command: tuple[click.testing.Result, list[Result]]) -> None:
    said, results = command
    assert said.exit_code == 0 and len(results) == len(PROPERTIES)
    heads, _rule, *lines = said.stdout.splitlines()
    assert heads.split() == ["property", "enumerated", "combinations", "result"]
    for line, result in zip(lines, results, strict=True):
        assert line.startswith(result.proved.says) and f" {result.combinations:,} " in line and "proved" in line


def test_one_of_it_is_proved_alone_and_what_is_not_there_never_counts_as_proved(tmp_path: Path) -> None:
    folder = bad_folder(tmp_path, Change(S27, 'when: rf_gait != "no"', 'when: rf_gait == "new_or_worse_2w"'))
    prove_one = ["prove", str(folder), "--only"]
    found, other, unknown = (CliRunner().invoke(rules_group, [*prove_one, one]) for one in ("S27", "S10", "S99"))
    assert [found.exit_code, other.exit_code, unknown.exit_code] == [1, 0, 1]
    assert "S27: its level PRIORITY holds only where a higher one does" in found.stdout
    cases = [json.loads(line) for line in found.stdout.splitlines() if line.startswith("{")]
    assert cases and all(load(folder).assess(case) for case in cases)
    assert "proved" in other.stdout and "S27" not in other.stdout
    assert "proved" not in unknown.stdout and "S99 is not a rule" in unknown.stderr
