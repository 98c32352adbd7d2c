"""Open cases that the rules in force put in a higher tier than the one they were sent with: listed, and told of."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import select, update

import rules
from rules import Tier
from screening.actions.alerts import Risen, raise_for_new_rules
from screening.actions.unit import Unit
from screening.models import Case, ReReview, RuleSetActivation, db
from screening.past_cases import outcome_of
from screening.rulebook import in_force_sha256, ruleset

BATCH = 500


class Rise(NamedTuple):
    """One case, its tier when it was sent and with other rules, and the rules that are then time-critical."""

    case_id: int
    draft_id: int
    before: Tier
    after: Tier
    urgent_rules: tuple[str, ...]


def open_cases() -> list[int]:
    """The ids of the cases without a decision that counts."""
    return list(db.session.scalars(select(Case.id).where(Case.reviewed_at.is_(None)).order_by(Case.id)))


def rises(candidate: rules.RuleSet, cases: Collection[int]) -> Iterator[Rise]:
    """Those of these cases whose tier would rise. `cases` are ids."""
    ids = sorted(cases)
    for start in range(0, len(ids), BATCH):
        batch = select(Case.id, Case.draft_id, Case.tier, Case.answers).where(Case.id.in_(ids[start : start + BATCH]))
        for row in db.session.execute(batch.order_by(Case.id)).all():
            outcome = outcome_of(candidate, row.answers)
            if outcome.tier > row.tier:
                urgent = tuple(rule for rule, tier in outcome.rules.items() if tier >= Tier.URGENT)
                yield Rise(row.id, row.draft_id, Tier(row.tier), outcome.tier, urgent)


def list_again(unit: Unit, activation: RuleSetActivation, risen: Collection[Rise]) -> None:
    """Put cases on the list for this activation, and raise the alerts of those that are now time-critical."""
    db.session.add_all(
        ReReview(
            case_id=rise.case_id,
            from_tier=rise.before,
            to_tier=rise.after,
            ruleset_sha256=activation.sha256,
            created_at=unit.now,
        )
        for rise in risen
    )
    now_urgent = [Risen(rise.draft_id, rise.after, rise.urgent_rules) for rise in risen if rise.after >= Tier.URGENT]
    raise_for_new_rules(unit, activation, now_urgent)


def close_list(unit: Unit) -> None:
    """A new activation's list takes the place of what is still open of an earlier one."""
    db.session.execute(update(ReReview).where(ReReview.resolved_at.is_(None)).values(resolved_at=unit.now))


def settle(unit: Unit, case: Case) -> None:
    """A case that was assessed anew with the rules in force shows their tier itself."""
    asked = ReReview.case_id == case.id, ReReview.resolved_at.is_(None)
    db.session.execute(update(ReReview).where(*asked).values(resolved_at=unit.now, resolved_by=unit.by.user_id))


def list_reopened(unit: Unit, case: Case) -> None:
    """A case that lost its decision is open again: look at it as the activations since would have done.

    Call this with the rules in force held (rulebook.hold_in_force).
    """
    if case.reviewed_at is not None or case.ruleset_sha256 == in_force_sha256():
        return
    newest = db.session.scalar(
        select(ReReview).where(ReReview.case_id == case.id).order_by(ReReview.id.desc()).limit(1)
    )
    if newest is not None and newest.ruleset_sha256 == in_force_sha256():
        return
    if newest is not None:
        newest.resolved_at = unit.now
    in_force = select(RuleSetActivation).where(RuleSetActivation.sha256 == in_force_sha256())
    activation = db.session.scalar(in_force.order_by(RuleSetActivation.id.desc()).limit(1))
    if activation is not None:
        list_again(unit, activation, list(rises(ruleset(), [case.id])))
