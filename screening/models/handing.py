"""A case handed from one physician to another, and the letters that were signed about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from screening.crypto import EncryptedBytes, EncryptedJSON, EncryptedText
from screening.models.base import Model, UtcDateTime


class Handover(Model):
    """What one physician left for the others at one time. Rows are added, never changed."""

    __tablename__ = "handover"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("screening_case.id"), index=True)
    note: Mapped[str | None] = mapped_column(EncryptedText)
    assigns: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it says who is to take the case up: `assigned_to_id`, or everyone where that is empty."""
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    assigned_name: Mapped[str | None]
    asks_opinion: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether another physician is asked for an opinion."""
    newest_decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)
    """The newest decision at that time: one signed later may answer it."""
    agrees_with_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)
    """The decision that this second opinion agrees with."""
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    signed_name: Mapped[str]
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReferralLetter(Model):
    """A letter to a referrer as it was signed. Rows are added, never changed."""

    __tablename__ = "referral_letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("screening_case.id"), index=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), index=True)
    """The decision that it tells."""
    assessment_number: Mapped[int]
    """The assessment of the case that it tells of."""
    mark: Mapped[str]
    """What its QR code says; see pdf.mark_of."""
    content: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    """letter.Letter as JSON: to whom, about whom, the text."""
    pdf: Mapped[bytes] = mapped_column(EncryptedBytes)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    signed_name: Mapped[str]
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
