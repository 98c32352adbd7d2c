"""All that a printed summary shows of a case, as plain data. What a physician decided or noted is no part of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date, format_time

from rules import State, Tier
from screening.call_list import CallList
from screening.clinic import Clinic
from screening.language import english_name
from screening.models import Case
from screening.notices import SELF_HARM
from screening.provenance import Origins, origins_of
from screening.record import FindingText, Record, Row
from screening.result import told_of
from screening.scores import Score, scores_of

LONG_ANSWER = 120
"""Characters from which an answer stands below its question at full width, and may run on to the next page."""

STAFF_LANGUAGE = "en"
DATE = "long"
NOT_ROWS = {"age_years": "Age"}
"""Short names of what the rules read that no question of the record asked."""


@dataclass(frozen=True)
class ClinicLines:
    """The clinic's settings that a print shows."""

    name: str
    address: str
    phone: str
    paper: str
    emergency_number: str
    crisis_line: str
    urgent_care_place: str
    urgent_care_line: str


@dataclass(frozen=True)
class Person:
    """Who the screening is about. Dates are in words, in the language of the staff and of the patient."""

    name: str
    born: str
    born_in_own_language: str
    age: int | None
    phone: str
    may_leave_message: bool
    email: str
    answered_by: str
    """Empty where the person answered for themselves."""


@dataclass(frozen=True)
class Answer:
    """One question with its answer. `rules` are those that it made fire; `topic` and `note` are for staff.

    `topic` says what a question is about that asks for any of a list, which the print does not repeat.
    """

    id: str
    question: str
    topic: str
    answer: str
    unknown: bool
    rules: tuple[str, ...]
    note: str

    @property
    def long(self) -> bool:
        return len(self.answer) > LONG_ANSWER or self.answer.count("\n") > 3


@dataclass(frozen=True)
class AnswerSection:
    number: int
    title: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Seen:
    """What the person saw, in their own language."""

    sections: tuple[AnswerSection, ...]
    regions_worded: str
    texts: tuple[str, ...]
    """What the rules tell them, each text once, the most pressing first."""


@dataclass(frozen=True)
class Summary:
    clinic: ClinicLines
    person: Person
    reference: str
    link: str
    """The page for staff that says whether a print is current, without the print's own mark. Holds no personal data."""
    language: str
    submitted: str
    submitted_in_own_language: str
    created: str
    """The moment of submission, as the PDF's own dates have it."""
    channel: str
    origin: str
    origins: Origins
    """Who gave the answers, and how."""
    tier: str
    findings: tuple[FindingText, ...]
    unanswered: tuple[str, ...]
    contradictions: tuple[tuple[str, str], ...]
    """Pairs of "question in short: answer"."""
    calls: CallList
    out_of_scope: bool
    reassuring: bool
    scores: tuple[Score, ...]
    regions: tuple[str, ...]
    regions_worded: str
    sections: tuple[AnswerSection, ...]
    seen: Seen
    questionnaire_version: str
    ruleset_version: str
    ruleset_sha256: str
    demo: bool
    rules_approved: bool
    decisions: tuple[str, ...]
    """What a physician can decide, to be ticked by hand. Never what was decided."""

    @property
    def language_name(self) -> str:
        """As staff call it."""
        return english_name(self.language)

    @property
    def sources(self) -> tuple[tuple[str, bool], ...]:
        """Each source once, in the order in which the findings name them."""
        return tuple(dict.fromkeys(source for finding in self.findings for source in finding.sources))

    @property
    def evidence(self) -> tuple[str, ...]:
        """Each note on the evidence once, in the order in which the findings name them."""
        return tuple(dict.fromkeys(note for finding in self.findings for note in finding.evidence))

    @property
    def deciding(self) -> tuple[FindingText, ...]:
        """The findings that give the case its tier."""
        return tuple(finding for finding in self.findings if finding.tier == self.tier)

    @property
    def others(self) -> dict[str, int]:
        """How many findings there are of each lower tier."""
        lower = [finding.tier for finding in self.findings if finding.tier != self.tier]
        return {tier: lower.count(tier) for tier in dict.fromkeys(lower)}

    @property
    def self_harm_alone(self) -> bool:
        """Whether thoughts of self-harm alone give the case its tier: the crisis line then comes first."""
        return {finding.rule for finding in self.deciding} == {SELF_HARM}

    @property
    def on_unknown(self) -> tuple[FindingText, ...]:
        return tuple(finding for finding in self.findings if finding.basis == "unknown")


def summary_of(
    case: Case, clinic: Clinic, rules_approved: bool, *, base_url: str, decisions: Iterable[str] = ()
) -> Summary:
    """What a print of the case shows. `base_url` is the address that the QR code's link begins with."""
    record = Record.from_json(case.record)
    assessment: Mapping[str, Any] = case.assessment
    regions = record.row("pain_regions")
    findings = tuple(FindingText.from_json(finding.detail) for finding in case.findings)
    return Summary(
        clinic=_clinic_lines(clinic, case),
        person=_person(case, record),
        reference=case.reference,
        link=f"{base_url}/staff/prints/{case.reference}",
        language=case.language,
        submitted=_submitted(case, clinic, STAFF_LANGUAGE),
        submitted_in_own_language=_submitted(case, clinic, case.language),
        created=case.submitted_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        channel=case.channel,
        origin=case.origin,
        origins=origins_of(case.given, [row.id for row in record.rows()], case.filled_on),
        tier=Tier(case.tier).name,
        findings=findings,
        unanswered=tuple(_short(record, field) for field in assessment["incomplete"]),
        contradictions=tuple((_said(record, one), _said(record, other)) for one, other in assessment["contradictions"]),
        calls=CallList.of(assessment),
        out_of_scope=case.out_of_scope,
        reassuring=case.tier <= Tier.ROUTINE and not case.incomplete and not case.rests_on_unknown,
        scores=scores_of(assessment),
        regions=tuple(regions.code or ()) if regions else (),
        regions_worded=regions.answer if regions else "",
        sections=_sections(record, assessment),
        seen=_seen(case, record, findings),
        questionnaire_version=case.questionnaire_version,
        ruleset_version=case.ruleset_version,
        ruleset_sha256=case.ruleset_sha256,
        demo=case.demo,
        rules_approved=rules_approved,
        decisions=tuple(decisions),
    )


def _seen(case: Case, record: Record, findings: Iterable[FindingText]) -> Seen:
    own = Record.from_json(case.as_seen["record"]) if case.as_seen else record
    regions = own.row("pain_regions")
    told = (told_of(case, finding) for finding in findings)
    return Seen(
        sections=_sections(own, case.assessment),
        regions_worded=regions.answer if regions else "",
        texts=tuple(dict.fromkeys(text for text in told if text)),
    )


def _clinic_lines(clinic: Clinic, case: Case) -> ClinicLines:
    return ClinicLines(
        name=clinic.name,
        address=clinic.address,
        phone=clinic.phone,
        paper=clinic.paper,
        emergency_number=clinic.emergency_number,
        crisis_line=clinic.youth_line if case.assessment["under_18"] else clinic.crisis_line,
        urgent_care_place=clinic.place_in(case.language),
        urgent_care_line=clinic.urgent_care_line,
    )


def _person(case: Case, record: Record) -> Person:
    identity = case.patient.identity
    born = date.fromisoformat(identity["date_of_birth"]) if identity.get("date_of_birth") else None
    answered_by = record.row("completed_by")
    return Person(
        name=identity.get("full_name") or "",
        born=format_date(born, DATE, STAFF_LANGUAGE) if born else "",
        born_in_own_language=format_date(born, DATE, case.language) if born else "",
        age=record.age_years,
        phone=identity.get("phone") or "",
        may_leave_message=identity.get("may_leave_message") in (True, "yes"),
        email=identity.get("email") or "",
        answered_by=answered_by.answer if answered_by and answered_by.code != "self" else "",
    )


def _submitted(case: Case, clinic: Clinic, language: str) -> str:
    local = case.submitted_at.astimezone(clinic.zone)
    return f"{format_date(local, DATE, language)}, {format_time(local, 'short', locale=language)}"


def _short(record: Record, field: str) -> str:
    row = record.row(field)
    return row.short if row else NOT_ROWS[field]


def _said(record: Record, field: str) -> str:
    row = record.row(field)
    return f"{row.short}: {row.answer}" if row else NOT_ROWS[field]


def _sections(record: Record, assessment: Mapping[str, Any]) -> tuple[AnswerSection, ...]:
    fired: dict[str, list[str]] = {}
    for finding in assessment["findings"]:
        for field in finding["because"]:
            fired.setdefault(field, []).append(finding["rule"])
    notes: Mapping[str, str] = assessment["answer_notes"]

    def answer(row: Row) -> Answer:
        unknown = row.state in (State.UNANSWERED, State.UNKNOWN)
        topic = row.short if isinstance(row.code, list) else ""
        rules = tuple(fired.get(row.id, ()))
        return Answer(row.id, row.question, topic, row.answer, unknown, rules, notes.get(row.id, ""))

    return tuple(
        AnswerSection(section.number, section.title, tuple(answer(row) for row in section.rows))
        for section in record.sections
    )
