"""One case as a physician sees it: all that was answered, found, told and decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from rules.model import State, Tier
from screening.actions.review import ANNULLED, DecisionKind, counting
from screening.call_list import CallList
from screening.differences import Difference
from screening.models import Alert, Case, CaseFinding, Decision, Notice, db
from screening.notices import Message
from screening.provenance import Origins, origins_of
from screening.queries.amendments import Amendments, amendments, told_by_phone
from screening.queries.as_seen import AsSeen, as_seen
from screening.queries.finding_marks import Mark, marks_of
from screening.record import FindingText, Record, Row, Section
from screening.scores import Score, scores_of


@dataclass(frozen=True)
class SignedDecision:
    id: int
    kind: str
    """As staff call it."""
    reason: str
    signed_name: str
    user_id: int
    """Who signed it."""
    signed_at: datetime
    counts: bool
    annulled: bool
    annuls_id: int | None
    since: Difference | None = None
    """What was changed since it was signed."""


@dataclass(frozen=True)
class CaseFile:
    """Everything that a physician decides on, as stored on the day."""

    case: Case
    tier: Tier
    age: int | None
    """In years, on the day."""
    findings: tuple[FindingText, ...]
    marks: dict[str, tuple[Mark, ...]]
    """Why findings are not relevant, by rule."""
    scores: tuple[Score, ...]
    answer_notes: dict[str, str]
    """Notes to show beside single answers, by field id."""
    sections: tuple[Section, ...]
    origins: Origins
    unknown: tuple[Row, ...]
    incomplete: tuple[Row, ...]
    calls: CallList
    contradictions: tuple[tuple[Row, Row], ...]
    notices: tuple[Notice, ...]
    alerts: tuple[Alert, ...]
    decisions: tuple[SignedDecision, ...]
    """Newest first."""
    amendments: Amendments
    told_by_phone: tuple[Message, ...]

    @property
    def reopened(self) -> tuple[SignedDecision, ...]:
        """The latest decision that stands but counts no more, as what it rested on was changed."""
        return () if self.counting else self.standing[:1]

    @property
    def seen(self) -> AsSeen | None:
        return as_seen(self.case.language, self.case.as_seen)

    @property
    def by_tier(self) -> tuple[tuple[Tier, tuple[FindingText, ...]], ...]:
        """The findings that flag the case, by tier, the highest first."""
        groups = groupby(self.findings, key=lambda finding: Tier[finding.tier])
        return tuple((tier, tuple(group)) for tier, group in groups if tier.flagged)

    @property
    def background(self) -> tuple[FindingText, ...]:
        """The findings that do not flag it."""
        return tuple(finding for finding in self.findings if not Tier[finding.tier].flagged)

    @property
    def last_seen(self) -> int:
        """The id of the newest decision, 0 where there is none."""
        return self.decisions[0].id if self.decisions else 0

    @property
    def counting(self) -> SignedDecision | None:
        return next((row for row in self.decisions if row.counts), None)

    @property
    def others(self) -> tuple[SignedDecision, ...]:
        return tuple(row for row in self.decisions if not row.counts)

    @property
    def open_fields(self) -> frozenset[str]:
        """What the patient could not tell, or left unanswered although it was needed."""
        return frozenset(row.id for row in (*self.unknown, *self.incomplete))

    @property
    def standing(self) -> tuple[SignedDecision, ...]:
        """The decisions that can be annulled."""
        return tuple(row for row in self.decisions if not row.annulled and row.annuls_id is None)


def case_file(reference: str) -> CaseFile | None:
    query = select(Case).where(Case.reference == reference).options(joinedload(Case.patient))
    case = db.session.scalars(query).one_or_none()
    if case is None:
        return None
    record = Record.from_json(case.record)
    amended = amendments(case, with_findings=True)
    return CaseFile(
        case=case,
        tier=Tier(case.tier),
        age=record.age_years,
        findings=_findings(case.id),
        marks=marks_of(case.id),
        scores=scores_of(case.assessment),
        answer_notes=case.assessment["answer_notes"],
        sections=record.sections,
        origins=origins_of(case.given, [row.id for row in record.rows()], case.filled_on),
        unknown=tuple(row for row in record.rows() if row.state == State.UNKNOWN),
        incomplete=_rows(record, case.assessment["incomplete"]),
        calls=CallList.of(case.assessment),
        contradictions=_pairs(record, case.assessment["contradictions"]),
        notices=tuple(_of_draft(Notice, case.draft_id)),
        alerts=tuple(_of_draft(Alert, case.draft_id)),
        decisions=_decisions(case, amended),
        amendments=amended,
        told_by_phone=told_by_phone(case.draft_id),
    )


def decision_case(decision_id: int) -> str | None:
    """The reference of the case that a decision is about."""
    query = select(Case.reference).join(Decision, Decision.case_id == Case.id).where(Decision.id == decision_id)
    return db.session.scalar(query)


def _findings(case: int) -> tuple[FindingText, ...]:
    query = select(CaseFinding.detail).where(CaseFinding.case_id == case).order_by(CaseFinding.position)
    return tuple(FindingText.from_json(detail) for detail in db.session.scalars(query))


def _rows(record: Record, fields: Sequence[str]) -> tuple[Row, ...]:
    return tuple(row for field in fields if (row := record.row(field)) is not None)


def _pairs(record: Record, pairs: Sequence[Sequence[str]]) -> tuple[tuple[Row, Row], ...]:
    found = (_rows(record, pair) for pair in pairs)
    return tuple((rows[0], rows[1]) for rows in found if len(rows) == 2)


def _of_draft(model: Any, draft_id: int) -> Sequence[Any]:
    return db.session.scalars(select(model).where(model.draft_id == draft_id).order_by(model.id)).all()


def _decisions(case: Case, amended: Amendments) -> tuple[SignedDecision, ...]:
    rows = list(db.session.scalars(select(Decision).where(Decision.case_id == case.id).order_by(Decision.id)))
    valid = counting(case, rows)
    annulled = {row.annuls_id for row in rows}
    return tuple(
        SignedDecision(
            id=row.id,
            kind="Annulled" if row.kind == ANNULLED else DecisionKind(row.kind).staff_name,
            reason=row.reason,
            signed_name=row.signed_name,
            user_id=row.user_id,
            signed_at=row.signed_at,
            counts=bool(valid) and row is valid[-1],
            annulled=row.id in annulled,
            annuls_id=row.annuls_id,
            since=amended.since(row.assessment_number),
        )
        for row in reversed(rows)
    )
