"""A full disk, and one that fails to sync: never a false "saved", what was typed is kept, reading goes on.

It recovers without a restart. The database is on a small file system. Failing syncs are for SQLite alone: a PostgreSQL
that cannot sync stops itself, and postgres_stops.py shows what comes after. Needs root, and a C compiler.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.reliability.browser import Browser
from bench.reliability.disks import Disk, mounted
from bench.reliability.harness import Clinic, measure
from bench.reliability.patients import Ledger, Patient
from screening.models import db
from tests.databases import DURABLE, PostgresServer

PATIENTS = 3
PRESSES = 12
SHIM = Path(__file__).with_name("fsync_fails.c")


def storage(database: str, times: int) -> str:
    ledger, refused, saved, read = Ledger(), 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="storage-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with mounted(folder, "disk", 160 if database == "postgresql" else 48) as disk, _served(database, disk) as app:
            patients = [Patient(app.port, ledger, seed=seed) for seed in range(PATIENTS)]
            kinds = [_full] if database == "postgresql" else [_full, _failing_sync]
            for number in range(times):
                for kind in kinds:
                    _fill_in(patients, ledger, 4)
                    with kind(disk):
                        got = [_press(patient) for patient in patients * PRESSES]
                        read += sum(_can_read(patient) for patient in patients)
                    refused += got.count("refused")
                    saved += got.count("saved")
                    app.wait_for_pages()
                    _fill_in(patients, ledger, 4)
                assert all(part.poll() is None for part in app.parts.values()), f"a process ended in trial {number}"
            lost = ledger.losses(app.app)
            other = {kind: count for kind, count in ledger.errors.items() if kind != "503"}
    assert not lost, f"{len(lost)} things lost that were acknowledged: {lost[:3]}"
    assert refused >= times * len(kinds), "the disk never failed"
    assert read == times * len(kinds) * PATIENTS, f"only {read} pages could be read while nothing could be written"
    assert not other, f"patients met {other}"
    return f"{times} × {len(kinds)} failures: {refused} presses refused with the page kept, {saved} saved, 0 lost"


def _press(patient: Patient) -> str:
    """Send the page that the person is at. Raises AssertionError for an answer that is neither a save nor kept."""
    pages = patient.ledger.pages
    with suppress(OSError):
        patient.step()
    return "saved" if patient.ledger.pages > pages else "refused"


def _can_read(patient: Patient) -> bool:
    page: Browser = patient.walker.client  # type: ignore[assignment]
    return page.get("/screening/who").status_code == 200


def _fill_in(patients: list[Patient], ledger: Ledger, pages: int) -> None:
    for patient in patients:
        enough, until = ledger.pages + pages, time.monotonic() + 60
        while ledger.pages < enough:
            assert time.monotonic() < until, f"nothing is saved any more: {ledger.errors}"
            patient.step()


@contextmanager
def _full(disk: Disk) -> Iterator[None]:
    filler = disk.mounted_at / "filler"
    with filler.open("wb") as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)
            file.flush()
    yield
    filler.unlink()


@contextmanager
def _failing_sync(disk: Disk) -> Iterator[None]:
    flag = disk.mounted_at.parent / "fsync-fails"
    flag.touch()
    yield
    flag.unlink()


def _shim(folder: Path) -> Path:
    built = folder / "fsync_fails.so"
    command = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(built), str(SHIM), "-ldl"]
    subprocess.run(command, check=True)  # noqa: S603 - written above
    return built


@contextmanager
def _served(database: str, disk: Disk) -> Iterator[Clinic]:
    server = None
    instance = disk.mounted_at / "instance"
    if database == "postgresql":
        (disk.mounted_at / "pg").mkdir()
        server = PostgresServer(disk.mounted_at / "pg", (*DURABLE, "max_wal_size=48MB", "min_wal_size=48MB"))
        server.run("CREATE DATABASE clinic")
        instance = disk.mounted_at.parent / "instance"
    instance.mkdir()
    environment = {"FSYNC_FAILS": str(disk.mounted_at.parent / "fsync-fails")}
    if server is None:
        environment["LD_PRELOAD"] = str(_shim(disk.mounted_at.parent))
    app = Clinic(instance, server.url("clinic") if server else None, **environment)
    app.logs = disk.mounted_at.parent
    app.migrate()
    try:
        app.start("web")
        yield app
    finally:
        app.stop()
        with app.app.app_context():
            db.engine.dispose()
        app.app.extensions["queue"].storage.close()
        if server:
            server.stop()


if __name__ == "__main__":
    measure(storage, 5, "how often the disk fails")
