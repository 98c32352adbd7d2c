"""Rule sets on the staff pages: which there are, who signed them, how often each rule fired."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

import rules
from rules.model import Tier
from screening.models import (
    Case,
    CaseFinding,
    Decision,
    FindingMark,
    Patient,
    ReReview,
    RuleSetActivation,
    RuleSetSignature,
    StoredRuleSet,
    WhatIfCase,
    WhatIfRun,
    db,
)
from screening.queries.cases import Lane
from screening.rulebook import in_force_sha256, rulebook
from screening.what_if import Listed

RE_REVIEWS_SHOWN = 50
WHAT_IF_SHOWN = 200
WHAT_IF_BATCH = 500


@dataclass(frozen=True)
class KnownSet:
    """A rule set that the clinic has met, whether or not it was ever in force."""

    sha256: str
    version: str
    first_seen_at: datetime | None
    """None for one that only the folder holds so far."""
    in_force: bool
    in_folder: bool
    signatures: tuple[RuleSetSignature, ...]
    activations: tuple[RuleSetActivation, ...]

    @property
    def signed(self) -> bool:
        return bool(self.signatures)


@dataclass(frozen=True)
class Health:
    """How one rule has done in all cases."""

    rule: str
    fired: int
    unknown: int
    """How often it rested on something unknown."""
    not_relevant: int
    """How often a decision that is not annulled marked it as not relevant."""
    cases: int

    @property
    def note(self) -> str:
        if not self.cases:
            return "No case yet"
        return {0: "Never fired", self.cases: "Always fires"}.get(self.fired, "")


@dataclass(frozen=True)
class ReReviewRow:
    reference: str
    identity: dict[str, str]
    from_tier: Tier
    to_tier: Tier
    submitted_at: datetime


@dataclass(frozen=True)
class ReReviews:
    """The first of a list, and whether there are more: those that are decided on make room for the next."""

    rows: tuple[ReReviewRow, ...]
    more: bool


def known_sets() -> tuple[KnownSet, ...]:
    """All sets: the one in force first, then the newest."""
    state = rulebook().folder()
    in_folder = state.ruleset.sha256 if state.ruleset else None
    rows = db.session.execute(
        select(StoredRuleSet.sha256, StoredRuleSet.version, StoredRuleSet.first_seen_at).order_by(
            StoredRuleSet.first_seen_at.desc()
        )
    ).all()
    found = [_known(row.sha256, row.version, row.first_seen_at, in_folder) for row in rows]
    if state.ruleset and in_folder not in {known.sha256 for known in found}:
        found.insert(0, _known(state.ruleset.sha256, state.ruleset.version, None, in_folder))
    return tuple(sorted(found, key=lambda known: not known.in_force))


def folder_fault() -> rules.RuleError | None:
    """What is wrong with the rules folder as it stands now."""
    return rulebook().folder().fault


def ruleset_of(sha256: str) -> rules.RuleSet:
    """A set by its hash, with all its parts. Raises LookupError, or rules.RuleError if it does not load any more."""
    state = rulebook().folder()
    if state.ruleset and state.ruleset.sha256 == sha256:
        return state.ruleset
    return rulebook().get(sha256, frozenset())


def rule_health(rule_ids: tuple[str, ...]) -> tuple[Health, ...]:
    """How often each rule fired, in the order given. Two counts over an index, whatever the number of cases."""
    unknown = func.count().filter(CaseFinding.basis == "unknown")
    query = select(CaseFinding.rule, func.count(), unknown).group_by(CaseFinding.rule)
    counts = {rule: (fired, unsure) for rule, fired, unsure in db.session.execute(query)}
    marks = _marks()
    cases = db.session.scalar(select(func.count()).select_from(Case)) or 0
    return tuple(Health(rule, *counts.get(rule, (0, 0)), marks.get(rule, 0), cases) for rule in rule_ids)


def _marks() -> dict[str, int]:
    query = (
        select(FindingMark.rule, func.count(Decision.case_id.distinct()))
        .join(Decision, FindingMark.decision_id == Decision.id)
        .where(not_annulled())
        .group_by(FindingMark.rule)
    )
    return dict(db.session.execute(query).all())


def not_annulled() -> ColumnElement[bool]:
    """Whether the decision that a mark was given with stands."""
    annulment = aliased(Decision)
    return ~select(annulment.id).where(annulment.annuls_id == FindingMark.decision_id).exists()


def re_reviews(lane: Lane) -> ReReviews:
    """Open cases that the set in force raises into this lane's tiers: the highest first, then the longest waiting."""
    query = (
        select(ReReview, Case.reference, Case.submitted_at, Patient.identity)
        .join(Case, ReReview.case_id == Case.id)
        .join(Patient, Case.patient_id == Patient.id)
        .where(
            ReReview.resolved_at.is_(None),
            Case.reviewed_at.is_(None),
            ReReview.to_tier >= min(lane.tiers) if lane is Lane.TIME_CRITICAL else ReReview.to_tier <= max(lane.tiers),
        )
        .order_by(ReReview.to_tier.desc(), Case.submitted_at, Case.id)
        .limit(RE_REVIEWS_SHOWN + 1)
    )
    rows = db.session.execute(query).all()
    listed = tuple(
        ReReviewRow(
            row.reference, row.identity, Tier(row.ReReview.from_tier), Tier(row.ReReview.to_tier), row.submitted_at
        )
        for row in rows[:RE_REVIEWS_SHOWN]
    )
    return ReReviews(listed, len(rows) > RE_REVIEWS_SHOWN)


def latest_run(sha256: str) -> WhatIfRun | None:
    """The newest what-if of a candidate."""
    query = select(WhatIfRun).where(WhatIfRun.candidate_sha256 == sha256).order_by(WhatIfRun.id.desc()).limit(1)
    return db.session.scalars(query).one_or_none()


def what_if_cases(run: WhatIfRun, after: int = 0, limit: int = WHAT_IF_SHOWN) -> list[WhatIfCase]:
    """The cases that a run names, in the order of their sending: those behind the row `after`."""
    query = select(WhatIfCase).where(WhatIfCase.run_id == run.id, WhatIfCase.id > after)
    return list(db.session.scalars(query.order_by(WhatIfCase.id).limit(limit)))


def all_what_if_cases(run: WhatIfRun) -> Iterator[Listed]:
    """All of them, a few at a time."""
    last = 0
    while rows := what_if_cases(run, last, WHAT_IF_BATCH):
        last = rows[-1].id
        for row in rows:
            causes = tuple(row.rules.split())
            yield Listed(row.reference, Tier(row.before), Tier(row.after), causes, row.asked_differently)
        db.session.expunge_all()


def _known(sha256: str, version: str, seen: datetime | None, in_folder: str | None) -> KnownSet:
    signatures = select(RuleSetSignature).where(RuleSetSignature.sha256 == sha256).order_by(RuleSetSignature.id)
    activations = select(RuleSetActivation).where(RuleSetActivation.sha256 == sha256).order_by(RuleSetActivation.id)
    return KnownSet(
        sha256=sha256,
        version=version,
        first_seen_at=seen,
        in_force=sha256 == in_force_sha256(),
        in_folder=sha256 == in_folder,
        signatures=tuple(db.session.scalars(signatures)),
        activations=tuple(db.session.scalars(activations)),
    )
