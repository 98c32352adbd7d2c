"""How a form comes to a patient other than by the website: an invitation, or a tablet of the clinic."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from screening.crypto import EncryptedJSON
from screening.models.base import Model, UtcDateTime


class Invitation(Model):
    """One person asked to fill in one form. It lasts as long as its ReturnCode, and is dead once the form was sent."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    """full_name, date_of_birth, and email or phone where given; as in Draft.identity."""
    language: Mapped[str] = mapped_column(default="en")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    created_name: Mapped[str]
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"), unique=True)
    """The form that was begun with it."""
    printed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its sheet was printed last."""
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_name: Mapped[str | None]


class Kiosk(Model):
    """A tablet that staff have put into the mode in which one patient after another fills in a form."""

    __tablename__ = "kiosk"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    """As staff call it, such as "Tablet 2"."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_by_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    started_name: Mapped[str]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_name: Mapped[str | None]
