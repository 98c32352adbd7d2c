"""The drill: a backup while somebody writes, what is refused, and a restore that the clinic goes on with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest
from click.testing import Result
from flask import Flask
from pyrage import x25519
from sqlalchemy import create_engine, func, inspect, make_url, select, text
from sqlalchemy.pool import NullPool

from screening import backup
from screening.access import Role
from screening.actions import drafts, erasing
from screening.actions.audit_care import anchor
from screening.actions.unit import PATIENT, Actor
from screening.models import AuditEvent, Case, User, db
from screening.queries.belongings import counted, whole
from tests.factories import EMERGENCY, start_form, submit_case
from tests.tampering import unlock

Run = Callable[..., Result]
NAME = "Zebedee Unmistakable"


@pytest.fixture
def run(app: Flask, tmp_path: Path) -> Run:
    """Run `flask …` with a key for backups, and with anchors in a file of the test's own."""
    changes = {"backup_key": str(x25519.Identity.generate()), "audit_anchor": str(tmp_path / "anchor")}
    app.extensions["settings"] = replace(app.extensions["settings"], **changes)

    def invoke(*words: str) -> Result:
        db.session.remove()
        return app.test_cli_runner().invoke(args=list(words))

    return invoke


@contextmanager
def somebody_writes(app: Flask, draft_id: int) -> Iterator[None]:
    stop, begun = Event(), Event()

    def write() -> None:
        with app.app_context():
            while not stop.wait(0.01):
                drafts.save_page(draft_id=draft_id, values={"peg_pain": 5}, by=PATIENT)
                begun.set()
            db.session.remove()
            db.engine.dispose()

    thread = Thread(target=write)
    thread.start()
    try:
        assert begun.wait(30)
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def in_use(app: Flask) -> Iterator[None]:
    """As by another process that is still running."""
    with app.app_context():
        other = create_engine(db.engine.url, module=db.engine.dialect.dbapi, poolclass=NullPool)
    with closing(other.connect()) as held:
        held.execute(text("SELECT 1 FROM draft")).all()
        yield


def somebody_to_erase(admin: User) -> Callable[[], object]:
    case, by = submit_case(), Actor("staff", admin.id, admin.full_name)
    reference, rows = case.reference, sum(counted(whole(patients={case.patient_id})).values())
    return partial(erasing.erase, reference=reference, also=[], seen=rows, reason="-", by=by)


def references() -> set[str]:
    found = set(db.session.scalars(select(Case.reference)))
    db.session.remove()
    return found


def test_a_backup_under_load_restores_to_what_it_held(
    app: Flask, run: Run, tmp_path: Path, add_staff: Callable[[Role], User]
) -> None:
    file = tmp_path / "monday.age"
    before = {submit_case(name=NAME, **EMERGENCY).reference, submit_case().reference}
    erase, draft_id = somebody_to_erase(add_staff(Role.ADMIN)), start_form().id
    with somebody_writes(app, draft_id):
        said = run("backup", str(file))
    assert (said.exit_code, "It was restored once" in said.output) == (0, True), said.output
    assert file.stat().st_mode & 0o777 == 0o600 and sorted(tmp_path.glob("monday*")) == [file]
    assert file.read_bytes().startswith(b"age-encryption.org/v1") and NAME.encode() not in file.read_bytes()
    sealed = file.read_bytes()
    assert "exists" in run("backup", str(file)).output and file.read_bytes() == sealed
    after = submit_case().reference
    erase()
    anchor()
    assert "--replace" in run("restore", str(file)).output
    assert references() == {*before, after}
    with in_use(app):
        assert "Stop the web and worker processes" in run("restore", str(file), "--replace").output
    assert references() == {*before, after}
    said = run("restore", str(file), "--replace")
    assert (said.exit_code, "is kept as" in said.output) == (0, True), said.output
    assert references() == before, "who was erased since must be erased again"
    assert run("audit", "verify").exit_code == 0
    assert submit_case().reference
    assert db.session.scalar(select(func.count()).where(AuditEvent.action == "database.restored")) == 1
    kept = said.output.rpartition("is kept as ")[2].partition(". ")[0]
    url = make_url(app.extensions["settings"].database_url).set(database=kept)
    with closing(create_engine(url, poolclass=NullPool).connect()) as connection:
        assert after in connection.scalars(text("SELECT reference FROM screening_case")).all()


def test_a_backup_is_restored_where_there_is_nothing(app: Flask, run: Run, tmp_path: Path) -> None:
    file, reference = tmp_path / "backup.age", submit_case().reference
    assert run("backup", str(file)).exit_code == 0
    db.session.remove()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    if db.engine.dialect.name == "sqlite":
        db.engine.dispose()
        path = Path(str(db.engine.url.database))
        path.unlink()
        # As the start of a process leaves it.
        path.touch()
    said = run("restore", str(file))
    assert (said.exit_code, "is kept" in said.output) == (0, False), said.output
    assert references() == {reference}
    assert {"tally", "audit_head"} <= set(inspect(db.engine).get_table_names())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_not_as_it_was_written_is_not_restored(app: Flask, run: Run, tmp_path: Path) -> None:
    file, bad = tmp_path / "backup.age", tmp_path / "bad.age"
    submit_case()
    assert run("backup", str(file)).exit_code == 0
    sealed = file.read_bytes()
    kept = {*references(), submit_case().reference}
    middle = len(sealed) // 2
    for damaged in (sealed[:-40], sealed[:middle] + b"x" + sealed[middle + 1 :], b"", b"age-encryption.org/v1\n"):
        bad.write_bytes(damaged)
        said = run("restore", str(bad), "--replace")
        assert (said.exit_code, "damaged" in said.output) == (1, True), said.output
    assert references() == kept
    app.extensions["settings"] = replace(
        app.extensions["settings"], backup_key=str(x25519.Identity.generate()), audit_key="another"
    )
    assert "no backup that BACKUP_KEY opens" in run("restore", str(file), "--replace").output
    assert references() == kept


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_that_does_not_hold_everything_leaves_no_file(
    app: Flask, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit_case()
    db.session.remove()
    file = tmp_path / "backup.age"
    with db.engine.connect() as connection:
        unlock(connection)
        connection.execute(text("UPDATE audit_event SET actor = 'staff:1' WHERE id = 2"))
        connection.commit()
    said = run("backup", str(file))
    assert (said.exit_code, "Event 2, place 2: altered" in said.output) == (1, True), said.output
    monkeypatch.setattr(backup, "count_rows", lambda connection: {"draft": id(connection)})
    assert "does not hold the rows" in run("backup", str(file)).output
    assert [*tmp_path.glob("backup.age*"), *tmp_path.glob(".backup-*")] == []
