"""Derived facts: what the conditions say in one word. The names and meanings are those of the clinical text.

A fact sees fields' values, `<id>_state`, thresholds and earlier facts, by name, and declares every name it reads. A
field that was not asked stands at its least risky value, an unanswered one at the word "unanswered", at its highest
number, or as an empty list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from rules.conditions import UNANSWERED, View
from rules.model import Opioid, State

FactValue = bool | int | float


class OpioidRow(NamedTuple):
    """One opioid as entered: its code, its dose in the drug's unit, and how often a day. None where missing."""

    drug: str | None
    dose: float | None
    per_day: float | None
    complete: bool


@dataclass(frozen=True)
class Fact:
    """One derived fact. `type` is that of a condition's name: truth, whole or number."""

    id: str
    type: str
    reads: tuple[str, ...]
    compute: Callable[[View], FactValue]


LEG_REGIONS = frozenset(f"{part}_{side}" for part in ("buttock", "thigh", "calf", "foot") for side in "lr")
BACK_REGIONS = frozenset({"low_back", "upper_back"})
LONG_DURATIONS = frozenset({"3_6m", "6_12m", "gt_1y", "not_sure", UNANSWERED})
LIMITING = frozenset({"most_days", "every_day", "not_sure", UNANSWERED})
SEVEN_TREATMENTS = ("tx_nsaid", "tx_nerve_med", "tx_opioid", "tx_physio", "tx_psych", "tx_injection", "tx_surgery")
FAILED = frozenset({"no_help", "stopped_side_effects", "not_sure", UNANSWERED})
INADEQUATE = FAILED | {"helped_some"}
PEG = ("peg_pain", "peg_enjoyment", "peg_activity")
PHQ2 = ("phq_interest", "phq_down")
GAD2 = ("gad_nervous", "gad_worry")
AUDIT_C = ("audit1", "audit2", "audit3")
CES_FOUR = ("rf_bladder", "rf_bowel", "rf_saddle", "rf_legs_weak")
NEW_BY_SIGN = {**dict.fromkeys((*CES_FOUR, "rf_gait"), "new_or_worse_2w"), "rf_leg_weakness": "new_or_worse"}
UNSURE_FEELINGS = 2
"""What "not sure" and a blank each count for among the nerve-type features."""


def _sum_of(fields: tuple[str, ...]) -> Callable[[View], int]:
    return lambda view: sum([view[field] for field in fields])


def _count_in(fields: tuple[str, ...], codes: frozenset[str]) -> Callable[[View], int]:
    return lambda view: sum([view[field] in codes for field in fields])


def _count_not_no(fields: tuple[str, ...]) -> Callable[[View], int]:
    return lambda view: sum([view[field] != "no" for field in fields])


def _leg(view: View) -> bool:
    return not LEG_REGIONS.isdisjoint(view["pain_regions"])


def _in_scope(view: View) -> bool:
    return bool(view["leg"]) or not BACK_REGIONS.isdisjoint(view["pain_regions"])


def _nerve_count(view: View) -> int:
    feelings = view["nerve_feelings"]
    if not feelings:
        return UNSURE_FEELINGS
    return sum(UNSURE_FEELINGS if feeling == "not_sure" else feeling != "none" for feeling in feelings)


def _alcohol_positive(view: View) -> bool:
    cut_off = view["audit_c_male"] if view["sex_at_birth"] == "male" else view["audit_c_other"]
    return bool(view["audit_c"] >= cut_off)


def _neuro_new(view: View) -> bool:
    return any(view[sign] == new for sign, new in NEW_BY_SIGN.items())


def _fragile(view: View) -> bool:
    return bool(view["age_years"] >= view["fragile_age"]) or not view["age_known"] or view["bone_risk"] != "no"


FACTS: tuple[Fact, ...] = (
    Fact("age_known", "truth", ("age_years_state",), lambda view: view["age_years_state"] != State.UNANSWERED),
    Fact("has_pain", "truth", ("pain_regions",), lambda view: view["pain_regions"] != ("none",)),
    Fact("leg", "truth", ("pain_regions",), _leg),
    Fact("in_scope", "truth", ("pain_regions", "leg"), _in_scope),
    Fact("chronic", "truth", ("pain_duration",), lambda view: view["pain_duration"] in LONG_DURATIONS),
    Fact(
        "six_weeks",
        "truth",
        ("pain_duration", "chronic"),
        lambda view: view["chronic"] or view["pain_duration"] == "6w_3m",
    ),
    Fact("changed", "truth", ("pain_changed",), lambda view: view["pain_changed"] == "new_or_different"),
    Fact("peg_sum", "whole", PEG, _sum_of(PEG)),
    Fact("high_impact", "truth", ("pain_limits",), lambda view: view["pain_limits"] in LIMITING),
    Fact("nerve_count", "whole", ("nerve_feelings",), _nerve_count),
    Fact("inadequate", "whole", SEVEN_TREATMENTS, _count_in(SEVEN_TREATMENTS, INADEQUATE)),
    Fact("failed", "whole", SEVEN_TREATMENTS, _count_in(SEVEN_TREATMENTS, FAILED)),
    Fact("phq2", "whole", PHQ2, _sum_of(PHQ2)),
    Fact("gad2", "whole", GAD2, _sum_of(GAD2)),
    Fact("audit_c", "whole", AUDIT_C, _sum_of(AUDIT_C)),
    Fact("alcohol_positive", "truth", ("audit_c", "sex_at_birth", "audit_c_male", "audit_c_other"), _alcohol_positive),
    Fact("ces_count", "whole", CES_FOUR, _count_not_no(CES_FOUR)),
    Fact("ces_any", "truth", ("ces_count",), lambda view: view["ces_count"] > 0),
    Fact("neuro_new", "truth", tuple(NEW_BY_SIGN), _neuro_new),
    Fact("neuro_any", "truth", tuple(NEW_BY_SIGN), lambda view: any(view[sign] != "no" for sign in NEW_BY_SIGN)),
    Fact("fragile", "truth", ("age_years", "age_known", "bone_risk", "fragile_age"), _fragile),
    Fact(
        "in_play",
        "truth",
        ("considering_ketamine", "tx_ketamine"),
        lambda view: view["considering_ketamine"] != "no" or view["tx_ketamine"] != "never",
    ),
)


def opioid_facts(drugs: Mapping[str, Opioid]) -> tuple[Fact, ...]:
    """The facts about the opioid rows: mg of morphine equivalent a day (0.0 if unknown), whether it is known, and
    whether a drug is among those that the sum alone cannot judge."""

    def row_mme(row: OpioidRow) -> float | None:
        factor = drugs[row.drug].factor if row.drug else None
        if factor is None or row.drug is None or row.dose is None or not row.complete:
            return None
        times = row.per_day if drugs[row.drug].per_day_used and row.per_day is not None else 1.0
        return row.dose * times * factor

    def known(view: View) -> bool:
        return view["opioids_state"] != State.UNANSWERED and None not in [row_mme(row) for row in view["opioids"]]

    def mme(view: View) -> float:
        if not view["mme_known"]:
            return 0.0
        # Entered decimals such as 33.3 x 3 x 0.5 must not fall below a threshold that they reach exactly.
        return round(sum(row_mme(row) or 0.0 for row in view["opioids"]), 6)

    def special(view: View) -> bool:
        return any(drugs[row.drug].special for row in view["opioids"] if row.drug)

    return (
        Fact("mme_known", "truth", ("opioids", "opioids_state"), known),
        Fact("mme", "number", ("opioids", "mme_known"), mme),
        Fact("opioid_special", "truth", ("opioids",), special),
    )
