"""Who took data out of the system, what, and what for."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from screening.crypto import EncryptedText
from screening.models.base import Model, UtcDateTime


class DataExport(Model):
    """One export. Rows are added, never changed."""

    __tablename__ = "data_export"

    id: Mapped[int] = mapped_column(primary_key=True)
    table: Mapped[str]
    file_format: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]
    purpose: Mapped[str] = mapped_column(EncryptedText)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    exported_name: Mapped[str]
    exported_at: Mapped[datetime] = mapped_column(UtcDateTime)
