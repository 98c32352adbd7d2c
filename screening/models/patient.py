"""Who a screening is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from screening.crypto import EncryptedJSON
from screening.models.base import Model, UtcDateTime


class Patient(Model):
    """A person as they gave themselves in one screening. Two screenings are never joined by themselves."""

    __tablename__ = "patient"

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    """full_name, date_of_birth (ISO), phone, no_phone, may_leave_message, email."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tokens: Mapped[list[SearchToken]] = relationship(cascade="all, delete-orphan", back_populates="patient")


class SearchToken(Model):
    """A keyed blind index entry: finds a person by a name's beginning, date of birth, phone or e-mail."""

    __tablename__ = "search_token"
    __table_args__ = (Index("ix_search_token_found", "kind", "token", "patient_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    token: Mapped[bytes] = mapped_column(LargeBinary)
    patient: Mapped[Patient] = relationship(back_populates="tokens")
