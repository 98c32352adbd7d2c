"""Amended answers: what changed when, and what is still to ask of a person by telephone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from screening.call_list import CallList
from screening.differences import Difference, Version, difference
from screening.models import Case, CaseAssessment, CaseFinding, Draft, db
from screening.notices import Message
from screening.provenance import Channel, Given

_STORED = (
    CaseAssessment.number,
    CaseAssessment.record,
    CaseAssessment.findings,
    CaseAssessment.tier,
    CaseAssessment.ruleset_version,
    CaseAssessment.replaced_at,
    CaseAssessment.replaced_name,
    CaseAssessment.reopened,
    CaseAssessment.correction_id,
)


@dataclass(frozen=True)
class Amendment:
    """One time that answers were keyed in by telephone, or that the age became another one."""

    at: datetime
    name: str
    """Who keyed them in, or corrected the date of birth."""
    of_age: bool
    """Whether it was the date of birth."""
    reopened: bool
    difference: Difference


@dataclass(frozen=True)
class Amendments:
    """All that was amended of a case, newest first, and what it was each time."""

    rows: tuple[Amendment, ...] = ()
    versions: tuple[Version, ...] = ()
    """By number; the present one is the last."""

    def since(self, number: int) -> Difference | None:
        """What is different now from an assessment that a decision was signed on; None if it is the present one."""
        if number >= len(self.versions) - 1:
            return None
        return difference(self.versions[number], self.versions[-1])


@dataclass(frozen=True)
class ToAsk:
    """What somebody may key in of a case: the fields still open to them, and those keyed in by telephone before."""

    case_id: int
    answers: dict[str, Any]
    open: frozenset[str]
    keyed: frozenset[str]
    seen: int
    """The number of the assessment."""


def amendments(case: Any, *, with_findings: bool) -> Amendments:
    """`case` has the id, record, tier, ruleset_version and assessment_number of one."""
    if not case.assessment_number:
        return Amendments()
    query = select(*_STORED).where(CaseAssessment.case_id == case.id).order_by(CaseAssessment.number)
    rows = db.session.execute(query).all()
    present = Version.of(case, case.assessment_number, _findings(case.id) if with_findings else ())
    versions = (*(Version.of(row, row.number, row.findings if with_findings else ()) for row in rows), present)
    made = [
        Amendment(
            row.replaced_at, row.replaced_name, row.correction_id is not None, row.reopened, difference(before, after)
        )
        for row, before, after in zip(rows, versions, versions[1:], strict=False)
    ]
    return Amendments(tuple(reversed(made)), versions)


def to_ask(reference: str, *, clinician: bool) -> ToAsk | None:
    """What the front desk, or a clinician, may key in. None if there is no such case."""
    columns = (Case.id, Case.answers, Case.given, Case.assessment, Case.assessment_number, Case.submitted_at)
    case = db.session.execute(select(*columns).where(Case.reference == reference)).one_or_none()
    if case is None:
        return None
    calls = CallList.of(case.assessment)
    listed = (*calls.front_desk, *(calls.clinician if clinician else ()))
    later = {field for field, source in (case.given or {}).items() if _by_phone(source, case.submitted_at)}
    is_open = frozenset(call.id for call in listed)
    return ToAsk(case.id, case.answers, is_open, frozenset(later) - is_open, case.assessment_number)


def told_by_phone(draft_id: int) -> tuple[Message, ...]:
    """What whoever keyed in the latest answers is to say to the person at once."""
    told = db.session.scalars(select(Draft.told).where(Draft.id == draft_id)).one()
    return tuple(Message.from_json(message) for message in told.get("by_phone", ()))


def _by_phone(source: dict[str, Any], submitted_at: datetime) -> bool:
    given = Given.from_json(source)
    return given.channel is Channel.PHONE and given.at > submitted_at


def _findings(case_id: int) -> Sequence[dict[str, Any]]:
    query = select(CaseFinding.detail).where(CaseFinding.case_id == case_id).order_by(CaseFinding.position)
    return db.session.scalars(query).all()
