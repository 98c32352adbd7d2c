"""Alerts that staff must see, and the messages that carry word of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from screening.crypto import EncryptedJSON
from screening.models.base import Model, UtcDateTime

if TYPE_CHECKING:
    from screening.models.screening import Draft


class Alert(Model):
    """Someone needs a clinician now or today. It is marked when an answer changes back, never withdrawn."""

    __tablename__ = "alert"
    __table_args__ = (Index("ix_alert_open", "acknowledged_at", "tier", "raised_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), index=True)
    tier: Mapped[int]
    rules: Mapped[list[str]] = mapped_column(EncryptedJSON)
    origin: Mapped[str]
    contact: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJSON)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    acknowledged_name: Mapped[str | None]
    activation_id: Mapped[int | None] = mapped_column(ForeignKey("rule_set_activation.id"), index=True)
    """The new rules that raised it last, long after the form was sent; None if the answers alone did."""
    draft: Mapped[Draft] = relationship(back_populates="alerts")
    messages: Mapped[list[OutboxMessage]] = relationship(back_populates="alert", order_by="OutboxMessage.id")


class OutboxMessage(Model):
    """One message to one contact on the clinic's list. The row is the truth; a task may be lost, it may not."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_due", "delivered_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"), index=True)
    contact_position: Mapped[int] = mapped_column(default=0)
    """Which contact of the clinic's escalation list, from 0."""
    activation_id: Mapped[int | None] = mapped_column(ForeignKey("rule_set_activation.id"), index=True)
    """Set where one message is for all alerts that new rules raised; `alert` is then one of them."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    alert: Mapped[Alert] = relationship(back_populates="messages")
