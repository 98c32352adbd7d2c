"""Who is asked what, and what becomes of each question."""

from __future__ import annotations

from typing import Any

import pytest

import rules
from rules import State
from tests.rules.conftest import Person

FOLLOW_UPS = ("ketamine_setting", "escort", "expectation")
OPIOID_FOLLOW_UPS = ("opioids", "opioid_months", "opioid_concerns")


@pytest.mark.parametrize(
    ("changes", "field", "asked"),
    [
        ({"completed_by": "carer"}, "with_patient", True),
        ({"completed_by": "self"}, "with_patient", False),
        ({"completed_by": "staff"}, "with_patient", False),
        ({"completed_by": None}, "with_patient", False),
        ({"sex_at_birth": "female"}, "pregnancy", True),
        ({"sex_at_birth": "other"}, "pregnancy", True),
        ({"sex_at_birth": "prefer_not"}, "pregnancy", True),
        ({"sex_at_birth": None}, "pregnancy", True),
        ({"sex_at_birth": "male"}, "pregnancy", False),
        ({"sex_at_birth": "female", "age_years": 11}, "pregnancy", False),
        ({"sex_at_birth": "female", "age_years": 12}, "pregnancy", True),
        ({"sex_at_birth": "female", "age_years": 55}, "pregnancy", True),
        ({"sex_at_birth": "female", "age_years": 56}, "pregnancy", False),
        ({"sex_at_birth": "female", "age_years": None}, "pregnancy", True),
        ({"sex_at_birth": "male", "age_years": None}, "pregnancy", False),
        ({"age_years": 17}, "tx_ketamine", False),
        ({"age_years": 18}, "tx_ketamine", True),
        ({"age_years": None}, "tx_ketamine", True),
        ({"tx_ketamine": "never"}, "ketamine_courses", False),
        ({"tx_ketamine": "not_sure"}, "ketamine_courses", True),
        ({"tx_ketamine": None}, "ketamine_courses", True),
        ({"tx_ketamine": "helped", "age_years": 17}, "ketamine_courses", False),
        *[({"meds_list": ["opioid", "maoi"]}, field, True) for field in OPIOID_FOLLOW_UPS],
        *[({"meds_list": ["maoi"]}, field, False) for field in OPIOID_FOLLOW_UPS],
        *[({"meds_list": None}, field, False) for field in OPIOID_FOLLOW_UPS],
        ({"age_years": 17}, "ketamine_allergy", False),
        ({"age_years": 18}, "ketamine_allergy", True),
        ({"age_years": None}, "ketamine_allergy", True),
        ({"phq9_item9": 0}, "si_now", False),
        *[({"phq9_item9": answer}, "si_now", True) for answer in ("declined", 1, 2, 3, None)],
        *[({"audit1": 0}, field, False) for field in ("audit2", "audit3")],
        *[({"audit1": 1}, field, True) for field in ("audit2", "audit3")],
        *[({"audit1": None}, field, True) for field in ("audit2", "audit3")],
        ({"age_years": 17}, "considering_ketamine", False),
        ({"age_years": 18}, "considering_ketamine", True),
        ({"age_years": None}, "considering_ketamine", True),
        *[({"considering_ketamine": "no"}, field, False) for field in FOLLOW_UPS],
        *[({"considering_ketamine": "yes"}, field, True) for field in FOLLOW_UPS],
        *[({"considering_ketamine": "not_sure"}, field, True) for field in FOLLOW_UPS],
        *[({"considering_ketamine": None}, field, True) for field in FOLLOW_UPS],
        *[({"considering_ketamine": "yes", "age_years": 17}, field, False) for field in FOLLOW_UPS],
        ({}, "anything_else", True),
        ({}, "phq9_item9", True),
    ],
)
def test_branches(ruleset: rules.RuleSet, person: Person, changes: dict[str, Any], field: str, asked: bool) -> None:
    answers = person(**changes)
    assert (field in ruleset.asked(answers)) is asked
    assert (ruleset.path(answers)[field].state is not State.NOT_ASKED) is asked


def test_asked_is_in_the_order_of_the_questionnaire(ruleset: rules.RuleSet, person: Person) -> None:
    order = list(ruleset.fields)
    asked = ruleset.asked(person(completed_by="carer", meds_list=["opioid"], phq9_item9=1, audit1=2))
    assert list(asked) == sorted(asked, key=order.index)


@pytest.mark.parametrize(
    ("field", "answer", "state"),
    [
        ("age_years", 45, State.ANSWERED),
        ("age_years", None, State.UNANSWERED),
        ("rf_bladder", "no", State.ANSWERED),
        ("rf_bladder", "new_or_worse_2w", State.ANSWERED),
        ("rf_bladder", "not_sure", State.UNKNOWN),
        ("rf_bladder", None, State.UNANSWERED),
        ("rf_bladder", [], State.UNANSWERED),
        ("rf_sexual", "prefer_not", State.UNKNOWN),
        ("sex_at_birth", "prefer_not", State.UNKNOWN),
        ("phq9_item9", "declined", State.UNKNOWN),
        ("phq9_item9", 0, State.ANSWERED),
        ("meds_list", ["none"], State.ANSWERED),
        ("meds_list", ["not_sure"], State.UNKNOWN),
        ("meds_list", ["maoi", "not_sure"], State.UNKNOWN),
        ("meds_list", [], State.UNANSWERED),
        ("meds_list", None, State.UNANSWERED),
        ("peg_pain", 0, State.ANSWERED),
        ("peg_pain", None, State.UNANSWERED),
        ("anything_else", "text", State.ANSWERED),
    ],
)
def test_states(ruleset: rules.RuleSet, person: Person, field: str, answer: Any, state: State) -> None:
    blank = state is State.UNANSWERED
    assert ruleset.path(person(**{field: answer}))[field] == rules.OnPath(None if blank else answer, state)


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"drug": "codeine", "dose": 30, "per_day": 4}, State.ANSWERED),
        ({"drug": "fentanyl_patch", "dose": 25}, State.ANSWERED),
        ({"drug": "codeine", "dose": 30}, State.UNKNOWN),
        ({"drug": "codeine", "dose": None, "per_day": 4}, State.UNKNOWN),
        ({"dose": 30, "per_day": 4}, State.UNKNOWN),
        ({}, State.UNKNOWN),
    ],
)
def test_a_row_with_a_part_missing_is_unknown(
    ruleset: rules.RuleSet, person: Person, row: dict[str, Any], state: State
) -> None:
    assert ruleset.path(person(meds_list=["opioid"], opioids=[row]))["opioids"].state is state


def test_a_carer_without_the_person_is_unknown(ruleset: rules.RuleSet, person: Person) -> None:
    path = ruleset.path(person(completed_by="carer", with_patient="no"))
    assert path["with_patient"] == rules.OnPath("no", State.UNKNOWN)


def test_a_missing_key_is_unanswered(ruleset: rules.RuleSet, person: Person) -> None:
    answers = person()
    del answers["hx_eye"]
    assert ruleset.path(answers)["hx_eye"] == rules.OnPath(None, State.UNANSWERED)


def test_answers_off_the_path_reach_nothing(ruleset: rules.RuleSet, person: Person) -> None:
    off_path = person(si_now="yes", audit2=4, audit3=4, escort="no", with_patient="no", pregnancy="pregnant")
    assert ruleset.path(off_path)["si_now"] == rules.OnPath(None, State.NOT_ASKED)
    assert ruleset.assess(off_path) == ruleset.assess(person())
    assert ruleset.facts(off_path) == ruleset.facts(person())


def test_an_answer_comes_back_with_its_branch(ruleset: rules.RuleSet, person: Person) -> None:
    assert ruleset.path(person(si_now="yes", phq9_item9=1))["si_now"].value == "yes"


def test_fields_not_reached_are_not_asked(ruleset: rules.RuleSet, person: Person) -> None:
    reached = {"age_years", "completed_by", "with_patient", "rf_bladder"}
    path = ruleset.path(person(rf_bladder=None, completed_by="carer"), reached)
    assert {field for field, on_path in path.items() if on_path.state is not State.NOT_ASKED} == reached
    assert path["rf_bladder"].state is State.UNANSWERED
    assert ruleset.asked(person(), {"rf_bladder"}) == ("rf_bladder",)


def test_nothing_reached_asks_nothing(ruleset: rules.RuleSet, person: Person) -> None:
    assert ruleset.asked(person(), ()) == ()
    assessment = ruleset.assess(person(rf_bladder="new_or_worse_2w"), ())
    assert (assessment.tier, assessment.incomplete) == (rules.Tier.INFO, ())


def test_a_part_switched_off_is_not_asked(person: Person) -> None:
    without = rules.load(switched_off=frozenset({"audit_c"}))
    assert {"audit1", "audit2", "audit3"}.isdisjoint(without.asked(person(audit1=4)))
    alcohol = without.assess(person(audit1=4)).fired("S26")
    assert alcohol is not None
    assert (alcohol.tier, alcohol.basis, alcohol.because) == (rules.Tier.INFO, "answers", ())
