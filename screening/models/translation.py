"""What a clinic says of a translation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from screening.models.base import Model, UtcDateTime


class TranslationApproval(Model):
    """Somebody at the clinic has read a translation and approved it. Rows are added, never changed."""

    __tablename__ = "translation_approval"

    id: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str]
    sha256: Mapped[str]
    """Of all the words that were approved: another wording awaits review again."""
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    approved_name: Mapped[str]
    approved_at: Mapped[datetime] = mapped_column(UtcDateTime)
