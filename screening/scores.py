"""The scores that staff see beside a case, and the notes beside single answers, worked out once at submission.

They are stored with the case, so that a later rule set never changes what the case shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rules import Answers, OnPath, RuleSet, State
from screening.call_list import CallList, call_list
from screening.identity import under_18
from screening.questions.official import official_questions

ADAPTED = "adapted wording"
CONVERTING_NOTE = "for risk screening, never for converting a dose"
ZERO_NOTES = {"phq9_item9": "phq9_item9_miss"}
"""Fields whose 0 is never shown without a note: the id of the note among the rule set's evidence texts."""

Facts = Mapping[str, float]


@dataclass(frozen=True)
class Score:
    """One score as staff read it. `value` is None where an item is unanswered; without `maximum` there is no bar."""

    id: str
    name: str
    text: str
    note: str
    value: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Instrument:
    """A score of scale items: a name, what it tells in a few words, and how its facts become its number."""

    id: str
    name: str
    about: str
    items: tuple[str, ...]
    maximum: int
    number: Callable[[Facts], float]
    decimals: int = 0


INSTRUMENTS = (
    Instrument(
        "peg",
        "PEG",
        "pain and how it limits life",
        ("peg_pain", "peg_enjoyment", "peg_activity"),
        10,
        lambda facts: facts["peg_sum"] / 3,
        decimals=1,
    ),
    Instrument("phq2", "PHQ-2", "low mood", ("phq_interest", "phq_down"), 6, lambda facts: facts["phq2"]),
    Instrument("gad2", "GAD-2", "anxiety", ("gad_nervous", "gad_worry"), 6, lambda facts: facts["gad2"]),
    Instrument("audit_c", "AUDIT-C", "alcohol", ("audit1", "audit2", "audit3"), 12, lambda facts: facts["audit_c"]),
)


def with_scores(
    assessment: Mapping[str, Any], ruleset: RuleSet, answers: Answers, calls: CallList | None = None
) -> dict[str, Any]:
    """An assessment as a case stores it: Assessment.to_json() with what staff see beside it.

    That is `scores`, `answer_notes` (by field, for staff), `under_18` and `call_list`: the
    `calls` of these answers if they are known already.
    """
    path, facts = ruleset.path(answers), ruleset.facts(answers)
    scores = [_score(instrument, path, facts) for instrument in INSTRUMENTS if _asked(instrument, path)]
    if path["opioids"].state != State.NOT_ASKED:
        scores.append(_opioid_dose(facts, ruleset))
    notes = {field: ruleset.evidence[note] for field, note in ZERO_NOTES.items() if path[field].value == 0}
    return {
        **assessment,
        "scores": [asdict(score) for score in scores],
        "answer_notes": notes,
        "under_18": under_18(ruleset, answers),
        "call_list": (call_list(ruleset, answers) if calls is None else calls).to_json(),
    }


def scores_of(stored: Mapping[str, Any]) -> tuple[Score, ...]:
    """The scores of a stored assessment."""
    return tuple(Score(**score) for score in stored["scores"])


def _asked(instrument: Instrument, path: Mapping[str, OnPath]) -> bool:
    return any(path[item].state != State.NOT_ASKED for item in instrument.items)


def _score(instrument: Instrument, path: Mapping[str, OnPath], facts: Facts) -> Score:
    asked = [path[item] for item in instrument.items if path[item].state != State.NOT_ASKED]
    answered = sum(item.state == State.ANSWERED for item in asked)
    official = all(item in official_questions() for item in instrument.items)
    note = instrument.about if official else f"{instrument.about}; {ADAPTED}"
    if answered < len(asked):
        text = f"no score: {answered} of {len(asked)} answered"
        return Score(instrument.id, instrument.name, text, note, maximum=instrument.maximum)
    value = round(instrument.number(facts), instrument.decimals)
    text = f"{value:.{instrument.decimals}f} of {instrument.maximum}"
    return Score(instrument.id, instrument.name, text, note, value, instrument.maximum)


def _opioid_dose(facts: Facts, ruleset: RuleSet) -> Score:
    text = f"{facts['mme']:g} mg morphine equivalent a day" if facts["mme_known"] else "not known from what was entered"
    note = f"{CONVERTING_NOTE}; higher risk from {ruleset.thresholds['mme_high'].value:g} mg"
    return Score("mme", "Opioid dose", text, note)
