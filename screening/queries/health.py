"""Whether all parts are at work: the database at this release's schema, the workers, and what waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from screening import clock
from screening.config import ROOT
from screening.models import Alert, AuditEvent, OutboxMessage, PatientMail, PrintJob, StaffMail, WorkerBeat, db

SILENT = timedelta(minutes=3)
"""A worker that was not heard of for so long is not at work: it beats each minute."""

NO_DATABASE = "The database does not answer."
NOT_MIGRATED = "The database is not at the schema of this release: run `flask --app wsgi migrate-database`."
NO_WORKER = "No worker was heard of in the last three minutes: start `flask --app wsgi worker`."


def reasons_not_ready() -> list[str]:
    """What keeps this installation from working in full, in words without names or secrets; none: it works."""
    try:
        with db.engine.connect() as connection:
            reasons = [] if is_migrated(connection) else [NOT_MIGRATED]
            if not reasons and not is_worker_fresh(last_beats(connection)):
                reasons = [NO_WORKER]
            return reasons
    except SQLAlchemyError:
        return [NO_DATABASE]


def is_migrated(connection: Connection) -> bool:
    """Whether this release can work on the database: at its own schema, or at one of a release after it."""
    known, head = _revisions()
    found = MigrationContext.configure(connection).get_current_revision()
    return found is not None and (found == head or found not in known)


@cache
def _revisions() -> tuple[frozenset[str], str | None]:
    scripts = ScriptDirectory(str(ROOT / "screening" / "migrations"))
    return frozenset(script.revision for script in scripts.walk_revisions()), scripts.get_current_head()


def last_beats(connection: Connection) -> dict[str, datetime]:
    """When the worker of each machine was last heard of."""
    return {row.host: row.beat_at for row in connection.execute(select(WorkerBeat.host, WorkerBeat.beat_at))}


def is_worker_fresh(beats: dict[str, datetime]) -> bool:
    return any(beat >= clock.now() - SILENT for beat in beats.values())


WAITING = {
    "alert_mails": (OutboxMessage.delivered_at.is_(None), OutboxMessage.due_at),
    "patient_mails": (PatientMail.delivered_at.is_(None), PatientMail.due_at),
    "staff_mails": (StaffMail.delivered_at.is_(None), StaffMail.due_at),
    "prints": (PrintJob.finished_at.is_(None), PrintJob.requested_at),
    "alerts": (Alert.acknowledged_at.is_(None), Alert.raised_at),
}
"""What waits for a worker or for staff, and from when on it does."""


def waiting(connection: Connection) -> dict[str, int]:
    """How many of each wait now."""
    now = clock.now()
    return {
        name: connection.scalar(select(func.count()).where(undone, since <= now)) or 0
        for name, (undone, since) in WAITING.items()
    }


def last_event(connection: Connection, actions: Sequence[str] = ()) -> datetime | None:
    """When the newest audit event was written: of all, or of these actions."""
    query = select(AuditEvent.at).order_by(AuditEvent.id.desc()).limit(1)
    return connection.scalar(query.where(AuditEvent.action.in_(actions)) if actions else query)
