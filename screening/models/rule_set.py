"""Rule sets: what they say, who signed them, which one is in force, and what that means for open cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from screening.crypto import EncryptedText
from screening.models.base import Model, UtcDateTime


class StoredRuleSet(Model):
    """A rule set as its files had it, so that what was once in force can always be read and used again."""

    __tablename__ = "rule_set"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    """rules.RuleSet.sha256, which the content gives again when it is loaded."""
    version: Mapped[str]
    content: Mapped[dict[str, str]] = mapped_column(JSON)
    """The text of every data file, by its name within the folder."""
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RuleSetSignature(Model):
    """A medical lead's signature under a rule set. Rows are added, never changed."""

    __tablename__ = "rule_set_signature"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("rule_set.sha256"), index=True)
    version: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    signed_name: Mapped[str]
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RuleSetActivation(Model):
    """The moment from which a rule set is in force. Rows are added, never changed; the latest counts."""

    __tablename__ = "rule_set_activation"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("rule_set.sha256"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    """None for the set that the clinic began with, which the system put in force."""
    activated_name: Mapped[str]
    activated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReReview(Model):
    """An open case that a newly activated rule set puts in a higher tier than the one it was sent with."""

    __tablename__ = "re_review"
    __table_args__ = (
        Index(
            "ix_re_review_open",
            "id",
            sqlite_where=text("resolved_at IS NULL"),
            postgresql_where=text("resolved_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("screening_case.id"), index=True)
    from_tier: Mapped[int]
    to_tier: Mapped[int]
    ruleset_sha256: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a decision on the case was signed, or the next activation took the row's place."""
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))


class FindingMark(Model):
    """A physician's word, given with a decision, that a finding is not relevant. It never changes a tier."""

    __tablename__ = "finding_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), index=True)
    rule: Mapped[str]
    """Of the finding in the assessment that the decision was signed on."""
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    reason: Mapped[str] = mapped_column(EncryptedText)
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WhatIfRun(Model):
    """All past cases assessed with a candidate beside the set in force, for the medical lead's page."""

    __tablename__ = "what_if_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_sha256: Mapped[str] = mapped_column(ForeignKey("rule_set.sha256"), index=True)
    in_force_sha256: Mapped[str] = mapped_column(ForeignKey("rule_set.sha256"))
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    assessed: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many of the `cases` are done."""
    cases: Mapped[int] = mapped_column(default=0, server_default="0")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """what_if.Report as JSON: counts and codes alone."""
    fault: Mapped[str | None]
    """Why it could not be done."""


class WhatIfCase(Model):
    """A case that a what-if names. Only a candidate's newest run keeps them."""

    __tablename__ = "what_if_case"
    __table_args__ = (Index("ix_what_if_case_run", "run_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("what_if_run.id"))
    reference: Mapped[str] = mapped_column(index=True)
    before: Mapped[int]
    after: Mapped[int]
    rules: Mapped[str]
    """The ids of those that cause the change, with spaces between."""
    asked_differently: Mapped[bool]
