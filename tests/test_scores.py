"""The scores and notes that a case stores for staff."""

from __future__ import annotations

from typing import Any

import pytest

from screening.scores import Score, scores_of, with_scores
from tests.summary_cases import base_answers, ruleset

OPIOIDS = {"meds_list": ["opioid"], "opioid_months": "lt_3m", "opioid_concerns": ["none"]}


def stored(changes: dict[str, Any]) -> dict[str, Any]:
    answers = {**base_answers(), **changes}
    return with_scores(ruleset().assess(answers).to_json(), ruleset(), answers)


def score(name: str, changes: dict[str, Any]) -> Score | None:
    return next((score for score in scores_of(stored(changes)) if score.id == name), None)


@pytest.mark.parametrize(
    ("name", "changes", "text", "value"),
    [
        ("peg", {"peg_pain": 4, "peg_enjoyment": 3, "peg_activity": 3}, "3.3 of 10", 3.3),
        ("peg", {"peg_pain": 10, "peg_enjoyment": 10, "peg_activity": 10}, "10.0 of 10", 10.0),
        ("peg", {"peg_pain": None}, "no score: 2 of 3 answered", None),
        ("phq2", {"phq_interest": 2, "phq_down": 3}, "5 of 6", 5),
        ("gad2", {"gad_worry": None}, "no score: 1 of 2 answered", None),
        ("audit_c", {"audit1": 0}, "0 of 12", 0),
        ("audit_c", {"audit1": 3, "audit2": 2, "audit3": 1}, "6 of 12", 6),
        ("mme", {**OPIOIDS, "opioids": [{"drug": "morphine", "dose": 15, "per_day": 2}]},
         "30 mg morphine equivalent a day", None),
        ("mme", {**OPIOIDS, "opioids": [{"drug": "buprenorphine", "dose": 8, "per_day": 1}]},
         "not known from what was entered", None),
        ("mme", {**OPIOIDS, "opioids": None}, "not known from what was entered", None),
    ],
)  # fmt: skip
def test_a_score_has_a_number_only_if_all_its_items_are_answered(
    name: str, changes: dict[str, Any], text: str, value: float | None
) -> None:
    shown = score(name, changes)
    assert shown is not None
    assert (shown.text, shown.value) == (text, value)


def test_scores_say_what_they_are_not() -> None:
    assert all("adapted wording" in shown.note for shown in scores_of(stored({})))
    opioids = score("mme", {**OPIOIDS, "opioids": None})
    assert opioids is not None and "for risk screening, never for converting a dose" in opioids.note


def test_what_was_not_asked_has_no_score() -> None:
    assert score("mme", {}) is None


@pytest.mark.parametrize(("answer", "noted"), [(0, True), (1, False), ("declined", False), (None, False)])
def test_the_item_on_self_harm_carries_its_note_at_zero(answer: Any, noted: bool) -> None:
    assert ("phq9_item9" in stored({"phq9_item9": answer, "si_now": "no"})["answer_notes"]) == noted


@pytest.mark.parametrize(("age", "under"), [(17, True), (18, False), (None, False)])
def test_under_18_is_stored(age: int | None, under: bool) -> None:
    assert stored({"age_years": age})["under_18"] == under
