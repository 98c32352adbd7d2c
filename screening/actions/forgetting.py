"""Forgetting what its period is over for, in small batches: each is one short transaction that leaves one event."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased
from structlog import get_logger

from screening import clock
from screening.actions.unit import Actor, Database, Unit, unit_of_work
from screening.clinic import Clinic, stored_clinic
from screening.models import Alert, Case, Draft, ForgottenForms, OutboxMessage, Patient, SpentId, db
from screening.queries.belongings import BELONGINGS, Belonging, Roots
from screening.queries.retained import PURGED
from screening.queries.retention import RULES, Rule

BATCH = 50
"""Rows that a batch begins with; a case has some thirty more."""

log = get_logger()


def forget_due(*, by: Actor) -> dict[str, int]:
    """Forget all that is due. Returns how many rows each rule found. Begun again, it goes on where it ended."""
    clinic, now = stored_clinic(), clock.now()
    found = {}
    for rule in RULES:
        try:
            found[rule.title] = _forget_all(rule, clinic, now, by)
        except SQLAlchemyError:
            # What one rule could not do waits for the next night; the others are done.
            log.exception("a rule of retention failed", rule=rule.id)
    give_back_room()
    return found


def forget(roots: Roots) -> dict[str, int]:
    """Within a write: delete these rows with all that belongs to them. Returns how many, by what staff call them.

    Call hold() before.
    """
    _count_unfinished(roots)
    _pass_on_words(roots)
    return {one.title: n for one in BELONGINGS if (n := _delete(one, roots))}


def hold(roots: Roots) -> None:
    """Wait for whoever writes to these: all that adds to a form, case or person holds it first."""
    for model, ids in ((Draft, roots.drafts), (Patient, roots.patients), (Case, roots.cases)):
        rows: Any = select(model.id).where(model.id.in_(ids)).order_by(model.id).with_for_update()
        db.session.scalars(rows).all()


def give_back_room() -> None:
    """Have SQLite write what was deleted over in the file itself, not in its log alone."""
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # type: ignore[union-attr]


def _forget_all(rule: Rule, clinic: Clinic, now: datetime, by: Actor) -> int:
    n, looked_at = 0, True
    while looked_at:
        with unit_of_work(by) as unit:
            looked_at, gone = _forget_batch(unit, rule, rule.due(clinic, now))
            n += gone
    return n


def _forget_batch(unit: Unit, rule: Rule, due: Select[int] | None) -> tuple[bool, int]:
    """Whether there was anything to look at, and how many rows of the rule went."""
    if due is None:
        return False, 0
    # Whoever holds a row is at work on it: it is looked at again tomorrow.
    next_ones = due.order_by(rule.model.id).limit(BATCH).with_for_update(skip_locked=True, of=rule.model)
    ids = db.session.scalars(next_ones).all()
    hold(rule.roots(ids) if rule.roots else Roots())
    # What was waited for may have changed whether it is due.
    still = db.session.scalars(due.where(rule.model.id.in_(ids))).all()
    if not still:
        return bool(ids), 0
    if rule.roots:
        rows = forget(rule.roots(still))
    else:
        alone = Belonging(rule.model, rule.title.lower(), lambda _roots: rule.model.id.in_(still))
        rows = {alone.title: _delete(alone, Roots())}
    unit.audit(PURGED, Database(), what=rule.id, ids=sorted(still), rows=rows)
    return True, len(still)


def _delete(one: Belonging, roots: Roots) -> int:
    """Delete rows, and note the highest id where SQLite would give it to another one."""
    condition, key = one.where(roots), one.table.c.get("id")
    highest = None
    if key is not None and db.engine.dialect.name == "sqlite":
        highest = db.session.scalar(select(func.max(key)).where(condition))
    gone: int = db.session.execute(delete(one.table).where(condition)).rowcount  # type: ignore[attr-defined]
    if highest is not None and highest > (db.session.scalar(select(func.max(key))) or 0):
        spent = db.session.get(SpentId, one.table.name)
        db.session.merge(SpentId(table=one.table.name, last_id=max(highest, spent.last_id if spent else 0)))
    return gone


def _count_unfinished(roots: Roots) -> None:
    """Keep how many people stopped at which page, for the board."""
    clinic = stored_clinic()
    query = select(Draft.started_at, Draft.channel, Draft.reached).where(
        Draft.id.in_(roots.drafts), Draft.closed_at.is_(None)
    )
    counts = Counter(
        (clinic.today(row.started_at), row.channel, row.reached or "") for row in db.session.execute(query)
    )
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    for (day, channel, reached), n in sorted(counts.items()):
        row = insert(ForgottenForms).values(day=day, channel=channel, reached=reached, n=n)
        key = ("day", "channel", "reached")
        db.session.execute(row.on_conflict_do_update(index_elements=key, set_={"n": ForgottenForms.n + row.excluded.n}))


def _pass_on_words(roots: Roots) -> None:
    """One message may tell of the alerts of many: it stays with another of them."""
    other = aliased(Alert)
    mine = select(Alert.id).where(Alert.draft_id.in_(roots.drafts))
    heir = (
        select(func.min(other.id))
        .where(other.activation_id == OutboxMessage.activation_id, other.draft_id.not_in(roots.drafts))
        .scalar_subquery()
    )
    moved = update(OutboxMessage).where(
        OutboxMessage.alert_id.in_(mine), OutboxMessage.activation_id.is_not(None), heir.is_not(None)
    )
    db.session.execute(moved.values(alert_id=heir).execution_options(synchronize_session=False))
