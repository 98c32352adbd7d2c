"""The power goes under load: nothing acknowledged is lost or corrupt. Without waiting for the disk it would be.

The database is on a file system in one file. Its processes are stopped in their tracks, the file is copied as it is on
the disk at that moment, and the copy is mounted, recovered and read. Needs root, for the mounts.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.reliability.disks import Disk, mounted
from bench.reliability.harness import Clinic, children, measure
from bench.reliability.patients import Crowd, Ledger
from screening import create_app
from screening.config import load_settings
from screening.models import db
from tests.databases import DURABLE, PostgresServer

PATIENTS = 6
PAGES_BETWEEN = 12
UNSAFE_TIMES = 5


def cuts(database: str, times: int) -> str:
    safe, pages = _trial(database, times, "wsgi:app")
    unsafe, _ = _trial(database, min(times, UNSAFE_TIMES), "bench.reliability.unsafe:app")
    assert not any(safe), (
        f"{sum(map(bool, safe))} of {times} power cuts lost something: {[each[:2] for each in safe if each]}"
    )
    assert any(unsafe), "even without waiting for the disk nothing was lost: these power cuts cut nothing"
    return (
        f"{times} power cuts, {pages} pages acknowledged, 0 lost, 0 corrupt; without waiting for the disk "
        f"{sum(map(bool, unsafe))} of {len(unsafe)} lost something"
    )


def _trial(database: str, times: int, web_app: str) -> tuple[list[list[str]], int]:
    """What each cut lost, and how many pages were acknowledged."""
    ledger, losses = Ledger(), []
    with (
        tempfile.TemporaryDirectory(prefix="power-", ignore_cleanup_errors=True) as name,
        mounted(Path(name), "disk") as disk,
    ):
        Path(name).chmod(0o755)
        with _served(database, disk, web_app) as (app, pids), Crowd(app.port, PATIENTS, ledger):
            for number in range(times):
                enough = ledger.pages + PAGES_BETWEEN
                while ledger.pages < enough:
                    time.sleep(0.01)
                losses.append(_cut(database, app, disk, pids(), ledger, Path(name) / f"cut{number}"))
    return losses, ledger.pages


def _cut(database: str, app: Clinic, disk: Disk, pids: list[int], ledger: Ledger, folder: Path) -> list[str]:
    """What the disk would lack of all that was acknowledged, were the power to go now."""
    folder.mkdir()
    folder.chmod(0o755)
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    # What is acknowledged from here on is none of this cut's: nobody is there to acknowledge it.
    known = ledger.snapshot()
    disk.copy_as_cut(folder / "copy.img")
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    with mounted(folder, "copy") as copy:
        try:
            return _read(database, app, copy, known)
        finally:
            shutil.rmtree(folder / "instance", ignore_errors=True)


def _read(database: str, app: Clinic, copy: Disk, known: Ledger) -> list[str]:
    instance = copy.mounted_at / "instance"
    with _database(database, copy) as url:
        settings = replace(load_settings({**app.environment, "DATABASE_URL": url or ""}), instance=instance)
        if url is None:
            settings = replace(settings, database_url=f"sqlite:///{instance / 'screening.sqlite3'}")
        reader = create_app(settings)
        try:
            with reader.app_context():
                sound = db.session.scalar(text("PRAGMA integrity_check")) if url is None else "ok"
                db.session.remove()
            return ([] if sound == "ok" else [f"corrupt: {sound}"]) + known.losses(reader)
        finally:
            with reader.app_context():
                db.session.remove()
                db.engine.dispose()
            reader.extensions["queue"].storage.close()


@contextmanager
def _database(database: str, disk: Disk) -> Iterator[str | None]:
    if database == "sqlite":
        yield None
        return
    # They name the server that is still there.
    for left in (disk.mounted_at / "pg" / "data" / "postmaster.pid", *(disk.mounted_at / "pg" / "s").iterdir()):
        left.unlink(missing_ok=True)
    server = PostgresServer(disk.mounted_at / "pg", DURABLE)
    try:
        yield server.url("clinic")
    finally:
        server.stop("fast")


@contextmanager
def _served(database: str, disk: Disk, web_app: str) -> Iterator[tuple[Clinic, Any]]:
    """The application on a disk, and what names all processes that write to it."""
    instance, server, url = disk.mounted_at / "instance", None, None
    instance.mkdir()
    if database == "postgresql":
        (disk.mounted_at / "pg").mkdir()
        server = PostgresServer(disk.mounted_at / "pg", (*DURABLE, "max_wal_size=64MB", "min_wal_size=32MB"))
        server.run("CREATE DATABASE clinic")
        url = server.url("clinic")
    app = Clinic(instance, url)
    app.web_app = web_app
    app.migrate()
    os.sync()

    def pids() -> list[int]:
        return app.pids() + ([server.pid, *children(server.pid)] if server else [])

    try:
        app.start("web")
        yield app, pids
    finally:
        app.stop()
        with app.app.app_context():
            db.engine.dispose()
        app.app.extensions["queue"].storage.close()
        if server:
            server.stop()


if __name__ == "__main__":
    measure(cuts, 50, "how many power cuts")
