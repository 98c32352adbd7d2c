"""Databases for tests: a private PostgreSQL, and a fresh migrated database of either kind in milliseconds."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from screening import create_app
from screening.config import Settings
from screening.models import db

INSTALLED = Path("/usr/lib/postgresql")
SERVER_USER = "postgres"
FIELD_KEY = "cHJpdmF0ZS1rZXktb2YtdGhlLXRlc3RzLWFsb25lLS0="
THROWAWAY = (
    "listen_addresses=''",
    "fsync=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_wal_size=4GB",
    "checkpoint_timeout=1h",
    "max_connections=60",
)
"""A server that may lose everything, and is reached through its socket alone."""
DURABLE = tuple(
    setting for setting in THROWAWAY if not setting.startswith(("fsync", "full_page", "max_wal", "checkpoint"))
)
"""The same, but it keeps what it acknowledges."""

_serial = count(1)


def settings_for(database_url: str, instance: Path) -> Settings:
    """What the application starts with in tests."""
    return Settings(
        mode="test",
        database_url=database_url,
        secret_key="secret of the tests, at least 32 long",
        field_keys=(FIELD_KEY,),
        index_key="index key of the tests, at least 32 long",
        password_salt="salt of the tests, at least 32 long",
        audit_key="audit key of the tests, at least 32 long",
        base_url="http://localhost",
        instance=instance,
        secure_cookies=False,
    )


def migrate(database_url: str, instance: Path) -> None:
    """Bring an empty database to the newest schema, as a clinic would."""
    app = create_app(settings_for(database_url, instance))
    result = app.test_cli_runner().invoke(args=["migrate-database"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    with app.app_context():
        db.engine.dispose()
    app.extensions["queue"].storage.close()


class SqliteTemplate:
    """One migrated file, copied for each test."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "template.sqlite3"
        migrate(f"sqlite:///{self._path}", folder)
        self._queue = folder / "queue.sqlite3"

    @contextmanager
    def fresh(self, folder: Path) -> Iterator[str]:
        """The URL of a new database, gone with the test's folder."""
        copy = folder / "screening.sqlite3"
        shutil.copyfile(self._path, copy)
        if self._queue.exists():
            shutil.copyfile(self._queue, folder / self._queue.name)
        yield f"sqlite:///{copy}"


class PostgresServer:
    """A server of our own on a socket in a folder, made there if it is not yet."""

    def __init__(self, folder: Path, settings: Sequence[str] = THROWAWAY) -> None:
        self._folder = folder
        self._settings = settings
        self._socket = folder / "s"
        self._binaries = _newest_binaries()
        if not self._socket.exists():
            self._make()
        self.start()

    def start(self) -> None:
        options = f"-k {self._socket} " + " ".join(f"-c {setting}" for setting in self._settings)
        log = str(self._folder / "log")
        self._server("pg_ctl", "start", "-w", "-D", self._data, "-l", log, "-o", options)

    def run(self, statement: str) -> None:
        where = f"postgresql://{SERVER_USER}@/postgres?host={self._socket}"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement.encode())

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{SERVER_USER}@/{database}?host={self._socket}"

    @property
    def pid(self) -> int:
        """Of the process that all others of the server descend from."""
        return int(Path(self._data, "postmaster.pid").read_text(encoding="utf-8").split()[0])

    def stop(self, mode: str = "immediate") -> None:
        self._server("pg_ctl", "stop", "-D", self._data, "-m", mode, check=False)

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _make(self) -> None:
        self._socket.mkdir()
        if os.geteuid() == 0:
            owner = pwd.getpwnam(SERVER_USER)
            for path in (self._folder, self._socket):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self._server(
            "initdb", "-D", self._data, "-U", SERVER_USER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-N"
        )

    def _server(self, program: str, *arguments: str, check: bool = True) -> None:
        """Run a server program; PostgreSQL refuses root, so root becomes the user that Debian made for it."""
        become = ["runuser", "-u", SERVER_USER, "--"] if os.geteuid() == 0 else []
        command = [*become, str(self._binaries / program), *arguments]
        subprocess.run(command, check=check, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/")


class PostgresTemplate:
    """A server in a temporary folder, with one migrated database to copy."""

    def __init__(self, instance: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="screening-pg-"))
        try:
            self._server = PostgresServer(self._folder)
            self._server.run("CREATE DATABASE template_screening")
            migrate(self._server.url("template_screening"), instance)
        except BaseException:
            self.stop()
            raise

    @contextmanager
    def fresh(self, folder: Path) -> Iterator[str]:
        """The URL of a new database, dropped afterwards."""
        name = f"screening_{next(_serial)}"
        self._server.run(f"CREATE DATABASE {name} TEMPLATE template_screening")
        try:
            yield self._server.url(name)
        finally:
            self._server.run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        if hasattr(self, "_server"):
            self._server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _newest_binaries() -> Path:
    found = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError("PostgreSQL is not installed: run `make test`, or apt-get install postgresql")
    return found[-1].parent
