"""What the person at the form is told, from what the rules say of the answers so far. Pure: no clock, no database.

The words are in notice_words.py; this module decides which of them are due.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from rules import Assessment, RuleSet, Tier
from rules.model import ENGLISH
from screening import notice_words as words
from screening.clinic import Clinic
from screening.identity import under_18
from screening.language import language_now
from screening.notice_words import Scene

SELF_HARM = "S07"
"""The rule whose emergency is answered by the crisis line first."""


class Kind(StrEnum):
    EMERGENCY = "emergency"
    """A page of its own."""
    EMERGENCY_BANNER = "emergency_banner"
    """On every page after it."""
    URGENT = "urgent"
    MEASURE_AGAIN = "measure_again"
    CRISIS_LINE = "crisis_line"


@dataclass(frozen=True)
class Call:
    """A telephone number to press, and the words on it."""

    number: str
    text: str


@dataclass(frozen=True)
class Message:
    """One thing a person is told, as worded. `reasons` are the rules' own words to the patient."""

    kind: str
    shown_to: str
    """"patient", "carer" or "staff"."""
    rules: tuple[str, ...]
    heading: str
    lines: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    reasons_heading: str = ""
    calls: tuple[Call, ...] = ()
    everywhere: bool = True
    """Whether it stands on every page, or on pages about mood alone."""
    holds: bool = True
    """False once the answers that gave it were changed back."""
    language: str = ENGLISH
    """In which it is worded."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Message:
        texts = {name: tuple(data[name]) for name in ("rules", "lines", "reasons")}
        return cls(**{**data, **texts, "calls": tuple(Call(**call) for call in data["calls"])})


@dataclass(frozen=True)
class Situation:
    """What the messages rest on beside the rules."""

    clinic: Clinic
    scene: Scene
    under_18: bool = False
    phone: str = ""
    """The number of the person whom the form is about, as far as it was given."""
    no_phone: bool = False
    call_by: datetime | None = None
    """By when the clinic promises to call; None outside its hours."""
    emergencies_told: frozenset[str] = frozenset()
    """Rules at EMERGENCY that the person was told of before."""
    severe_pressure: bool = False
    thoughts_of_harm: bool = False
    mood_reached: bool = False
    """Whether a page that carries the crisis line was reached."""

    @property
    def crisis_line(self) -> str:
        return self.clinic.youth_line if self.under_18 else self.clinic.crisis_line

    def fill(self, text: object) -> str:
        """The text in the language of the moment, with this clinic's numbers and places."""
        return str(text) % {
            "emergency": self.clinic.emergency_number,
            "crisis": self.crisis_line,
            "urgent": self.clinic.urgent_care_line,
            "place": self.clinic.place_in(language_now()),
            "phone": self.phone,
            "time": words.clock_time(self.call_by, self.clinic.zone) if self.call_by else "",
        }


def situation(
    *,
    clinic: Clinic,
    ruleset: RuleSet,
    values: Mapping[str, Any],
    phone: str,
    no_phone: bool,
    told: Iterable[str],
    call_by: datetime | None,
    mood_reached: bool,
    keyed_by_staff: bool = False,
) -> Situation:
    """The situation of one form. `values` are its answers on the path by field id, age_years among them.

    `keyed_by_staff`: whoever gave the answers, a member of staff reads the messages.
    """
    limits = {name: ruleset.thresholds[name].value for name in SEVERE_PRESSURE.values()}
    return Situation(
        clinic=clinic,
        scene=Scene.STAFF if keyed_by_staff else scene_of(values),
        under_18=under_18(ruleset, values),
        phone=phone,
        no_phone=no_phone,
        call_by=call_by,
        emergencies_told=frozenset(told),
        severe_pressure=any((values.get(field) or 0) >= limits[limit] for field, limit in SEVERE_PRESSURE.items()),
        thoughts_of_harm=values.get("phq9_item9") in (1, 2, 3),
        mood_reached=mood_reached,
    )


SEVERE_PRESSURE = {"bp_systolic": "bp_severe_systolic", "bp_diastolic": "bp_severe_diastolic"}


def scene_of(values: Mapping[str, Any]) -> Scene:
    """Who is at the form. `values` are answers by field id."""
    if values.get("completed_by") == "carer":
        return Scene.CARER_HERE if values.get("with_patient") == "yes" else Scene.CARER_AWAY
    return Scene.STAFF if values.get("completed_by") == "staff" else Scene.PATIENT


def messages(ruleset: RuleSet, assessment: Assessment, at: Situation) -> tuple[Message, ...]:
    """Everything that is due now, the most pressing first."""
    due = (
        _emergency(ruleset, assessment, at),
        _banner(assessment, at),
        _urgent(ruleset, assessment, at),
        _measure_again(at),
        _crisis_line(assessment, at),
    )
    return tuple(replace(message, language=language_now()) for message in due if message is not None)


def rules_at(assessment: Assessment, tier: Tier) -> tuple[str, ...]:
    return tuple(finding.rule for finding in assessment.findings if finding.tier == tier)


def _emergency(ruleset: RuleSet, assessment: Assessment, at: Situation) -> Message | None:
    rules = rules_at(assessment, Tier.EMERGENCY)
    if not rules:
        return None
    harm_alone = set(rules) == {SELF_HARM}
    lines = [words.NO_ONE_ON_THE_WAY, *words.EMERGENCY_LINES[at.scene]]
    if at.scene is Scene.STAFF and not at.phone:
        lines.append(words.NO_NUMBER)
    if SELF_HARM in rules:
        lines.append(words.HARM_LINES[at.scene])
    return Message(
        kind=Kind.EMERGENCY,
        shown_to=at.scene.audience,
        rules=rules,
        heading=at.fill(words.EMERGENCY_HEADINGS[at.scene, harm_alone]),
        lines=tuple(at.fill(line) for line in lines),
        reasons=_reasons(ruleset, assessment, Tier.EMERGENCY, at),
        reasons_heading=str(words.REASONS_HEADINGS[at.scene]),
        calls=_emergency_calls(rules, at),
    )


def _banner(assessment: Assessment, at: Situation) -> Message | None:
    now = rules_at(assessment, Tier.EMERGENCY)
    rules = now or tuple(sorted(at.emergencies_told))
    if not rules:
        return None
    harm_alone = set(rules) == {SELF_HARM}
    heading, line = words.BANNERS[at.scene.audience, harm_alone, bool(now)]
    return Message(
        kind=Kind.EMERGENCY_BANNER,
        shown_to=at.scene.audience,
        rules=rules,
        heading=at.fill(heading),
        lines=(at.fill(line),),
        calls=_emergency_calls(rules, at),
        holds=bool(now),
    )


def _emergency_calls(rules: Iterable[str], at: Situation) -> tuple[Call, ...]:
    """The numbers to call, the first one to be pressed first."""
    emergency = Call(at.clinic.emergency_number, at.fill(words.CALL_EMERGENCY))
    if at.scene is Scene.STAFF:
        return (*_call_person(at), emergency)
    crisis = Call(at.crisis_line, at.fill(words.CALL_CRISIS))
    if set(rules) == {SELF_HARM}:
        return _once(crisis, emergency)
    return _once(emergency, crisis) if SELF_HARM in rules else (emergency,)


def _call_person(at: Situation) -> tuple[Call, ...]:
    return (Call(at.phone, at.fill(words.CALL_PERSON)),) if at.phone else ()


def _once(*calls: Call) -> tuple[Call, ...]:
    return tuple({call.number: call for call in reversed(calls)}.values())[::-1]


def _urgent(ruleset: RuleSet, assessment: Assessment, at: Situation) -> Message | None:
    rules = rules_at(assessment, Tier.URGENT)
    if not rules:
        return None
    wait = _wait(assessment, at)
    # With thoughts of harm the crisis line has a message of its own on every page.
    needs_line = SELF_HARM in rules and not at.thoughts_of_harm
    harm = (Call(at.crisis_line, at.fill(words.CALL_CRISIS)),) if needs_line else ()
    closed = (Call(at.clinic.urgent_care_line, at.fill(words.CALL_URGENT_CARE)),) if wait is words.Wait.CLOSED else ()
    return Message(
        kind=Kind.URGENT,
        shown_to=at.scene.audience,
        rules=rules,
        heading=at.fill(words.URGENT_HEADINGS[at.scene.audience]),
        lines=(at.fill(words.URGENT_LINES[at.scene.audience, wait]),),
        reasons=_reasons(ruleset, assessment, Tier.URGENT, at),
        reasons_heading=str(words.REASONS_HEADINGS[at.scene]),
        calls=_call_person(at) if at.scene is Scene.STAFF else _once(*harm, *closed),
    )


def _wait(assessment: Assessment, at: Situation) -> words.Wait:
    """What a person can wait for. "Call now" must never stand beside "wait for our call"."""
    if assessment.tier == Tier.EMERGENCY:
        return words.Wait.EMERGENCY_FIRST
    if at.call_by is None:
        return words.Wait.CLOSED
    return words.Wait.NO_PHONE if at.no_phone else words.Wait.CALL


def _reasons(ruleset: RuleSet, assessment: Assessment, tier: Tier, at: Situation) -> tuple[str, ...]:
    found = (finding for finding in assessment.findings if finding.tier == tier)
    texts = (ruleset.patient_text(finding, under_18=at.under_18, language=language_now()) for finding in found)
    return tuple(text for text in texts if text)


def _measure_again(at: Situation) -> Message | None:
    if not at.severe_pressure:
        return None
    heading, line = words.MEASURE_AGAIN
    return Message(
        kind=Kind.MEASURE_AGAIN,
        shown_to=at.scene.audience,
        rules=(),
        heading=at.fill(heading),
        lines=(at.fill(line), at.fill(words.MEASURE_AGAIN_CALL)),
    )


def _crisis_line(assessment: Assessment, at: Situation) -> Message | None:
    if not (at.mood_reached or at.thoughts_of_harm):
        return None
    heading, line = words.CRISIS[at.scene.audience]
    return Message(
        kind=Kind.CRISIS_LINE,
        shown_to=at.scene.audience,
        rules=(),
        heading=at.fill(heading),
        lines=(at.fill(line),),
        calls=(Call(at.crisis_line, at.fill(words.CALL_CRISIS)),),
        everywhere=at.thoughts_of_harm and SELF_HARM not in rules_at(assessment, Tier.EMERGENCY),
    )
