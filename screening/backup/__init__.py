"""Backups that are known to restore: made while the clinic works, encrypted, and restored once before they count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect

from screening import clock
from screening.actions.audit_chain import audit_key
from screening.backup.counts import Counts, count_rows
from screening.backup.postgres import PostgresStore
from screening.backup.sealing import BackupError, new_file, seal, unsealed
from screening.backup.sqlite import SqliteStore
from screening.models.one_moment import one_moment
from screening.queries.audit_chain import Verified, verify

__all__ = ["BackupError", "Restored", "back_up", "restore"]

ASIDE = "before_restore_%Y%m%d_%H%M%S"
FAULTS_NAMED = 3


@dataclass(frozen=True)
class Restored:
    """What a restore has put in place, and where it left what was there."""

    counts: Counts
    aside: str | None


def back_up(engine: Engine, path: Path, key: str) -> Counts:
    """Write a backup and restore it into a scratch database. Returns its rows by table.

    Raises BackupError, and leaves no file, unless the scratch database has the very rows and a whole audit chain.
    """
    store = _store(engine)
    with new_file(path) as part:
        with store.dump() as (plain, counts):
            seal(plain, part, key)
        with store.scratch(unsealed(part, key)) as scratch, one_moment(scratch) as connection:
            restored = count_rows(connection)
            if restored != counts:
                wrong = [name for name in counts.keys() | restored.keys() if counts.get(name) != restored.get(name)]
                raise BackupError(f"The backup does not hold the rows of the database: {', '.join(sorted(wrong))}.")
            _check_chain(connection)
    return counts


@contextmanager
def restore(engine: Engine, path: Path, key: str, *, replace: bool) -> Iterator[Restored]:
    """Put a backup in the place of the database, which is kept under another name; the block may then work on it.

    Raises BackupError, with nothing changed, if the backup is damaged or altered, if somebody uses the database, or
    if there is one that may not be replaced.
    """
    store = _store(engine)
    if not store.is_empty() and not replace:
        raise BackupError("There is a database already. --replace puts the backup in its place, and keeps it aside.")
    with store.scratch(unsealed(path, key)) as scratch:
        with one_moment(scratch) as connection:
            counts = count_rows(connection)
            _check_chain(connection)
        yield Restored(counts, store.put(scratch, clock.now().strftime(ASIDE)))


def _store(engine: Engine) -> SqliteStore | PostgresStore:
    return SqliteStore(engine) if engine.dialect.name == "sqlite" else PostgresStore(engine)


def _check_chain(connection: Connection) -> None:
    if not inspect(connection).has_table("audit_head"):
        # A backup from before events were chained.
        return
    faults = list(verify(connection, audit_key(), (), Verified(), not_sealed_is_fault=False))
    if faults:
        raise BackupError("Audit events in the backup are not as they were written. " + " ".join(faults[:FAULTS_NAMED]))
