"""What physicians decide of a case. Decisions are added, never changed; the latest counts that stands as it was signed.

Each is bound to the assessment that its physician read (actions/amending.py says when amended answers reopen it).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import select, update

from screening.actions.opinions import renew
from screening.actions.re_review import list_reopened
from screening.actions.unit import Actor, Missing, Unit, unit_of_work
from screening.models import Case, CaseFinding, Decision, FindingMark, ReReview, db
from screening.rulebook import hold_in_force, ruleset

ANNULLED = "annulled"
"""The kind of a decision that takes back another one."""


class DecisionKind(StrEnum):
    REFER_SPECIALIST = "refer_specialist"
    CALL_PATIENT = "call_patient"
    SAME_DAY_VISIT = "same_day_visit"
    EMERGENCY_SENT = "emergency_sent"
    MORE_INFORMATION = "more_information"
    NO_SPECIALIST_NOW = "no_specialist_now"

    @property
    def staff_name(self) -> str:
        return _STAFF_NAMES[self]


_STAFF_NAMES = {
    DecisionKind.REFER_SPECIALIST: "Refer to a pain specialist",
    DecisionKind.CALL_PATIENT: "Call the patient",
    DecisionKind.SAME_DAY_VISIT: "Same-day visit",
    DecisionKind.EMERGENCY_SENT: "Emergency: sent or called for",
    DecisionKind.MORE_INFORMATION: "More information needed",
    DecisionKind.NO_SPECIALIST_NOW: "No specialist needed now",
}


class DecidedMeanwhile(Exception):
    """Somebody else signed since the case was read. `decision` is the newest row."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(f"decision {decision.id}")
        self.decision = decision


class AmendedMeanwhile(Exception):
    """Somebody amended the answers of the case since it was read."""


class NotAnnullable(ValueError):
    """The decision was annulled before, or is itself an annulment."""


def decide(
    *,
    case_id: int,
    kind: DecisionKind,
    reason: str,
    by: Actor,
    last_seen: int | None = None,
    assessment_seen: int | None = None,
    not_relevant: Mapping[str, str] | None = None,
) -> Decision:
    """Sign a decision. `last_seen` is the id of the newest row the physician has read (0: none; None: not compared),
    and `assessment_seen` the number of the assessment.

    `not_relevant` marks findings: the reason by rule. The tier stays as it is.
    Raises DecidedMeanwhile if there is a newer one, AmendedMeanwhile if the answers were amended since, and Missing if
    there is no such case.
    """
    with unit_of_work(by) as unit:
        case = unit.lock(Case, case_id)
        rows = decisions_of(case)
        if last_seen is not None and rows and rows[-1].id != last_seen:
            raise DecidedMeanwhile(rows[-1])
        if assessment_seen is not None and assessment_seen != case.assessment_number:
            raise AmendedMeanwhile(case_id)
        signed = _sign(unit, case, kind.value, reason)
        unit.audit("case.decided", case, decision=signed.id, kind=signed.kind)
        if not_relevant:
            _mark(unit, case, signed, not_relevant)
    return signed


def annul(*, decision_id: int, reason: str, by: Actor) -> Decision:
    """Take back a decision, such as one signed on the wrong person. Raises Missing or NotAnnullable."""
    with unit_of_work(by) as unit:
        case_id = db.session.scalar(select(Decision.case_id).where(Decision.id == decision_id))
        if case_id is None:
            raise Missing(f"Decision {decision_id}")
        hold_in_force()
        case = unit.lock(Case, case_id)
        if decision_id not in {row.id for row in standing(decisions_of(case))}:
            raise NotAnnullable(f"decision {decision_id}")
        signed = _sign(unit, case, ANNULLED, reason, annuls_id=decision_id)
        list_reopened(unit, case)
        unit.audit("case.decision_annulled", case, decision=signed.id, annuls=decision_id)
    return signed


def note_view(*, case_id: int, page: str, by: Actor) -> None:
    """Leave word of who opened which page of a case."""
    with unit_of_work(by) as unit:
        unit.audit("case.viewed", Case(id=case_id), page=page)


def standing(rows: list[Decision]) -> list[Decision]:
    """The decisions that are not annulled, oldest first."""
    annulled = {row.annuls_id for row in rows}
    return [row for row in rows if row.kind != ANNULLED and row.id not in annulled]


def counting(case: Case, rows: list[Decision]) -> list[Decision]:
    """Those that stand and rest on nothing that was changed since, oldest first. The last one counts."""
    return [row for row in standing(rows) if row.assessment_number >= case.decisions_from]


def _sign(unit: Unit, case: Case, kind: str, reason: str, annuls_id: int | None = None) -> Decision:
    if unit.by.user_id is None:
        raise PermissionError("a decision is signed by a member of staff")
    signed = Decision(
        case_id=case.id,
        kind=kind,
        reason=reason,
        annuls_id=annuls_id,
        user_id=unit.by.user_id,
        signed_name=unit.by.name,
        signed_at=unit.now,
        ruleset_sha256=ruleset().sha256,
        assessment_number=case.assessment_number,
    )
    db.session.add(signed)
    db.session.flush()
    valid = counting(case, decisions_of(case))
    case.reviewed_at = valid[-1].signed_at if valid else None
    case.claimed_by_id = case.claimed_name = case.claimed_at = None
    _resolve_re_reviews(case, valid[-1].user_id if valid else None)
    renew(unit, case, standing(decisions_of(case)))
    return signed


def _mark(unit: Unit, case: Case, decision: Decision, not_relevant: Mapping[str, str]) -> None:
    """Raises Missing for a rule that did not fire."""
    findings = set(db.session.scalars(select(CaseFinding.rule).where(CaseFinding.case_id == case.id)))
    for rule, reason in not_relevant.items():
        if rule not in findings:
            raise Missing(f"finding {rule} of case {case.id}")
        db.session.add(
            FindingMark(
                decision_id=decision.id,
                rule=rule,
                user_id=decision.user_id,
                reason=reason,
                marked_at=unit.now,
            )
        )
    unit.audit("case.findings_marked", case, decision=decision.id, rules=sorted(not_relevant))


def _resolve_re_reviews(case: Case, user_id: int | None) -> None:
    """A decision settles what the newest activation asked for; without one that counts it is open again."""
    newest = select(ReReview.id).where(ReReview.case_id == case.id).order_by(ReReview.id.desc()).limit(1)
    values = {"resolved_at": case.reviewed_at, "resolved_by": user_id}
    # A case that was assessed anew with those rules shows their tier itself.
    asked = ReReview.id == newest.scalar_subquery(), ReReview.ruleset_sha256 != case.ruleset_sha256
    db.session.execute(update(ReReview).where(*asked).values(values))


def decisions_of(case: Case) -> list[Decision]:
    """All decisions on a case and annulments of them, oldest first."""
    query = select(Decision).where(Decision.case_id == case.id).order_by(Decision.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))
