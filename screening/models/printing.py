"""Summaries of many cases that somebody wants as one file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from screening.crypto import EncryptedBytes
from screening.models.base import Model, UtcDateTime


class PrintJob(Model):
    """One file of many summaries: asked for, made by the worker, opened by whoever asked, then forgotten."""

    __tablename__ = "print_job"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    sheets: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """In their order: {"case": its id, "content_hash": what its summary shows, once it is made}."""
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many of the summaries are made."""
    worked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a worker was last heard of; one that falls silent leaves the job to another."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fault: Mapped[str | None]
    """Why it could not be made."""
    pdf: Mapped[bytes | None] = mapped_column(EncryptedBytes)
