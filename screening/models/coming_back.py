"""Coming back to a form: codes, answers that arrived after their session, tries, and mail to patients."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from screening.crypto import EncryptedJSON, EncryptedText
from screening.models.base import Model, UtcDateTime


class ReturnCode(Model):
    """A code that, with a date of birth, opens a form or an invitation. The code itself is not stored.

    It is made again from `nonce` and the index key where it must be shown again, and found by its keyed hash.
    """

    __tablename__ = "return_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"), index=True)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"), index=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HeldPost(Model):
    """A page that was sent when its session had ended: kept until the person shows that it is theirs."""

    __tablename__ = "held_post"

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), index=True)
    page: Mapped[str]
    form: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    """What was typed: a list of texts by the name of the form's field."""
    held_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Attempt(Model):
    """A try that a limit counts, by what it was aimed at and where it came from: a failure to get in, a form begun."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_key", "scope", "key_hash", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class PatientMail(Model):
    """One e-mail to a patient. The row is the truth; a task may be lost, it may not."""

    __tablename__ = "patient_mail"
    __table_args__ = (Index("ix_patient_mail_due", "delivered_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """"come_back", "invitation" or "reminder"."""
    to: Mapped[str] = mapped_column(EncryptedText)
    language: Mapped[str] = mapped_column(default="en")
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"), index=True)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"), index=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
