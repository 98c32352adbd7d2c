"""The opioid rows: complete, incomplete on purpose, and wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.questions.conftest import Send

Row = dict[str, Any]


def sent(*rows: Row) -> dict[str, Any]:
    return {f"opioids-{number}-{part}": value for number, row in enumerate(rows) for part, value in row.items()}


def row(drug: str, dose: Any, per_day: Any) -> Row:
    return {"drug": drug, "dose": dose, "per_day": per_day}


COMPLETE: list[tuple[Row, Row]] = [
    (row("oxycodone", "10", "3"), row("oxycodone", 10, 3)),
    (row("oxycodone", "7.5 mg", "0.5"), row("oxycodone", 7.5, 0.5)),
    (row("tramadol", "50MG", "4"), row("tramadol", 50, 4)),
    (row("morphine", "2000", "24"), row("morphine", 2000, 24)),
    (row("fentanyl_patch", "25 mcg/h", ""), {"drug": "fentanyl_patch", "dose": 25, "per_day": None}),
    (row("fentanyl_patch", "1", "0.3"), row("fentanyl_patch", 1, 0.3)),
    (row("oxycodone", ["", "dont_know"], "3"), {"drug": "oxycodone", "dose": None, "per_day": 3}),
    (row("oxycodone", "10", ["", "dont_know"]), {"drug": "oxycodone", "dose": 10, "per_day": None}),
    (row("dont_know", "", ""), {"drug": None, "dose": None, "per_day": None}),
    (row("dont_know", "10", "2"), {"drug": None, "dose": 10, "per_day": 2}),
    (row("other", "5", "1"), row("other", 5, 1)),
]


@pytest.mark.parametrize(("typed", "answer"), COMPLETE)
def test_a_row(send: Send, typed: Row, answer: Row) -> None:
    form = send("opioids", sent(typed))
    assert not form.problems()
    assert form.answers() == {"opioids": [answer]}


WRONG: list[tuple[Row, str, str]] = [
    ({}, "opioids-0-drug", "Choose the name"),
    (row("", "10", "3"), "opioids-0-drug", "Choose the name"),
    (row("heroin", "10", "3"), "opioids-0-drug", "Choose the name from the list"),
    (row("oxycodone", "", "3"), "opioids-0-dose", "more than 0, up to 2000 mg"),
    (row("oxycodone", "0", "3"), "opioids-0-dose", "more than 0, up to 2000 mg"),
    (row("oxycodone", "2001", "3"), "opioids-0-dose", "more than 0, up to 2000 mg"),
    (row("oxycodone", "10 mcg", "3"), "opioids-0-dose", "mg"),
    (row("oxycodone", "1,000", "3"), "opioids-0-dose", "mg"),
    (row("oxycodone", "9" * 400, "3"), "opioids-0-dose", "mg"),
    (row("oxycodone", "nan", "3"), "opioids-0-dose", "mg"),
    (row("oxycodone", ["10", "20"], "3"), "opioids-0-dose", "mg"),
    (row("oxycodone", ["10", "dont_know"], "3"), "opioids-0-dose", "not both"),
    (row("oxycodone", "10", ""), "opioids-0-per_day", "from 0.1 to 24"),
    (row("oxycodone", "10", "0"), "opioids-0-per_day", "from 0.1 to 24"),
    (row("oxycodone", "10", "25"), "opioids-0-per_day", "from 0.1 to 24"),
    (row("fentanyl_patch", "0.5", ""), "opioids-0-dose", "from 1 to 500 mcg/h"),
    (row("fentanyl_patch", "501", ""), "opioids-0-dose", "from 1 to 500 mcg/h"),
    (row(["oxycodone", "morphine"], "10", "1"), "opioids-0-drug", "Choose the name from the list"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("typed", "control", "message"), WRONG)
def test_a_wrong_row_says_what_to_enter(send: Send, typed: Row, control: str, message: str) -> None:
    problems = send("opioids", sent(typed)).problems()
    assert [problem["href"] for problem in problems] == [f"#{control}"]
    assert message in problems[0]["text"]


def test_rows_left_blank_are_left_out(send: Send) -> None:
    form = send("opioids", sent(row("", "", ""), row("codeine", "30", "2"), row("", "", "")))
    assert form.answers() == {"opioids": [row("codeine", 30, 2)]}


def test_three_rows_stand_and_a_fourth_is_not_read(send: Send) -> None:
    three = [row("codeine", "30", "2"), row("morphine", "10", "1"), row("methadone", "5", "1")]
    form = send("opioids", sent(*three, row("oxycodone", "99999", "1")))
    assert not form.problems()
    assert [given["drug"] for given in form.answers()["opioids"]] == ["codeine", "morphine", "methadone"]


def test_each_wrong_row_is_named(send: Send) -> None:
    form = send("opioids", sent(row("codeine", "", "2"), row("morphine", "", "1")))
    assert [problem["text"].split(":")[0] for problem in form.problems()] == ["Opioid 1", "Opioid 2"]
