"""Each clause of the clinical text's two rule tables, as rows of answers and outcome, against the rule set."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

import rules
from rules.model import Tier

TABLE = YAML(typ="safe", pure=True).load(Path(__file__).with_name("rule_table.yaml"))
OPENINGS: dict[str, dict[str, Any]] = TABLE.pop("openings")
RULE_IDS = [f"A{number:02}" for number in range(1, 16)] + [f"S{number:02}" for number in range(1, 30)]


class Row(NamedTuple):
    """One row of the table. `outcome` is (tier, basis), or None where the rule must not fire."""

    rule: str
    outcome: tuple[str, str] | None
    answers: dict[str, Any]


def _outcome(text: str) -> tuple[str, str] | None:
    if text == "nothing":
        return None
    return text.rstrip("?"), "unknown" if text.endswith("?") else "answers"


def _row(rule: str, outcome: str, branches: str, changes: dict[str, Any]) -> Row:
    opened = {field: value for branch in branches.split() for field, value in OPENINGS[branch].items()}
    return Row(rule, _outcome(outcome), {**opened, **changes})


def _params() -> list[Any]:
    return [
        pytest.param(_row(rule, *cells), id=f"{rule} {clause} #{number}")
        for rule, clauses in TABLE.items()
        for clause, rows in clauses.items()
        for number, cells in enumerate(rows, 1)
    ]


ROWS = _params()
RULE_SET = rules.load()


def _fired(rule: str, changes: dict[str, Any]) -> tuple[str, str] | None:
    finding = RULE_SET.assess({**RULE_SET.base_person, **changes}).fired(rule)
    return None if finding is None else (finding.tier.name, finding.basis)


@pytest.mark.parametrize("row", ROWS)
def test_clause(row: Row) -> None:
    assert _fired(row.rule, row.answers) == row.outcome


def test_table_covers_every_rule_and_every_tier_it_can_give() -> None:
    assert list(TABLE) == RULE_IDS
    assert sorted(RULE_SET.rules) == RULE_IDS
    wanted = {(param.values[0].rule, param.values[0].outcome[0]) for param in ROWS if param.values[0].outcome}
    given = {(rule.id, level.tier.name) for rule in RULE_SET.rules.values() for level in rule.levels}
    assert given - wanted == {("S26", "INFO")}


def test_alcohol_part_switched_off() -> None:
    without_alcohol = rules.load(switched_off=frozenset({"audit_c"}))
    finding = without_alcohol.assess(without_alcohol.base_person).fired("S26")
    assert finding is not None
    assert (finding.tier, finding.basis, finding.because) == (Tier.INFO, "answers", ())


def test_nothing_is_wrong_with_the_base_person() -> None:
    found = RULE_SET.assess(RULE_SET.base_person).findings
    assert [(finding.rule, finding.tier.name) for finding in found] == [("A01", "ROUTINE"), ("A13", "INFO")]


def test_pages_not_reached_count_as_least_risky() -> None:
    reached = ["age_years", "completed_by", "with_patient", "rf_bladder"]
    answers = {"age_years": 45, "completed_by": "self", "rf_bladder": "no"}
    fired = {finding.rule for finding in RULE_SET.assess(answers, reached=reached).findings}
    assert fired == {"A13", "S26"}
