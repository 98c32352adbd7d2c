"""What may not be forgotten, what was and must stay so, and the counts that remain of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, event, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from screening.crypto import EncryptedText
from screening.models.base import Model, UtcDateTime


class LegalHold(Model):
    """Nothing of a person, joined records included, is forgotten until it is lifted."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        Index(
            "ix_legal_hold_standing",
            "patient_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    reason: Mapped[str] = mapped_column(EncryptedText)
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    placed_by_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    placed_name: Mapped[str]
    lift_reason: Mapped[str | None] = mapped_column(EncryptedText)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    lifted_name: Mapped[str | None]


class Tombstone(Model):
    """A row that was erased with its person: whoever restores a backup erases it again. See tombstones.py."""

    __tablename__ = "tombstone"

    mark: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """A keyed hash of what the row was, so that another one with the same id is never taken for it."""
    subject: Mapped[str]
    """"draft", "patient" or "invitation"."""
    subject_id: Mapped[int]
    erased_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(EncryptedText)
    """Why its person was erased, as the admin wrote it; None in what only the file said."""


class ForgottenForms(Model):
    """How many unfinished forms were forgotten, so that the board still says where people stop. No person's data."""

    __tablename__ = "forgotten_forms"

    day: Mapped[date] = mapped_column(primary_key=True)
    """On which they were begun, as the clinic counts days."""
    channel: Mapped[str] = mapped_column(primary_key=True)
    reached: Mapped[str] = mapped_column(primary_key=True)
    """As Draft.reached; empty where all was answered."""
    n: Mapped[int]


class SpentId(Model):
    """The highest id that a table ever had, where its row was forgotten. SQLite would give it to another row."""

    __tablename__ = "spent_id"

    table: Mapped[str] = mapped_column(primary_key=True)
    last_id: Mapped[int]


@event.listens_for(Session, "before_flush")
def _spend_no_id_twice(session: Session, _context: Any, _instances: Any) -> None:
    """Audit events name rows by their ids: those of one person may never become those of another."""
    if not session.new or session.get_bind(SpentId).dialect.name != "sqlite":
        return
    connection = session.connection()
    spent = {row.table: row.last_id for row in connection.execute(select(SpentId.table, SpentId.last_id))}
    for row in session.new if spent else ():
        table = row.__table__
        last = spent.get(table.name)
        if last is None or row.id is not None:
            continue
        highest = connection.scalar(select(func.max(table.c.id))) or 0
        if highest < last:
            row.id = spent[table.name] = last + 1
