"""When a case waits for a second opinion: from a request until a physician other than the one who asked has signed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from screening.actions.unit import Unit
from screening.models import Case, Decision, Handover, db


def renew(unit: Unit, case: Case, standing: Sequence[Decision]) -> None:
    """Bring the case up to date with its decisions that stand (oldest first) and its Handover rows.

    Who was to take it up is forgotten once nothing is left to do.
    """
    waiting = requests_open(handovers(case.id), standing)
    since = waiting[0].signed_at if waiting else None
    if since != case.opinion_asked_at:
        unit.audit("case.opinion_awaited" if since else "case.opinion_settled", case)
    case.opinion_asked_at = since
    if case.reviewed_at is not None and since is None:
        case.assigned_to_id = case.assigned_at = None


def requests_open(rows: Sequence[Handover], standing: Sequence[Decision]) -> list[Handover]:
    """The requests, of a case's rows, that nobody else has answered yet, oldest first."""
    valid = {decision.id for decision in standing}
    agreed = [row for row in rows if row.agrees_with_id in valid]
    return [row for row in rows if row.asks_opinion and not _answered(row, agreed, standing)]


def handovers(case_id: int) -> list[Handover]:
    """All that was handed over of a case, oldest first."""
    query = select(Handover).where(Handover.case_id == case_id).order_by(Handover.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _answered(request: Handover, agreed: Sequence[Handover], standing: Sequence[Decision]) -> bool:
    newest = request.newest_decision_id or 0
    decided = any(decision.id > newest and decision.user_id != request.user_id for decision in standing)
    return decided or any(row.id > request.id and row.user_id != request.user_id for row in agreed)
