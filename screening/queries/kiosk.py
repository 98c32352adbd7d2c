"""Tablets of the clinic, and how long each of their pages may stand untouched."""

from __future__ import annotations

from sqlalchemy import func, select

from screening.models import Case, Draft, Kiosk, db


def running() -> tuple[tuple[Kiosk, int], ...]:
    """The tablets in use, by name, each with the number of forms begun on it."""
    query = (
        select(Kiosk, func.count(Draft.id))
        .outerjoin(Draft, Draft.kiosk_id == Kiosk.id)
        .where(Kiosk.ended_at.is_(None))
        .group_by(Kiosk.id)
        .order_by(Kiosk.name, Kiosk.id)
    )
    return tuple((kiosk, forms) for kiosk, forms in db.session.execute(query))


def in_use(kiosk_id: int) -> Kiosk | None:
    """The tablet, unless it was ended."""
    return db.session.scalar(select(Kiosk).where(Kiosk.id == kiosk_id, Kiosk.ended_at.is_(None)))


def tier_of_case(case_id: int) -> int:
    return db.session.scalar(select(Case.tier).where(Case.id == case_id)) or 0
