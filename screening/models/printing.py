"""Summaries of many cases that somebody wants as one file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
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
    pieces: Mapped[str | None]
    """Which attempt's pieces are the file."""
    pdf: Mapped[bytes | None] = mapped_column(EncryptedBytes)
    """A file that the release before pieces made: whole."""


class PrintPiece(Model):
    """A piece of a file, so that neither who makes it nor who sends it holds all of it."""

    __tablename__ = "print_piece"
    __table_args__ = (UniqueConstraint("job_id", "attempt", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("print_job.id", ondelete="CASCADE"))
    """It takes its pieces with it: the release before deletes jobs, and knows no pieces."""
    attempt: Mapped[str]
    """Two workers may be at one job, when the first was silent for long: the pieces of one attempt make a file."""
    number: Mapped[int]
    """From 0."""
    size: Mapped[int]
    """Bytes of the file in it."""
    content: Mapped[bytes] = mapped_column(EncryptedBytes)
