"""Which records are of one person: those that staff joined, and those that may be."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from rules.model import Tier
from screening.actions.review import DecisionKind, counting
from screening.models import Case, Decision, IdentityCorrection, Patient, PatientJoin, db
from screening.person import PartChange, may_be_one, part_changes, same_birth
from screening.scores import Score, scores_of
from screening.search import namesakes

MAYBE_MAX = 20
"""How many records that may be of the person are looked at, the newest first."""


@dataclass(frozen=True)
class Correction:
    """One time that staff corrected an identity."""

    at: datetime
    name: str
    """Who did."""
    reason: str
    changes: tuple[PartChange, ...]


@dataclass(frozen=True)
class Screening:
    """One case among those of a person. `decision` is the kind of the one that counts, as staff call it."""

    case_id: int
    reference: str
    patient_id: int
    identity: dict[str, Any]
    submitted_at: datetime
    tier: Tier
    decision: str | None
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Join:
    """Two records that were joined, by the references of their cases."""

    id: int
    references: tuple[str, str]
    reason: str | None
    joined_at: datetime
    joined_name: str
    undone_at: datetime | None
    undone_name: str | None


@dataclass(frozen=True)
class Person:
    """One case, and the other cases of its person, each list newest first."""

    this: Screening
    joined: tuple[Screening, ...]
    """Staff said that these are of the same person."""
    maybe: tuple[Screening, ...]
    """These have the same name and date of birth."""
    corrections: tuple[Correction, ...]
    """Newest first."""
    joins: tuple[Join, ...]
    """Newest first, those that were undone among them."""

    @property
    def all(self) -> tuple[Screening, ...]:
        """The case and those joined with it, newest first."""
        return tuple(sorted((self.this, *self.joined), key=lambda row: (row.submitted_at, row.case_id), reverse=True))

    @property
    def corrections_seen(self) -> int:
        return len(self.corrections)

    def differs(self, other: Screening) -> bool:
        """Whether another record has another date of birth, or none is known."""
        return not same_birth(self.this.identity, other.identity)

    def is_joined(self, other: Screening) -> bool:
        return other.patient_id in {row.patient_id for row in self.all}


def person_of(reference: str) -> Person | None:
    """The person of a case. None if there is no such case."""
    case = db.session.execute(
        select(Case.id, Case.patient_id, Patient.identity).join(Case.patient).where(Case.reference == reference)
    ).one_or_none()
    if case is None:
        return None
    records = joined_records(case.patient_id)
    likely = _may_be(case.patient_id, case.identity, records)
    screenings = _screenings([*records, *likely])
    this = next(row for row in screenings if row.case_id == case.id)
    others = [row for row in screenings if row is not this]
    return Person(
        this=this,
        joined=tuple(row for row in others if row.patient_id in records),
        maybe=tuple(row for row in others if row.patient_id not in records),
        corrections=_corrections(case.patient_id, case.identity),
        joins=_joins(records),
    )


def of_case(reference: str) -> Person:
    """The person of a case that is there."""
    person = person_of(reference)
    if person is None:
        raise LookupError(reference)
    return person


def joined_records(patient_id: int) -> frozenset[int]:
    """The ids of all patients that are joined with this one, itself among them, through others too."""
    found: set[int] = set()
    new = {patient_id}
    while new:
        found |= new
        touching = or_(PatientJoin.first_id.in_(new), PatientJoin.second_id.in_(new))
        pairs = select(PatientJoin.first_id, PatientJoin.second_id).where(touching, PatientJoin.undone_at.is_(None))
        new = {side for pair in db.session.execute(pairs) for side in pair} - found
    return frozenset(found)


def corrections_made(patient_id: int) -> int:
    """How often this identity was corrected: its number."""
    query = select(func.count(IdentityCorrection.id)).where(IdentityCorrection.patient_id == patient_id)
    return db.session.scalars(query).one()


def identity_at(patient_id: int, number: int) -> dict[str, Any] | None:
    """The identity with this number, of those before the present one. None if there is none."""
    row = (IdentityCorrection.patient_id == patient_id, IdentityCorrection.number == number)
    return db.session.scalar(select(IdentityCorrection.before).where(*row))


def _may_be(patient_id: int, identity: dict[str, Any], records: Collection[int]) -> list[int]:
    """The patients outside `records` with the same name and date of birth."""
    query = namesakes(identity)
    if query is None:
        return []
    ids = db.session.scalars(query.limit(MAYBE_MAX + len(records))).all()
    rows = db.session.execute(select(Patient.id, Patient.identity).where(Patient.id.in_({*ids} - {*records})))
    return [row.id for row in rows if may_be_one(identity, row.identity)]


def _screenings(patients: Sequence[int]) -> list[Screening]:
    """All cases of these patients, newest first."""
    columns = (
        Case.id,
        Case.reference,
        Case.patient_id,
        Case.submitted_at,
        Case.tier,
        Case.assessment,
        Case.decisions_from,
        Patient.identity,
    )
    query = select(*columns).join(Case.patient).where(Case.patient_id.in_(patients))
    rows = db.session.execute(query.order_by(Case.submitted_at.desc(), Case.id.desc())).all()
    decided = _decisions([row.id for row in rows])
    return [
        Screening(
            case_id=row.id,
            reference=row.reference,
            patient_id=row.patient_id,
            identity=row.identity,
            submitted_at=row.submitted_at,
            tier=Tier(row.tier),
            decision=_counting(row, decided.get(row.id, [])),
            scores=scores_of(row.assessment),
        )
        for row in rows
    ]


def _decisions(cases: Sequence[int]) -> dict[int, list[Decision]]:
    found: dict[int, list[Decision]] = {}
    for row in db.session.scalars(select(Decision).where(Decision.case_id.in_(cases)).order_by(Decision.id)):
        found.setdefault(row.case_id, []).append(row)
    return found


def _counting(case: Any, rows: list[Decision]) -> str | None:
    valid = counting(case, rows)
    return DecisionKind(valid[-1].kind).staff_name if valid else None


def _corrections(patient_id: int, identity: dict[str, Any]) -> tuple[Correction, ...]:
    query = select(IdentityCorrection).where(IdentityCorrection.patient_id == patient_id)
    rows = db.session.scalars(query.order_by(IdentityCorrection.number.desc())).all()
    afters = [identity, *(row.before for row in rows)]
    return tuple(
        Correction(row.corrected_at, row.corrected_name, row.reason, part_changes(row.before, after))
        for row, after in zip(rows, afters, strict=False)
    )


def _joins(records: Collection[int]) -> tuple[Join, ...]:
    first, second = aliased(Case), aliased(Case)
    query = (
        select(PatientJoin, func.min(first.reference), func.min(second.reference))
        .join(first, first.patient_id == PatientJoin.first_id)
        .join(second, second.patient_id == PatientJoin.second_id)
        .where(or_(PatientJoin.first_id.in_(records), PatientJoin.second_id.in_(records)))
        .group_by(PatientJoin.id)
        .order_by(PatientJoin.id.desc())
    )
    return tuple(
        Join(
            id=row.id,
            references=(one, other),
            reason=row.reason,
            joined_at=row.joined_at,
            joined_name=row.joined_name,
            undone_at=row.undone_at,
            undone_name=row.undone_name,
        )
        for row, one, other in db.session.execute(query)
    )
