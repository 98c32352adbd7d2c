"""Who did what, to what, and when. Rows are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from screening.models.base import Model, UtcDateTime

NOT_SEALED = "mac IS NULL"


class AuditEvent(Model):
    """One event, in the chain of them all. Triggers refuse to change or delete it.

    `detail` names ids and codes alone, never a person's words.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subject", "subject_kind", "subject_id"),
        Index("ix_audit_event_actor", "actor", "id"),
        Index("ix_audit_event_position", "position", unique=True),
        Index("ix_audit_event_not_sealed", "id", sqlite_where=text(NOT_SEALED), postgresql_where=text(NOT_SEALED)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor: Mapped[str]
    """"patient", "system", or "staff:<user id>"."""
    action: Mapped[str] = mapped_column(index=True)
    """Such as "case.submitted": see actions.audit."""
    subject_kind: Mapped[str]
    subject_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    position: Mapped[int | None]
    """Its place in the chain, from 1 without a gap; None until it is sealed."""
    mac: Mapped[bytes | None] = mapped_column(LargeBinary)
    """See chain.py. None in what an earlier release wrote, until it is sealed."""


class AuditHead(Model):
    """The end of the chain: one row, whose lock orders those who write events."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    event_id: Mapped[int]
    mac: Mapped[bytes] = mapped_column(LargeBinary)
