"""Who a person really is: identity data that were corrected, and records of one person that staff joined."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from screening.crypto import EncryptedJSON, EncryptedText
from screening.models.base import Model, UtcDateTime


class IdentityCorrection(Model):
    """What a person's identity was until staff corrected it. Rows are added, never changed."""

    __tablename__ = "identity_correction"
    __table_args__ = (UniqueConstraint("patient_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    number: Mapped[int]
    """From 0, as sent. How many there are is the present identity's."""
    before: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    """As Patient.identity."""
    reason: Mapped[str] = mapped_column(EncryptedText)
    corrected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    corrected_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    corrected_name: Mapped[str]


class PatientJoin(Model):
    """Two records that staff say are of one person, until it is undone. Nothing of either record changes."""

    __tablename__ = "patient_join"
    __table_args__ = (
        CheckConstraint("first_id < second_id", name="order"),
        Index(
            "ix_patient_join_standing",
            "first_id",
            "second_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    reason: Mapped[str | None] = mapped_column(EncryptedText)
    """Needed where the two do not have the same date of birth."""
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    joined_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    joined_name: Mapped[str]
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    undone_name: Mapped[str | None]
