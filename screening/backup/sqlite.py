"""A SQLite database copied through the library's own online backup, while others write."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pysqlite3
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from screening.backup.counts import Counts, count_rows
from screening.backup.sealing import BackupError, Pour

MAGIC = b"SQLite format 3\0"


class SqliteStore:
    """The file of an engine, and copies of it in a folder beside it that is its owner's alone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._path = Path(str(engine.url.database))

    @contextmanager
    def dump(self) -> Iterator[tuple[BinaryIO, Counts]]:
        """The database at one moment as a stream, and its rows by table."""
        with self._folder() as folder, self._engine.connect() as connection:
            copy = folder / "copy.sqlite3"
            counts = count_rows(connection)
            # In the transaction that counted: both show the same moment.
            into = pysqlite3.connect(copy)
            try:
                connection.connection.driver_connection.backup(into)  # type: ignore[union-attr]
            finally:
                into.close()
            with copy.open("rb") as stream:
                yield stream, counts

    @contextmanager
    def scratch(self, pour: Pour) -> Iterator[Engine]:
        """A backup as a database of its own, gone after the block unless it was put in place. Raises BackupError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._folder() as folder:
            engine = open_copy(folder / "scratch.sqlite3", pour)
            with engine.connect() as connection:
                if connection.execute(text("PRAGMA integrity_check")).scalar() != "ok":
                    raise BackupError("The backup is damaged: SQLite finds faults in its pages.")
            yield engine

    def is_empty(self) -> bool:
        return not self._path.exists() or not inspect(self._engine).get_table_names()

    def put(self, scratch: Engine, aside: str) -> str | None:
        """Let a scratch database take the place of the database. Returns where that is kept now, if there was one.

        Raises BackupError while somebody has it open.
        """
        empty, kept = self.is_empty(), None
        self._engine.dispose()
        _close_log(Path(str(scratch.url.database)))
        if self._path.exists():
            _close_log(self._path)
            if not empty:
                kept = self._path.with_name(f"{self._path.name}.{aside}")
                self._path.rename(kept)
        Path(str(scratch.url.database)).replace(self._path)
        return str(kept) if kept else None

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self._path.parent, prefix=".backup-") as folder:
            yield Path(folder)


def open_copy(path: Path, pour: Pour) -> Engine:
    """A file with what is poured into it, opened by the library that the application uses."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as stream:
        pour(stream)
        stream.flush()
        os.fsync(stream.fileno())
        stream.seek(0)
        if stream.read(len(MAGIC)) != MAGIC:
            raise BackupError("This is a backup of another kind of database than DATABASE_URL names.")
    return create_engine(f"sqlite:///{path}", module=pysqlite3, poolclass=NullPool)


def _close_log(path: Path) -> None:
    """Bring what the log holds into the file. Only who has it alone can."""
    connection = pysqlite3.connect(path, timeout=1)
    try:
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except pysqlite3.OperationalError as fault:
        raise BackupError("The database is in use. Stop the web and worker processes first.") from fault
    finally:
        connection.close()
