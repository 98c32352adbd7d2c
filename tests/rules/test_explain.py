"""explain-case: the worked cases of the clinical text, and every input that it must refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import rules
from screening.explain import explain_case
from tests.rules.conftest import Person

UNANSWERED_PEG = {"peg_pain": None, "peg_enjoyment": None, "peg_activity": None}
TWO_FAILED = {"tx_nsaid": "no_help", "tx_physio": "no_help"}
ON_EVERYONE = {"A01", "A13"}


def peg(pain: int, enjoyment: int, activity: int) -> dict[str, int]:
    return {"peg_pain": pain, "peg_enjoyment": enjoyment, "peg_activity": activity}


def run(text: str | bytes) -> Result:
    return CliRunner().invoke(explain_case, ["-"], input=text)


def explain(*cases: dict[str, Any]) -> list[dict[str, Any]]:
    result = run("\n".join(json.dumps(case) for case in cases))
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


SEVERE = {
    "pain_regions": ["low_back", "calf_l", "foot_l"],
    **peg(8, 7, 8),
    "pain_limits": "most_days",
    "nerve_feelings": ["burning", "electric", "numb"],
    "tx_nsaid": "no_help",
    "tx_nerve_med": "stopped_side_effects",
    "tx_physio": "helped_some",
    "tx_psych": "never",
    "considering_ketamine": "yes",
    "ketamine_setting": "clinic",
    "escort": "yes",
    "expectation": "some_relief",
}


@pytest.mark.parametrize(
    ("changes", "tier", "fired"),
    [
        ({}, "ROUTINE", ""),
        (SEVERE, "CONSULT", "A02 A03 A04 A06 A07 A14 A15"),
        ({"age_years": 16, "pain_duration": "lt_6w", **peg(5, 5, 5), "rf_saddle": "new_or_worse_2w"}, "EMERGENCY",
         "S01 S25"),
        ({**peg(4, 4, 4), "tx_nsaid": "no_help", "tx_physio": "helped_some"}, "CONSULT", "A03"),
        ({**peg(4, 4, 3), "tx_nsaid": "no_help", "tx_physio": "helped_some"}, "ROUTINE", ""),
        ({**UNANSWERED_PEG, **TWO_FAILED}, "CONSULT", "A03 A04 A07"),
    ],
)  # fmt: skip
def test_worked_cases(person: Person, changes: dict[str, Any], tier: str, fired: str) -> None:
    [found] = explain(person(**changes))
    assert found["tier"] == tier
    assert found["flagged"] is (tier != "ROUTINE")
    assert {finding["rule"] for finding in found["findings"]} - ON_EVERYONE == set(fired.split())
    assert {finding["rule"] for finding in found["findings"]} >= ON_EVERYONE


def test_the_worked_case_out_of_scope(person: Person) -> None:
    [found] = explain(person(age_years=16, rf_saddle="new_or_worse_2w"))
    assert (found["out_of_scope"], found["incomplete"], found["contradictions"]) == (True, [], [])


def test_the_worked_case_that_is_incomplete(person: Person) -> None:
    [found] = explain(person(**UNANSWERED_PEG, **TWO_FAILED))
    assert found["incomplete"] == list(UNANSWERED_PEG)
    basis = {finding["rule"]: finding["basis"] for finding in found["findings"]}
    assert basis == {"A01": "answers", "A13": "answers", "A03": "unknown", "A04": "unknown", "A07": "unknown"}


def test_the_shape_of_an_answer(ruleset: rules.RuleSet, person: Person) -> None:
    [found] = explain(person(ketamine_allergy="yes", hx_eye=None))
    assert list(found) == [
        "tier", "flagged", "out_of_scope", "findings", "incomplete", "contradictions", "ruleset",
    ]  # fmt: skip
    assert [list(finding) for finding in found["findings"]] == [["rule", "tier", "basis", "because"]] * 4
    assert found["findings"][0] == {
        "rule": "A01", "tier": "ROUTINE", "basis": "answers", "because": ["pain_regions"],
    }  # fmt: skip
    assert found["incomplete"] == ["hx_eye"]
    assert found["contradictions"] == [["tx_ketamine", "ketamine_allergy"]]
    assert found["ruleset"] == {"version": ruleset.version, "sha256": ruleset.sha256}


def test_one_object_a_line_with_blank_lines_between(person: Person) -> None:
    first, second = json.dumps(person()), json.dumps(person(rf_acute=["collapse"]))
    result = run(f"\n{first}\r\n\n  \n{second}\n\n")
    assert [json.loads(line)["tier"] for line in result.stdout.splitlines()] == ["ROUTINE", "EMERGENCY"]


@pytest.mark.parametrize("indent", [0, 2, None])
def test_one_object_over_many_lines(person: Person, indent: int | None) -> None:
    case = person(meds_list=["opioid"], opioids=[{"drug": "codeine", "dose": 30, "per_day": 1.5}])
    result = run("\n" + json.dumps(case, indent=indent) + "\n")
    assert json.loads(result.stdout) == explain(case)[0]


def test_a_byte_order_mark_is_no_answer(person: Person) -> None:
    assert run(b"\xef\xbb\xbf" + json.dumps(person()).encode()).exit_code == 0


def test_nothing_in_is_nothing_out() -> None:
    result = run("\n\n")
    assert (result.exit_code, result.stdout) == (0, "")


def test_a_file_by_name(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(person()))
    result = CliRunner().invoke(explain_case, [str(file)])
    assert json.loads(result.stdout)["tier"] == "ROUTINE"


def test_null_an_empty_list_and_a_missing_key_are_the_same(person: Person) -> None:
    missing = person()
    del missing["hx_eye"]
    assert len({json.dumps(found) for found in explain(person(hx_eye=None), person(hx_eye=[]), missing)}) == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"rf_spleen": "no"}', ["rf_spleen", "rules/fields.yaml"]),
        ('{"date_of_birth": "1980-01-01"}', ["date_of_birth", "age_years"]),
        ('{"full_name": "A"}', ["full_name", "not allowed"]),
        ('{"email": "a@b.c"}', ["email", "not allowed"]),
        ('{"rf_bladder": "maybe"}', ["rf_bladder", '"longer_stable"']),
        ('{"peg_pain": "1"}', ["peg_pain", "a whole number from 0 to 10"]),
        ('{"peg_pain": 1.0}', ["peg_pain", "a whole number from 0 to 10"]),
        ('{"peg_pain": true}', ["peg_pain", "a whole number from 0 to 10"]),
        ('{"peg_pain": 11}', ["peg_pain", "a whole number from 0 to 10"]),
        ('{"peg_pain": 1e400}', ["peg_pain", "a whole number from 0 to 10"]),
        ('{"peg_pain": NaN}', ["peg_pain", "a whole number from 0 to 10"]),
        ('{"peg_pain": -Infinity}', ["peg_pain", "a whole number from 0 to 10"]),
        ('{"peg_pain": ' + "9" * 400 + "}", ["peg_pain", "a whole number from 0 to 10"]),
        ('{"peg_pain": ' + "9" * 100_000 + "}", ["peg_pain", "a whole number from 0 to 10"]),
        ('{"si_now": "never"}', ["si_now", "prefer_not"]),
        ('{"phq9_item9": "1"}', ["phq9_item9", '0, "declined", 1, 2, 3']),
        ('{"meds_list": "opioid"}', ["meds_list", "a list of codes"]),
        ('{"meds_list": ["none", "opioid"]}', ["meds_list", '"none" must stand alone']),
        ('{"bp_systolic": 80, "bp_diastolic": 80}', ["bp_systolic", "above bp_diastolic"]),
        ('{"opioids": [{}, {}, {}, {}]}', ["opioids", "at most 3 rows"]),
        ('{"opioids": [{"drug": "codeine", "dose": 0}]}', ["opioids", "over 0 up to 2000 mg"]),
        ('{"opioids": [{"dose": NaN}]}', ["opioids", "dose must be a number"]),
        ('{"opioids": [{"drug": "codeine", "drug": "other"}]}', ["drug", "allowed once"]),
        ('{"anything_else": "' + "x" * 1001 + '"}', ["anything_else", "at most 1000 characters"]),
        ('{"peg_pain": 1, "peg_pain": 2}', ["peg_pain", "allowed once"]),
        ('{"peg_pain": 1', ["malformed JSON"]),
        ('{"peg_pain": 1} {"peg_pain": 1}', ["malformed JSON"]),
        ("{'peg_pain': 1}", ["malformed JSON"]),
        ("no", ["malformed JSON"]),
        ("[" * 100_000, ["malformed JSON"]),
        ('["peg_pain"]', ["one JSON object"]),
        ("null", ["one JSON object"]),
        ("3", ["one JSON object"]),
        (b'{"anything_else": "\xff"}', ["UTF-8"]),
        ('{"a\\nb\\u001b[31m": 1}', ["is not a question"]),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_bad_input(person: Person, line: str | bytes, says: list[str]) -> None:
    good = json.dumps(person()).encode()
    bad = line if isinstance(line, bytes) else line.encode()
    result = run(b"\n".join([good, b"", bad, good]))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: line 3: ")
    assert result.stderr.count("\n") == 1
    assert result.stderr.rstrip("\n").isprintable()
    assert [word for word in says if word not in result.stderr] == []


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('{\n  "rf_gait": "no",\n  "peg_pain": 11\n}\n', 3, "peg_pain"),
        ('{\n  "rf_gait": "no",\n  "peg_pain": 1,\n  "rf_gait": "no"\n}\n', 4, "rf_gait"),
        ('{\n  "rf_gait": "no",\n  "peg_pain": 1,,\n}\n', 3, "malformed JSON"),
        ('{\n  "rf_gait": "no"\n', 3, "malformed JSON"),
        ('\n{\n  "rf_gait": "no"\n}\n{\n  "rf_gait": "no"\n}\n', 2, "malformed JSON"),
        ('{"rf_gait": "no"\n{"rf_gait": "no"}\n', 1, "malformed JSON"),
        ('{"rf_gait": "no"}\n}\n', 2, "malformed JSON"),
        (b'{\n  "rf_gait": "no",\n  "anything_else": "\xff"\n}\n', 3, "UTF-8"),
    ],
)
def test_the_line_of_bad_input_over_many_lines(text: str | bytes, line: int, says: str) -> None:
    result = run(text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: line {line}: ")
    assert says in result.stderr


def test_a_missing_file_is_status_2(tmp_path: Path) -> None:
    result = CliRunner().invoke(explain_case, [str(tmp_path / "missing.json")])
    assert (result.exit_code, result.stdout) == (2, "")


def test_off_path_answers_are_checked_then_ignored(person: Person) -> None:
    assert explain(person(si_now="yes")) == explain(person())
    assert run(json.dumps(person(si_now="perhaps"))).exit_code == 2
