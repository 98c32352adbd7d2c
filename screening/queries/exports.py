"""The cases of some days, in batches, for an export."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, select, tuple_
from sqlalchemy.orm import defer, selectinload

from screening.clock import midnight
from screening.export.tables import Exported
from screening.models import Case, CaseFinding, DataExport, Decision, FindingMark, db
from screening.queries.rule_sets import not_annulled

BATCH = 500
LISTED = 50


def batches(first_day: date, last_day: date, zone: ZoneInfo) -> Iterator[list[Exported]]:
    """The cases sent on these days, both included, oldest first. No transaction stays open between two batches."""
    begins, ends = midnight(first_day, zone), midnight(last_day + timedelta(days=1), zone)
    after = (begins, 0)
    while True:
        cases = db.session.scalars(_next_cases(after, ends)).all()
        marked = _marked([case.id for case in cases])
        exported = [Exported(case, marked) for case in cases]
        if not exported:
            db.session.rollback()
            return
        after = (cases[-1].submitted_at, cases[-1].id)
        yield exported
        db.session.rollback()


def made() -> tuple[DataExport, ...]:
    """The latest exports, newest first."""
    return tuple(db.session.scalars(select(DataExport).order_by(DataExport.id.desc()).limit(LISTED)))


def _next_cases(after: tuple[datetime, int], ends: datetime) -> Select[Case]:
    return (
        select(Case)
        .options(
            defer(Case.record),
            defer(Case.as_seen),
            selectinload(Case.findings).defer(CaseFinding.detail),
            selectinload(Case.decisions).defer(Decision.reason),
        )
        .where(tuple_(Case.submitted_at, Case.id) > after, Case.submitted_at < ends)
        .order_by(Case.submitted_at, Case.id)
        .limit(BATCH)
    )


def _marked(cases: list[int]) -> frozenset[int]:
    query = (
        select(CaseFinding.id)
        .join(Decision, Decision.case_id == CaseFinding.case_id)
        .join(FindingMark, and_(FindingMark.decision_id == Decision.id, FindingMark.rule == CaseFinding.rule))
        .where(CaseFinding.case_id.in_(cases), not_annulled())
    )
    return frozenset(db.session.scalars(query))
