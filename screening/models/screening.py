"""A screening while it is being filled in (draft), once submitted (case), and what its person was told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, event, inspect, text, update
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from screening import clock
from screening.crypto import EncryptedJSON
from screening.models.base import Model, UtcDateTime
from screening.models.outbox import Alert
from screening.models.patient import Patient
from screening.models.review import Decision


class Draft(Model):
    """Answers so far. A key in `answers` means the question was shown; None means it was left unanswered."""

    __tablename__ = "draft"
    id: Mapped[int] = mapped_column(primary_key=True)
    answers: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON, default=dict)
    identity: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON, default=dict)
    contact: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJSON)
    """Name, phone and place given on the emergency page: {name, phone, place}."""
    channel: Mapped[str] = mapped_column(default="online")
    origin: Mapped[str] = mapped_column(default="Website")
    """The tablet or invitation it came from, as staff call it."""
    language: Mapped[str] = mapped_column(default="en")
    given: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJSON)
    """Who gave each answer and how, by field id; see provenance.py. None in what was stored before this was kept."""
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    """The member of staff who keys in what is on paper, or said on the phone."""
    filled_on: Mapped[date | None]
    """The day on which a paper form was filled in."""
    kiosk_id: Mapped[int | None] = mapped_column(ForeignKey("kiosk.id"))
    reached: Mapped[str | None]
    """The page that the person is at; None once all is answered."""
    questionnaire_version: Mapped[str]
    tier: Mapped[int] = mapped_column(default=0)
    """The highest tier of the answers as they stand now."""
    told: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON, default=dict)
    """What the person has been shown: {"emergency": [rule, ...], "urgent": [rule, ...]}."""
    consented_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_activity_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    alerts: Mapped[list[Alert]] = relationship(back_populates="draft")
    case: Mapped[Case | None] = relationship(back_populates="draft")


TO_PRINT = "printed_at IS NULL OR changed_at > printed_at"
TO_CALL = "desk_calls > 0 AND reviewed_at IS NULL"
PRINTED = "printed_at IS NOT NULL AND reviewed_at IS NULL"
REVIEWED = "reviewed_at IS NOT NULL"
"""What the front desk's lists hold: the conditions of their indexes, and word for word those of their queries."""

PUT_AWAY = "closed_at IS NOT NULL AND channel IN ('paper', 'phone')"
"""The forms that staff keyed in, or began and put away: the condition of their index."""

DESK_LISTS = {"to_print": TO_PRINT, "to_call": TO_CALL, "printed": PRINTED}


class Case(Model):
    """A submitted screening: what was asked and answered, as worded, and what the rules said of it."""

    __tablename__ = "screening_case"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), unique=True)
    """Unique, so that submitting twice makes one case."""
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    answers: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    """The answers on the path, by field id; None is unanswered."""
    record: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    """record.Record as JSON."""
    as_seen: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJSON)
    """What the person saw, where that was not English; see record.as_seen."""
    given: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJSON)
    """As Draft.given."""
    filled_on: Mapped[date | None]
    assessment: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    """rules.Assessment.to_json()."""
    tier: Mapped[int]
    flagged: Mapped[bool]
    a04: Mapped[bool]
    rests_on_unknown: Mapped[bool]
    incomplete: Mapped[bool]
    out_of_scope: Mapped[bool]
    channel: Mapped[str]
    origin: Mapped[str]
    language: Mapped[str]
    demo: Mapped[bool] = mapped_column(default=False)
    questionnaire_version: Mapped[str]
    questionnaire_sha256: Mapped[str]
    ruleset_version: Mapped[str]
    ruleset_sha256: Mapped[str]
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    printed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the decision that counts was signed; empty again when it is annulled."""
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When something that its printed summary shows last changed, whoever changed it; None if nothing has."""
    desk_calls: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many questions the front desk may ask to settle the tier."""
    assessment_number: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was assessed anew; the earlier ones are CaseAssessment rows."""
    decisions_from: Mapped[int] = mapped_column(default=0, server_default="0")
    """The first assessment on which a decision counts: an earlier one rests on what was changed since."""
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    """The physician who has it in hand, so that no second one begins."""
    claimed_name: Mapped[str | None]
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    """The physician whom another one asked to take it up; see Handover."""
    assigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opinion_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when it waits for another physician's opinion, decided or not; follows from the Handover rows."""

    draft: Mapped[Draft] = relationship(back_populates="case")
    patient: Mapped[Patient] = relationship()
    findings: Mapped[list[CaseFinding]] = relationship(back_populates="case", order_by="CaseFinding.position")
    decisions: Mapped[list[Decision]] = relationship(order_by="Decision.id")

    @validates("assessment")
    def _count_calls(self, _name: str, assessment: dict[str, Any]) -> dict[str, Any]:
        """Whoever stores an assessment stores the number with it."""
        self.desk_calls = len(assessment.get("call_list", {}).get("front_desk", ()))
        return assessment


def _partial_index(name: str, *columns: Any, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


_partial_index("ix_draft_open", Draft.started_at, Draft.id, where="closed_at IS NULL")
_partial_index("ix_draft_left", Draft.last_activity_at, Draft.id, where="closed_at IS NULL")
_partial_index("ix_draft_put_away", Draft.closed_at, Draft.id, where=PUT_AWAY)
Index("ix_draft_begun", Draft.started_at, Draft.channel, Draft.closed_at)
Index("ix_case_submitted", Case.submitted_at, Case.id)
Index("ix_case_tier_submitted", Case.tier, Case.submitted_at, Case.id)
for _name, _where in DESK_LISTS.items():
    _partial_index(f"ix_case_{_name}", Case.submitted_at, Case.id, where=_where)
    _partial_index(f"ix_case_tier_{_name}", Case.tier, Case.submitted_at, Case.id, where=_where)
_partial_index("ix_case_changed", Case.changed_at, where="changed_at IS NOT NULL")
_partial_index("ix_case_reviewed", Case.reviewed_at, Case.id, where=REVIEWED)
_partial_index("ix_case_tier_reviewed", Case.tier, Case.reviewed_at, Case.id, where=REVIEWED)
_partial_index(
    "ix_case_waiting", Case.tier.desc(), Case.a04.desc(), Case.submitted_at, Case.id, where="reviewed_at IS NULL"
)
_partial_index("ix_case_opinion", Case.opinion_asked_at, Case.id, where="opinion_asked_at IS NOT NULL")
_partial_index(
    "ix_case_assigned",
    Case.assigned_to_id,
    Case.tier.desc(),
    Case.a04.desc(),
    Case.submitted_at,
    Case.id,
    where="assigned_to_id IS NOT NULL",
)


SHOWN = ("answers", "record", "as_seen", "given", "assessment", "tier")
"""What a printed summary is made from, beside the person's identity."""


@event.listens_for(Case, "before_update")
def _note_change(_mapper: Any, _connection: Connection, case: Case) -> None:
    if any(inspect(case).attrs[name].history.has_changes() for name in SHOWN):
        case.changed_at = clock.now()


@event.listens_for(Patient, "before_update")
def _note_new_identity(_mapper: Any, connection: Connection, patient: Patient) -> None:
    if inspect(patient).attrs.identity.history.has_changes():
        connection.execute(update(Case).where(Case.patient_id == patient.id).values(changed_at=clock.now()))


class CaseFinding(Model):
    """One rule that fired, worded as it was on the day."""

    __tablename__ = "case_finding"
    __table_args__ = (Index("ix_case_finding_rule_basis", "rule", "basis"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("screening_case.id"), index=True)
    position: Mapped[int]
    rule: Mapped[str]
    tier: Mapped[int]
    basis: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    """record.FindingText as JSON."""
    case: Mapped[Case] = relationship(back_populates="findings")


class Notice(Model):
    """Proof of what a person was told: which message, to whom and when."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), index=True)
    kind: Mapped[str]
    """"emergency", "urgent", "crisis_line" or "measure_again"."""
    shown_to: Mapped[str]
    """"patient", "carer" or "staff"."""
    text: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    """{"rules": [...], "lines": [what the page said], "language": in which}."""
    shown_at: Mapped[datetime] = mapped_column(UtcDateTime)
