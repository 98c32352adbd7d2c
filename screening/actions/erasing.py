"""Erasing one person, for good: tombstones, in the database and outside it, erase them again from a restored backup."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from screening import tombstones
from screening.actions.forgetting import forget, give_back_room, hold
from screening.actions.unit import Actor, Database, Missing, Unit, unit_of_work
from screening.config import Settings
from screening.crypto import cipher
from screening.models import Tombstone, db
from screening.queries.belongings import Roots, counted, whole
from screening.queries.erasing import SUBJECTS, blocks, moments, plan
from screening.queries.retained import ERASED, ERASED_AGAIN
from screening.tombstones import Noted

BATCH = 500


class Refused(Exception):
    """It may not be erased now. The text says why, a line a reason."""


class Different(Exception):
    """There is something else of the person than was shown."""


def erase(*, reference: str, also: Collection[str], seen: int, reason: str, by: Actor) -> dict[str, int]:
    """Erase the record of a case and `also` (keys of queries.erasing.others), in one transaction.

    `seen` is how many rows were shown. Returns how many went, by what staff call them. Raises Missing, Refused or
    Different.
    """
    found = plan(reference, also)
    if found is None:
        raise Missing(f"Case {reference}")
    with unit_of_work(by) as unit:
        hold(found.roots)
        roots = whole(drafts=found.roots.drafts, patients=found.roots.patients, invitations=found.roots.invitations)
        if faults := blocks(roots):
            raise Refused("\n".join(faults))
        if sum(counted(roots).values()) != seen or roots != found.roots:
            raise Different
        gone = _erase(unit, roots, ERASED, reason)
    give_back_room()
    return gone


def note_tombstones() -> int:
    """Add to the file what the database alone says, and return how many lines. Raises OSError or ValueError."""
    path = _file()
    there = {noted.mark for noted in tombstones.read(path)}
    rows = db.session.scalars(select(Tombstone).order_by(Tombstone.erased_at, Tombstone.mark)).all()
    db.session.rollback()
    missing = [noted for noted in map(Noted.of, rows) if noted.mark not in there]
    if missing:
        tombstones.add(path, missing)
    return len(missing)


def reapply_tombstones(*, by: Actor) -> int:
    """Erase again whoever was erased and is back, as after a backup was restored. Returns how many records.

    The file counts as well as the database. Raises OSError or ValueError if it cannot be read.
    """
    in_file = list(tombstones.read(_file()))
    in_database = map(Noted.of, db.session.scalars(select(Tombstone)).all())
    noted = {one.mark: one for one in (*in_file, *in_database)}
    again = 0
    by_subject: dict[str, list[Noted]] = defaultdict(list)
    for one in noted.values():
        by_subject[one.subject].append(one)
    for subject, listed in sorted(by_subject.items()):
        for start in range(0, len(listed), BATCH):
            again += _erase_again(subject, listed[start : start + BATCH], by)
    give_back_room()
    note_tombstones()
    return again


def _erase_again(subject: str, noted: Sequence[Noted], by: Actor) -> int:
    marks = {one.mark for one in noted}
    with unit_of_work(by) as unit:
        there = moments(subject, {one.subject_id for one in noted})
        back = {key for key, moment in there.items() if _mark(subject, key, moment).hex() in marks}
        if back:
            roots = whole(**{f"{subject}s": back})
            hold(roots)
            _erase(unit, roots, ERASED_AGAIN, None)
        for one in noted:
            if db.session.get(Tombstone, bytes.fromhex(one.mark)) is None:
                _put_up(subject, one.subject_id, bytes.fromhex(one.mark), datetime.fromisoformat(one.erased_at), None)
        return len(back)


def _erase(unit: Unit, roots: Roots, action: str, reason: str | None) -> dict[str, int]:
    ids = {"draft": roots.drafts, "patient": roots.patients, "invitation": roots.invitations}
    for subject in SUBJECTS:
        for key, moment in moments(subject, ids[subject]).items():
            mark = _mark(subject, key, moment)
            if db.session.get(Tombstone, mark) is None:
                _put_up(subject, key, mark, unit.now, reason)
    gone = forget(roots)
    named = {f"{subject}s": sorted(keys) for subject, keys in {**ids, "case": roots.cases}.items()}
    unit.audit(action, Database(), **named, rows=gone)
    return gone


def _put_up(subject: str, subject_id: int, mark: bytes, at: datetime, reason: str | None) -> None:
    db.session.add(Tombstone(mark=mark, subject=subject, subject_id=subject_id, erased_at=at, reason=reason))


def _mark(subject: str, subject_id: int, moment: datetime) -> bytes:
    return cipher().token("tombstone", f"{subject}:{subject_id}:{moment.isoformat()}")


def _file() -> Path:
    settings: Settings = current_app.extensions["settings"]
    return settings.tombstones_file
