"""What physicians marked as not relevant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from screening.models import Decision, FindingMark, db
from screening.queries.rule_sets import not_annulled


@dataclass(frozen=True)
class Mark:
    """One physician's word, signed with a decision that stands, that a finding is not relevant."""

    reason: str
    signed_name: str
    marked_at: datetime


def marks_of(case_id: int) -> dict[str, tuple[Mark, ...]]:
    """The marks on a case's findings, by rule, oldest first."""
    query = (
        select(FindingMark.rule, FindingMark.reason, Decision.signed_name, FindingMark.marked_at)
        .join(Decision, FindingMark.decision_id == Decision.id)
        .where(Decision.case_id == case_id, not_annulled())
        .order_by(FindingMark.id)
    )
    marks: dict[str, tuple[Mark, ...]] = {}
    for rule, reason, name, at in db.session.execute(query):
        marks[rule] = (*marks.get(rule, ()), Mark(reason, name, at))
    return marks
