"""One SQLite library opens the database, and a good one: two in one process break each other's locks."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pysqlite3
import pytest
from flask import Flask
from pyrage import x25519

from screening import create_app
from screening.access import Role
from screening.jobs import WORK
from screening.models import db
from tests.conftest import SignIn
from tests.databases import settings_for
from tests.factories import EMERGENCY, submit_case

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.usefixtures("database_url")
def test_an_old_library_is_warned_of_at_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'screening.sqlite3'}"
    create_app(settings_for(url, tmp_path))
    assert "lose data" not in capsys.readouterr().err
    monkeypatch.setattr(pysqlite3, "sqlite_version_info", (3, 51, 2))
    create_app(settings_for(url, tmp_path))
    assert "this SQLite can lose data" in capsys.readouterr().err


def test_no_other_library_opens_the_database(
    app: Flask, sign_in: SignIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, connect = list[str](), sqlite3.connect

    def noted(database: Any, *rest: Any, **named: Any) -> Any:
        opened.append(Path(str(database)).name)
        return connect(database, *rest, **named)

    monkeypatch.setattr(sqlite3, "connect", noted)
    app.extensions["queue"].storage.close()
    reference = submit_case(**EMERGENCY).reference
    assert sign_in(Role.PHYSICIAN).get(f"/staff/queue/{reference}").status_code == 200
    for work, _when in WORK:
        work()
    object.__setattr__(app.extensions["settings"], "backup_key", str(x25519.Identity.generate()))
    db.session.remove()
    for words in (["backup", str(tmp_path / "b.age")], ["audit", "verify", "--no-anchor"], ["migrate-database"]):
        said = app.test_cli_runner().invoke(args=words)
        assert said.exit_code == 0, said.output
    assert db.engine.dialect.dbapi is pysqlite3
    assert set(opened) == {"queue.sqlite3"}


BEGIN_ELSEWHERE = """
import sys, pysqlite3
connection = pysqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
except pysqlite3.OperationalError:
    sys.exit(7)
"""


def test_two_libraries_would_let_two_write_at_once(database_url: str) -> None:
    """Why the test above is there: what one library closes takes the other's locks with it."""
    path = database_url.removeprefix("sqlite:///")

    def somebody_else_may_write() -> bool:
        ended = subprocess.run([sys.executable, "-c", BEGIN_ELSEWHERE, path], check=False).returncode
        assert ended in (0, 7)
        return ended == 0

    holder = pysqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA journal_mode = WAL").fetchone()
    holder.execute("BEGIN IMMEDIATE")
    assert not somebody_else_may_write()
    same = pysqlite3.connect(path)
    same.execute("SELECT count(*) FROM draft").fetchone()
    same.close()
    assert not somebody_else_may_write()
    other = sqlite3.connect(path)
    other.execute("SELECT count(*) FROM draft").fetchone()
    other.close()
    assert somebody_else_may_write()
    holder.close()
