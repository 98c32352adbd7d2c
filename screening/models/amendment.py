"""What a case was before its answers were amended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from screening.crypto import EncryptedJSON
from screening.models.base import Model, UtcDateTime


class CaseAssessment(Model):
    """A case as it was assessed until the answers were amended. Rows are added, never changed.

    The columns that go by the name of one of Case are what that held.
    """

    __tablename__ = "case_assessment"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("screening_case.id"))
    number: Mapped[int]
    """From 0, as submitted. Case.assessment_number is the present one's."""
    answers: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    given: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJSON)
    record: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    as_seen: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJSON)
    assessment: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(EncryptedJSON)
    """record.FindingText as JSON, in order."""
    tier: Mapped[int]
    questionnaire_version: Mapped[str]
    ruleset_version: Mapped[str]
    ruleset_sha256: Mapped[str]
    replaced_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    """Who amended the answers, so that the next one took this one's place."""
    replaced_name: Mapped[str]
    reopened: Mapped[bool]
    """Whether a decision rested on something that was then changed."""
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("identity_correction.id"), index=True)
    """The correction of the date of birth that led to the next one; None where answers were amended."""
