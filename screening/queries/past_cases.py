"""All past cases, streamed in batches, still encrypted."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import LargeBinary, func, select, type_coerce

from screening.models import Case, db
from screening.what_if import PastCase

BATCH = 500


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Case)) or 0


def batches() -> Iterator[list[PastCase]]:
    """Every case, oldest first. No transaction stays open between two batches."""
    last = 0
    while True:
        query = (
            select(Case.id, Case.reference, type_coerce(Case.answers, LargeBinary), Case.questionnaire_sha256)
            .where(Case.id > last)
            .order_by(Case.id)
            .limit(BATCH)
        )
        rows = db.session.execute(query).all()
        db.session.rollback()
        if not rows:
            return
        last = rows[-1][0]
        yield [PastCase(reference, bytes(answers), asked) for _id, reference, answers, asked in rows]
