"""Signs of life of the job workers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from screening.models.base import Model, UtcDateTime


class WorkerBeat(Model):
    """When the worker of a machine last did a job that comes up each minute."""

    __tablename__ = "worker_beat"

    host: Mapped[str] = mapped_column(primary_key=True)
    """The machine's name."""
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)
