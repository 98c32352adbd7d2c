"""The real application as processes of its own: web server, job worker and database."""

from __future__ import annotations

import argparse
import functools
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.fernet import Fernet
from flask import Flask

import rules
from bench.reliability.browser import UNREACHED, Browser
from screening import create_app
from screening.config import load_settings
from screening.models import db
from tests.databases import DURABLE, PostgresServer

BIN = Path(sys.executable).parent
START_SECONDS = 180
DATABASES = ("sqlite", "postgresql")
WEB, WORKER = "web", "worker"

# Each walker asks the rules what may be answered, and loading them takes a second.
rules.load = functools.cache(rules.load)


class Clinic:
    """One installation. Its processes live in sessions of their own, so that a whole one can be killed."""

    def __init__(self, folder: Path, database_url: str | None, **settings: str) -> None:
        self.folder = self.logs = folder
        self.port = _free_port()
        self.web_app = "wsgi:app"
        self.environment = {**_secrets(), "INSTANCE_DIR": str(folder), "SCREENING_MODE": "production", **settings}
        if database_url:
            self.environment["DATABASE_URL"] = database_url
        self.parts: dict[str, subprocess.Popen[bytes]] = {}
        self.app: Flask = create_app(load_settings(self.environment))
        self._starting = threading.Lock()

    def migrate(self) -> None:
        done = self.app.test_cli_runner().invoke(args=["migrate-database"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        with self.app.app_context():
            db.engine.dispose()

    def start(self, *names: str) -> None:
        """Start both parts, or those named, and wait until pages are served."""
        here, port = str(BIN), self.port
        commands = {
            WEB: [f"{here}/gunicorn", "--config", "gunicorn.conf.py", "--bind", f"127.0.0.1:{port}", self.web_app],
            # As the unit in docs/operations has it: pages go before prints and e-mails.
            WORKER: ["nice", "-n", "10", f"{here}/flask", "--app", "wsgi", "worker"],
        }
        with self._starting:
            for name in names or (WEB, WORKER):
                log = (self.logs / f"{name}.log").open("ab")
                self.parts[name] = subprocess.Popen(  # noqa: S603 - written above
                    commands[name],
                    env={**os.environ, **self.environment},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        self.wait_for_pages()

    def wait_for_pages(self, patience: float = START_SECONDS) -> float:
        """Seconds until a page that reads the database was served."""
        began = time.monotonic()
        while time.monotonic() < began + patience:
            with suppress(*UNREACHED):
                if Browser(self.port, 5).get("/").status_code == 200:
                    return time.monotonic() - began
            time.sleep(0.05)
        raise AssertionError(f"no page within {patience} s:\n{self.log(WEB)[-3000:]}")

    def kill(self, name: str) -> None:
        """End all of a part at once, and start it anew, as a supervisor does."""
        with suppress(ProcessLookupError):
            os.killpg(self.parts[name].pid, signal.SIGKILL)
        self.parts[name].wait()

    def pids(self) -> list[int]:
        """Every process of every part."""
        found = [part.pid for part in self.parts.values()]
        for pid in found:
            found.extend(children(pid))
        return found

    def web_workers(self) -> list[int]:
        return [pid for pid in children(self.parts[WEB].pid) if b"gunicorn" in _command(pid)]

    def stop(self) -> None:
        for part in self.parts.values():
            with suppress(ProcessLookupError):
                os.killpg(part.pid, signal.SIGCONT)
                os.killpg(part.pid, signal.SIGTERM)
        for part in self.parts.values():
            try:
                part.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(part.pid, signal.SIGKILL)
                part.wait()

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")


@contextmanager
def server_of(database: str, folder: Path) -> Iterator[PostgresServer | None]:
    """A PostgreSQL that keeps what it acknowledges, with an empty database; None for SQLite."""
    if database == "sqlite":
        yield None
        return
    home = folder / "pg"
    home.mkdir()
    for each in (folder, home):
        each.chmod(0o755)
    server = PostgresServer(home, DURABLE)
    try:
        server.run("CREATE DATABASE clinic")
        yield server
    finally:
        server.stop()


@contextmanager
def clinic(database: str, **settings: str) -> Iterator[Clinic]:
    """A migrated clinic on a database of its own, not started yet."""
    with clinic_and_server(database, **settings) as (made, _server):
        yield made


@contextmanager
def started(database: str, **settings: str) -> Iterator[tuple[Clinic, PostgresServer | None]]:
    """A clinic that serves, and its server."""
    with clinic_and_server(database, **settings) as (made, server):
        made.start()
        yield made, server


@contextmanager
def clinic_and_server(database: str, **settings: str) -> Iterator[tuple[Clinic, PostgresServer | None]]:
    with tempfile.TemporaryDirectory(prefix="reliability-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with server_of(database, folder) as server:
            instance = folder / "instance"
            instance.mkdir()
            made = Clinic(instance, server.url("clinic") if server else None, **settings)
            made.migrate()
            try:
                yield made, server
            finally:
                made.stop()
                with made.app.app_context():
                    db.session.remove()
                    db.engine.dispose()


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _secrets() -> dict[str, str]:
    names = ("SECRET_KEY", "INDEX_KEY", "PASSWORD_SALT", "AUDIT_KEY")
    made = {name: secrets.token_urlsafe(48) for name in names}
    return {**made, "FIELD_KEYS": Fernet.generate_key().decode(), "BASE_URL": "https://screening.example"}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def arguments(times: int, what: str) -> argparse.Namespace:
    """--times (default `times`) and --database (default both)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=times, help=what)
    parser.add_argument("--database", choices=DATABASES)
    return parser.parse_args()


def measure(claim: Callable[[str, int], str], times: int, what: str, databases: Sequence[str] = DATABASES) -> None:
    """Run a claim on the databases asked for. Prints its line for each; a failed claim ends the process with 1."""
    sys.exit(1 if failed(claim, times, what, databases) else 0)


def failed(claim: Callable[[str, int], str], times: int, what: str, databases: Sequence[str] = DATABASES) -> bool:
    """The same, but tells whether it failed and goes on."""
    asked = arguments(times, what)
    failures = 0
    for database in [asked.database] if asked.database else databases:
        began = time.monotonic()
        try:
            line = claim(database, asked.times)
        except AssertionError as fault:
            failures, line = failures + 1, f"FAILED {fault}"
        name = Path(sys.argv[0]).stem
        print(f"{name} {database}: {line} ({time.monotonic() - began:.0f} s)", flush=True)
    return failures > 0
