"""What physicians decide, and the summaries that were made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from screening.crypto import EncryptedBytes, EncryptedText
from screening.models.base import Model, UtcDateTime


class Decision(Model):
    """A signed decision. Rows are added, never changed; the latest that is not annulled counts."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("screening_case.id"), index=True)
    kind: Mapped[str]
    """A code of actions.review.DecisionKind, or "annulled"."""
    reason: Mapped[str] = mapped_column(EncryptedText)
    annuls_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    signed_name: Mapped[str]
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ruleset_sha256: Mapped[str]
    assessment_number: Mapped[int] = mapped_column(default=0, server_default="0")
    """The assessment that the physician read: the case's own, or CaseAssessment.number."""


class StoredPdf(Model):
    """A rendered summary, found by the hash of all that it shows."""

    __tablename__ = "stored_pdf"

    content_hash: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("screening_case.id"), index=True)
    pdf: Mapped[bytes] = mapped_column(EncryptedBytes)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was made, or last found to be up to date."""
    fingerprint: Mapped[str | None] = mapped_column(index=True)
    """What it was last found to be made from: see queries.print_inputs."""
