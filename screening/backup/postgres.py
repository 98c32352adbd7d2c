"""A PostgreSQL database through pg_dump and pg_restore. Its role owns it, and may create databases."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

import psycopg
from sqlalchemy import URL, Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from screening.backup.counts import Counts, count_rows
from screening.backup.sealing import BackupError, Pour
from screening.models.one_moment import one_moment

MAINTENANCE = "postgres"
"""The database to connect to while ours is created, renamed or dropped."""
SAID_MAX = 3


class PostgresStore:
    """The database of an engine, and scratch databases beside it on the same server."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._name = str(engine.url.database)

    @contextmanager
    def dump(self) -> Iterator[tuple[BinaryIO, Counts]]:
        """The database at one moment as a stream, and its rows by table."""
        with one_moment(self._engine) as connection:
            counts = count_rows(connection)
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            arguments = ("--format=custom", "--compress=1", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
            with self._run("pg_dump", arguments, self._name, stdout=subprocess.PIPE) as process:
                yield process.stdout, counts  # type: ignore[misc]

    @contextmanager
    def scratch(self, pour: Pour) -> Iterator[Engine]:
        """A backup as a database of its own, gone after the block unless it was put in place. Raises BackupError."""
        name = f"screening_scratch_{secrets.token_hex(6)}"
        self._manage(f'CREATE DATABASE "{name}" TEMPLATE template0 {self._locale()}')
        try:
            arguments = ("--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={name}")
            with self._run("pg_restore", arguments, name, stdin=subprocess.PIPE) as process:
                pour(process.stdin)  # type: ignore[arg-type]
            yield create_engine(self._engine.url.set(database=name), poolclass=NullPool)
        finally:
            self._manage(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def is_empty(self) -> bool:
        return not inspect(self._engine).get_table_names()

    def put(self, scratch: Engine, aside: str) -> str | None:
        """Let a scratch database take the place of the database. Returns the name under which that is kept now.

        Raises BackupError while somebody is connected to it.
        """
        empty, kept = self.is_empty(), f"{self._name}_{aside}"
        self._engine.dispose()
        scratch.dispose()
        self._manage(f'ALTER DATABASE "{self._name}" RENAME TO "{kept}"')
        self._manage(f'ALTER DATABASE "{scratch.url.database}" RENAME TO "{self._name}"')
        if empty:
            self._manage(f'DROP DATABASE "{kept}"')
        return None if empty else kept

    def _locale(self) -> str:
        """As of the database whose place a scratch database may take."""
        asked = (
            "SELECT format('ENCODING %L LC_COLLATE %L LC_CTYPE %L',"
            " pg_encoding_to_char(encoding), datcollate, datctype) FROM pg_database WHERE datname = current_database()"
        )
        with self._engine.connect() as connection:
            return str(connection.execute(text(asked)).scalar_one())

    def _manage(self, statement: str) -> None:
        try:
            with psycopg.connect(_plain(self._engine.url.set(database=MAINTENANCE)), autocommit=True) as connection:
                connection.execute(statement.encode())
        except psycopg.errors.InsufficientPrivilege as fault:
            raise BackupError("The database role may not create or rename databases: ALTER ROLE … CREATEDB.") from fault
        except psycopg.errors.ObjectInUse as fault:
            raise BackupError("The database is in use. Stop the web and worker processes first.") from fault

    @contextmanager
    def _run(
        self,
        program: str,
        arguments: Sequence[str],
        database: str,
        *,
        stdin: int | None = None,
        stdout: int | None = None,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A program of PostgreSQL at work. Raises BackupError if it is not there or does not end well."""
        found = shutil.which(program)
        if found is None:
            raise BackupError(f"{program} is not installed: apt-get install postgresql-client")
        with tempfile.TemporaryFile() as said, self._service(database) as service:
            command, environment = [found, "--no-password", *arguments], {**os.environ, **service}
            with subprocess.Popen(  # noqa: S603 - a program of PostgreSQL
                command, env=environment, stdin=stdin, stdout=stdout, stderr=said
            ) as process:
                try:
                    yield process
                except BrokenPipeError:
                    # It has ended, and has said why.
                    process.stdin = None
                except BaseException:
                    process.kill()
                    raise
                finally:
                    if process.stdin is not None:
                        process.stdin.close()
                code = process.wait()
            if code:
                raise BackupError(f"{program} ended with {code}. " + _words(program, said))

    @contextmanager
    def _service(self, database: str) -> Iterator[Mapping[str, str]]:
        """Where to connect, in a file for its owner alone: arguments and environments of processes can be read."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "service"
            parts = psycopg.conninfo.conninfo_to_dict(_plain(self._engine.url.set(database=database)))
            lines = "".join(f"{name}={value}\n" for name, value in parts.items())
            path.touch(mode=0o600)
            path.write_text(f"[screening]\n{lines}", encoding="utf-8")
            yield {"PGSERVICEFILE": str(path), "PGSERVICE": "screening"}


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _words(program: str, said: IO[bytes]) -> str:
    """What a program said of its fault. Lines of context may quote rows, and are left out."""
    said.seek(0)
    lines = said.read().decode(errors="replace").splitlines()
    return " ".join([line for line in lines if line.startswith(f"{program}: ")][:SAID_MAX])
