"""What staff sign in with beside a password, and word to them when somebody else took it away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from screening.models.base import Model, UtcDateTime
from screening.models.user import User


class RecoveryCode(Model):
    """A code that stands in for the authenticator app once: its row goes when it is used. Only a hash is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)


class Passkey(Model):
    """A key that signs in alone: the device has checked its owner. Only its public half is here."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"), index=True)
    name: Mapped[str]
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship()


class StaffMail(Model):
    """One e-mail to a member of staff about their account. The row is the truth; a task may be lost, it may not."""

    __tablename__ = "staff_mail"
    __table_args__ = (Index("ix_staff_mail_due", "delivered_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """"second_factor_reset"."""
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"), index=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship()
