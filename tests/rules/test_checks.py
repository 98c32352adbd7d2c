"""Which answers are of the questionnaire at all."""

from __future__ import annotations

import math
from typing import Any

import pytest

import rules

REFUSED: list[tuple[str, Any, str]] = [
    ("nonsense", "no", "is not a question"),
    ("date_of_birth", "1980-01-01", "age_years stands in place of a date of birth"),
    ("full_name", "A", "tells who a person is"),
    ("phone", "1", "tells who a person is"),
    ("may_leave_message", True, "tells who a person is"),
    ("email", "a@b", "tells who a person is"),
    ("a\nb", 1, "is not a question"),
    ("rf_bladder", "new", 'must be one of "no", "longer_stable", "not_sure", "new_or_worse_2w"'),
    ("rf_bladder", "unanswered", "must be one of"),
    ("rf_bladder", "", "must be one of"),
    ("rf_bladder", ["no"], "must be one of"),
    ("rf_bladder", {"no": 1}, "must be one of"),
    ("rf_bladder", False, "must be one of"),
    ("phq9_item9", "0", 'must be one of 0, "declined", 1, 2, 3'),
    ("phq9_item9", True, "must be one of"),
    ("phq9_item9", False, "must be one of"),
    ("phq9_item9", 1.0, "must be one of"),
    ("phq9_item9", 4, "must be one of"),
    ("meds_list", "opioid", "must be a list of codes"),
    ("meds_list", ["opiod"], "must be a list of codes"),
    ("meds_list", [1], "must be a list of codes"),
    ("meds_list", [None], "must be a list of codes"),
    ("meds_list", [["opioid"]], "must be a list of codes"),
    ("meds_list", {"opioid": True}, "must be a list of codes"),
    ("meds_list", ["none", "opioid"], '"none" must stand alone'),
    ("meds_list", ["none", "not_sure"], '"none" must stand alone'),
    ("peg_pain", "1", "must be a whole number from 0 to 10"),
    ("peg_pain", 1.0, "must be a whole number from 0 to 10"),
    ("peg_pain", True, "must be a whole number from 0 to 10"),
    ("peg_pain", -1, "must be a whole number from 0 to 10"),
    ("peg_pain", 11, "must be a whole number from 0 to 10"),
    ("peg_pain", math.nan, "must be a whole number from 0 to 10"),
    ("peg_pain", math.inf, "must be a whole number from 0 to 10"),
    ("age_years", 121, "must be a whole number from 0 to 120"),
    ("age_years", 10**400, "must be a whole number from 0 to 120"),
    ("bp_systolic", 59, "must be a whole number from 60 to 260"),
    ("bp_diastolic", 161, "must be a whole number from 30 to 160"),
    ("ketamine_courses", 101, "must be a whole number from 0 to 100"),
    ("audit1", 5, "must be a whole number from 0 to 4"),
    ("gad_worry", 4, "must be a whole number from 0 to 3"),
    ("anything_else", "x" * 1001, "must be a text of at most 1000 characters"),
    ("anything_else", 5, "must be a text"),
    ("anything_else", ["x"], "must be a text"),
]


@pytest.mark.parametrize(("field", "answer", "message"), REFUSED)
def test_refused(ruleset: rules.RuleSet, field: str, answer: Any, message: str) -> None:
    with pytest.raises(rules.AnswerError) as caught:
        ruleset.check_answers({field: answer})
    assert message in caught.value.message
    assert "\n" not in str(caught.value)
    assert caught.value.field == field or "\n" in field


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"drug": "aspirin"}, "drug must be one of"),
        ({"drug": 1}, "drug must be one of"),
        ({"drug": ["codeine"]}, "drug must be one of"),
        ({"drug": "codeine", "dose": 0}, "dose must be a number over 0 up to 2000 mg"),
        ({"drug": "codeine", "dose": 2000.5}, "dose must be a number over 0 up to 2000 mg"),
        ({"drug": "codeine", "dose": "30"}, "dose must be a number"),
        ({"drug": "codeine", "dose": True}, "dose must be a number"),
        ({"drug": "codeine", "dose": math.nan}, "dose must be a number"),
        ({"drug": "codeine", "dose": math.inf}, "dose must be a number"),
        ({"drug": "fentanyl_patch", "dose": 0.5}, "dose must be a number from 1 up to 500 microgram/hour"),
        ({"drug": "fentanyl_patch", "dose": 501}, "dose must be a number from 1 up to 500 microgram/hour"),
        ({"dose": 2001}, "dose must be a number"),
        ({"per_day": 0.05}, "per_day must be a number from 0.1 to 24"),
        ({"per_day": 24.5}, "per_day must be a number from 0.1 to 24"),
        ({"per_day": "2"}, "per_day must be a number"),
        ({"per_day": False}, "per_day must be a number"),
        ({"drug": "codeine", "unit": "mg"}, "a row has no parts but drug, dose, per_day"),
        ("codeine", "rows of drug, dose, per_day"),
        (None, "rows of drug, dose, per_day"),
        (["codeine", 30, 4], "rows of drug, dose, per_day"),
    ],
)
def test_refused_row(ruleset: rules.RuleSet, row: Any, message: str) -> None:
    with pytest.raises(rules.AnswerError) as caught:
        ruleset.check_answers({"opioids": [row]})
    assert message in caught.value.message
    assert caught.value.field == "opioids"


@pytest.mark.parametrize("answer", [[{}, {}, {}, {}], {"drug": "codeine"}, "codeine"])
def test_refused_rows(ruleset: rules.RuleSet, answer: Any) -> None:
    with pytest.raises(rules.AnswerError, match="at most 3 rows"):
        ruleset.check_answers({"opioids": answer})


@pytest.mark.parametrize(("systolic", "diastolic"), [(80, 80), (80, 120)])
def test_systolic_is_above_diastolic(ruleset: rules.RuleSet, systolic: int, diastolic: int) -> None:
    with pytest.raises(rules.AnswerError, match="must be above bp_diastolic"):
        ruleset.check_answers({"bp_systolic": systolic, "bp_diastolic": diastolic})


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"rf_bladder": None, "meds_list": [], "peg_pain": None, "opioids": None, "anything_else": None},
        {"rf_bladder": [], "peg_pain": [], "anything_else": []},
        {"phq9_item9": "declined"},
        {"phq9_item9": 3, "peg_pain": 10, "age_years": 0},
        {"meds_list": ["not_sure", "opioid"], "rf_acute": ["not_sure"]},
        {"anything_else": "x" * 1000},
        {"bp_systolic": 81, "bp_diastolic": 80},
        {"bp_diastolic": 160},
        {"opioids": [{}, {"drug": None, "dose": None, "per_day": None}, {"drug": "codeine"}]},
        {
            "opioids": [
                {"drug": "codeine", "dose": 0.5, "per_day": 0.1},
                {"drug": "codeine", "dose": 2000, "per_day": 24},
            ]
        },
        {"opioids": [{"drug": "fentanyl_patch", "dose": 1}, {"drug": "fentanyl_patch", "dose": 500}]},
    ],
)
def test_allowed(ruleset: rules.RuleSet, answers: dict[str, Any]) -> None:
    ruleset.check_answers(answers)
    assert ruleset.assess(answers).findings


def test_every_code_and_range_of_every_field_is_allowed(ruleset: rules.RuleSet) -> None:
    checked = 0
    for field in ruleset.fields.values():
        given: list[Any] = list(field.codes)
        if field.kind == "any":
            given = [[code] for code in field.codes]
        elif field.kind == "rows":
            given = [[{"drug": code}] for code in field.codes]
        elif field.min is not None:
            given = [field.min, field.max]
        for answer in given:
            ruleset.check_answers({field.id: answer})
            checked += 1
    assert checked > 2 * len(ruleset.fields)
