"""What there is of one person: for whoever is to erase it, without a name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select

from screening.models import Alert, Case, Draft, Invitation, Patient, db
from screening.person import Identity, may_be_one, same_birth
from screening.queries.belongings import Roots, counted, whole
from screening.queries.people import person_of
from screening.queries.retention import held_patients

JOINED = "joined with it by staff"
SAME_NAME = "same name and date of birth"
REACHED_ALIKE = "same date of birth, and phone or e-mail"
PARTS = ("phone", "email")


@dataclass(frozen=True)
class Other:
    """Something else that may be of the same person: offered, never assumed.

    `key` is "patient", "draft" or "invitation" and an id, with a hyphen between.
    """

    key: str
    title: str
    since: datetime
    why: str


@dataclass(frozen=True)
class Plan:
    """What an erasure takes away, and why it may not; `blocks` is empty where it may."""

    reference: str
    also: tuple[str, ...]
    roots: Roots
    rows: dict[str, int]
    references: tuple[str, ...]
    blocks: tuple[str, ...]
    undecided: int
    """How many of the cases still wait for a physician."""

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def others(reference: str) -> tuple[Other, ...] | None:
    """All else that may be of the person of a case. None if there is no such case."""
    person = person_of(reference)
    if person is None:
        return None
    found: dict[str, Other] = {}
    for why, rows in ((JOINED, person.joined), (SAME_NAME, person.maybe)):
        for row in rows:
            key = f"patient-{row.patient_id}"
            if row.patient_id != person.this.patient_id and key not in found:
                found[key] = Other(key, f"Screening {row.reference}", row.submitted_at, why)
    return (*found.values(), *_unsent(person.this.identity))


def plan(reference: str, also: Collection[str] = ()) -> Plan | None:
    """What would go: the record of a case, and `also`, keys that others() gave. None if there is no such case."""
    offered = others(reference)
    patient = db.session.scalar(select(Case.patient_id).where(Case.reference == reference))
    if offered is None or patient is None:
        return None
    chosen = [one.key.split("-") for one in offered if one.key in also]
    ids = {kind: {int(key) for name, key in chosen if name == kind} for kind in ("patient", "draft", "invitation")}
    roots = whole(drafts=ids["draft"], patients={patient, *ids["patient"]}, invitations=ids["invitation"])
    return Plan(
        reference=reference,
        also=tuple(one.key for one in offered if one.key in also),
        roots=roots,
        rows=counted(roots),
        references=tuple(roots.references),
        blocks=tuple(blocks(roots)),
        undecided=_undecided(roots),
    )


def blocks(roots: Roots) -> list[str]:
    """Why these may not be erased now, in words."""
    found = []
    if roots.patients & held_patients():
        found.append("There is a legal hold on this person. Nothing of it can be erased until the hold is lifted.")
    open_alert = select(Alert.id).where(Alert.draft_id.in_(roots.drafts), Alert.acknowledged_at.is_(None))
    if db.session.scalar(open_alert.limit(1)) is not None:
        found.append("An alert of this person is not acknowledged. Somebody must act on it first.")
    return found


def _undecided(roots: Roots) -> int:
    waiting = select(Case.id).where(Case.id.in_(roots.cases), Case.flagged, Case.reviewed_at.is_(None))
    return len(db.session.scalars(waiting).all())


def _unsent(identity: Identity) -> list[Other]:
    """Forms and invitations that no case came of. They have no index: there are only those of some weeks."""
    forms = select(Draft.id, Draft.identity, Draft.started_at).where(Draft.closed_at.is_(None))
    asked = select(Invitation.id, Invitation.identity, Invitation.created_at).where(
        Invitation.draft_id.is_(None) | ~exists().where(Case.draft_id == Invitation.draft_id)
    )
    return [
        Other(f"{kind}-{row.id}", title, since, why)
        for kind, title, query in (
            ("draft", "Unfinished form", forms),
            ("invitation", "Invitation", asked),
        )
        for row in db.session.execute(query)
        for since in (row[2],)
        if (why := _alike(identity, row.identity))
    ]


def _alike(one: Identity, other: Identity) -> str | None:
    if may_be_one(one, other):
        return SAME_NAME
    reached = any(one.get(part) and one.get(part) == other.get(part) for part in PARTS)
    return REACHED_ALIKE if reached and same_birth(one, other) else None


def moments(subject: str, ids: Collection[int]) -> dict[int, datetime]:
    """When each of these rows came to be: what a tombstone tells it by. Those that are there."""
    column = SUBJECTS[subject]
    rows = db.session.execute(select(column.class_.id, column).where(column.class_.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


SUBJECTS: dict[str, Any] = {
    "draft": Draft.started_at,
    "patient": Patient.created_at,
    "invitation": Invitation.created_at,
}
"""What tombstones are put up for."""
