"""Cases for the tests of the printed summary, made without a database: the real rules and questions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from ruamel.yaml import YAML

import rules
from screening.actions.review import DecisionKind
from screening.clinic import Clinic
from screening.config import ROOT
from screening.models import Case, CaseFinding, Patient
from screening.record import Record, build_record, finding_texts
from screening.scores import with_scores
from screening.summary import Summary, summary_of

SUBMITTED = datetime(2027, 3, 4, 15, 30, tzinfo=UTC)
BASE_URL = "https://screening.example.org"
LONGEST_PATH: dict[str, Any] = {
    "pain_regions": ["low_back", "buttock_l", "calf_l", "foot_l"],
    "peg_pain": 8, "peg_enjoyment": 7, "peg_activity": 8, "pain_limits": "most_days",
    "nerve_feelings": ["burning", "electric", "numb"], "tx_nsaid": "no_help", "tx_nerve_med": "stopped_side_effects",
    "tx_physio": "helped_some", "tx_psych": "never", "tx_opioid": "never", "meds_list": ["opioid", "benzo_z"],
    "opioids": [{"drug": "oxycodone", "dose": 20, "per_day": 3}], "opioid_months": "gt_3m",
    "opioid_concerns": ["withdrawal"], "phq9_item9": 1, "si_now": "no", "hx_eye": None, "hx_bp": "not_sure",
    "audit1": 2, "audit2": 1, "audit3": 1, "considering_ketamine": "yes", "ketamine_setting": "clinic",
    "escort": "yes", "expectation": "some_relief", "tx_ketamine": "never", "ketamine_allergy": "yes",
    "anything_else": "I would like to be able to pick up my grandchild again.",
}  # fmt: skip

RECIPIENT = (
    "Prof. Dr. Wilhelmina Abernathy-Roe",
    "Springfield Medical Group and Partners",
    "Department of Internal Medicine, West",
    "1200 West Lincoln Avenue, Suite 400",
    "Springfield, IL 62704",
    "United States of America",
)
"""The longest lines that a letter is addressed by."""


@cache
def ruleset() -> rules.RuleSet:
    return rules.load()


def base_answers() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load((ROOT / "rules" / "base_person.yaml").read_text())
    return dict(loaded["answers"])


def made_case(changes: Mapping[str, Any] | None = None, *, name: str = "Alex Morgan", **columns: Any) -> Case:
    """A submitted case that no database knows, of the base person with changes."""
    given = {**base_answers(), **(changes or {})}
    path = ruleset().path(given)
    answers = {field: on_path.value for field, on_path in path.items() if on_path.state != rules.State.NOT_ASKED}
    assessment = ruleset().assess(answers)
    under_18 = (answers.get("age_years") or 99) < 18
    record = build_record(ruleset(), answers)
    case = Case(
        id=7,
        reference="K7QM-R4TX",
        draft_id=7,
        answers=answers,
        record=record.to_json(),
        assessment=with_scores(assessment.to_json(), ruleset(), answers),
        tier=int(assessment.tier),
        flagged=assessment.flagged,
        a04=assessment.fired("A04") is not None,
        rests_on_unknown=assessment.rests_on_unknown,
        incomplete=bool(assessment.incomplete),
        out_of_scope=assessment.out_of_scope,
        channel="online",
        origin="Website",
        language="en",
        demo=False,
        questionnaire_version="1.0.0",
        questionnaire_sha256="0" * 64,
        ruleset_version=assessment.version,
        ruleset_sha256=assessment.sha256,
        submitted_at=SUBMITTED,
    )
    for column, value in columns.items():
        setattr(case, column, value)
    case.patient = _person(name)
    case.findings = _findings(assessment, record, under_18)
    return case


def _person(name: str) -> Patient:
    identity = {
        "full_name": name,
        "date_of_birth": "1981-11-05",
        "phone": "+1 555 010 0199",
        "may_leave_message": True,
    }
    return Patient(identity=identity, created_at=SUBMITTED)


def _findings(assessment: rules.Assessment, record: Record, under_18: bool) -> list[CaseFinding]:
    return [
        CaseFinding(
            position=position,
            rule=text.rule,
            tier=int(rules.Tier[text.tier]),
            basis=text.basis,
            detail=text.to_json(),
        )
        for position, text in enumerate(finding_texts(ruleset(), assessment, record, under_18))
    ]


def made_summary(
    changes: Mapping[str, Any] | None = None, *, clinic: Clinic | None = None, approved: bool = False, **case: Any
) -> Summary:
    decisions = [kind.staff_name for kind in DecisionKind]
    return summary_of(made_case(changes, **case), clinic or Clinic(), approved, base_url=BASE_URL, decisions=decisions)
