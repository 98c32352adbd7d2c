"""Audit events: chained, refused to be changed, and every alteration named."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import DBAPIError

from screening import anchor
from screening.actions.audit_care import BATCH, seal_all
from screening.actions.audit_care import anchor as anchor_now
from screening.actions.audit_chain import EVENT, HEAD, audit_key
from screening.actions.unit import SYSTEM, Database, unit_of_work
from screening.anchor import Anchored
from screening.chain import SEALED
from screening.jobs import anchor_audit
from screening.models import AuditEvent, db
from screening.queries.audit_chain import Verified, verify
from tests.factories import submit_case
from tests.tampering import altered, rows, unlock

Run = Callable[..., Result]


@pytest.fixture
def flask(app: Flask, tmp_path: Path) -> Run:
    """Run `flask …`, with anchors in a file of the test's own."""
    app.extensions["settings"] = replace(app.extensions["settings"], audit_anchor=str(tmp_path / "anchor"))

    def run(*words: str) -> Result:
        db.session.rollback()
        return FlaskCliRunner(app).invoke(args=list(words))

    return run


def faults(connection: Connection, anchors: list[Anchored]) -> list[str]:
    return list(verify(connection, audit_key(), anchors, Verified()))


def test_each_of_60_alterations_is_named(app: Flask) -> None:
    with unit_of_work(SYSTEM) as unit:
        for number in range(30):
            unit.audit("test.done", Database(), number=number, words=["á", None, 1.5], nested={"b": 1, "a": True})
    submit_case()
    db.session.remove()
    with db.engine.connect() as connection:
        anchors = [
            Anchored("then", row["id"], row["position"], row["mac"].hex())
            for row in rows(connection)
            if row["position"] % 10 == 0
        ]
        head = connection.execute(HEAD.select()).one()
        anchors.append(Anchored("now", head.event_id, head.position, head.mac.hex()))
        assert head.position > 30
        assert faults(connection, anchors) == []
        connection.rollback()
        unseen = [done for done in altered(connection, 60) if not faults(connection, anchors)]
        assert unseen == []
        assert faults(connection, anchors) == []


def test_the_database_refuses_to_change_delete_or_replace_an_event(app: Flask) -> None:
    submit_case()
    db.session.remove()
    attempts = [
        "UPDATE audit_event SET actor = 'patient'",
        "UPDATE audit_event SET mac = NULL WHERE id = 1",
        "UPDATE audit_event SET position = position + 1000",
        "DELETE FROM audit_event WHERE id = 1",
        "DELETE FROM audit_head",
    ]
    if db.engine.dialect.name == "sqlite":
        attempts.append("INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event")
    else:
        attempts += ["TRUNCATE audit_event", "TRUNCATE audit_head"]
    with db.engine.connect() as connection:
        for statement in attempts:
            with pytest.raises(DBAPIError, match="audit events are only added"), connection.begin():
                connection.execute(text(statement))
        assert faults(connection, []) == []


def test_events_of_an_earlier_release_are_sealed_once_and_by_command(app: Flask, flask: Run) -> None:
    submit_case()
    before = {"subject_kind": "case", "subject_id": 1, "detail": {"n": 1}, "actor": "patient"}
    with db.session.begin_nested():
        at = db.session.scalars(select(AuditEvent.at)).first()
        old = [{**before, "at": at, "action": "older.event"} for _ in range(BATCH + 1)]
        db.session.execute(insert(AuditEvent), old)
    db.session.commit()
    said = flask("audit", "verify", "--no-anchor")
    assert said.exit_code == 1
    assert f"{BATCH + 1} events are not sealed" in said.output
    assert f"{BATCH + 1} events were sealed" in flask("audit", "seal").output
    assert flask("audit", "verify", "--no-anchor").exit_code == 0
    notes = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "audit.sealed")).all()
    assert [note.detail["count"] for note in notes] == [BATCH, 1]
    with db.engine.connect() as connection:
        places = {row["position"]: row["id"] for row in rows(connection) if row["action"] == "older.event"}
    assert [places[place] for place in sorted(places)] == sorted(places.values())
    assert seal_all(by=SYSTEM) == 0


def test_writers_at_the_same_time_make_one_chain(app: Flask) -> None:
    def write(number: int) -> None:
        with app.app_context():
            for step in range(8):
                with unit_of_work(SYSTEM) as unit:
                    unit.audit("test.done", Database(), number=number, step=step)
            db.session.remove()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    with db.engine.connect() as connection:
        kept = rows(connection)
        assert faults(connection, []) == []
    assert sum(row["action"] == "test.done" for row in kept) == 32
    assert [row["position"] for row in kept] == list(range(1, len(kept) + 1))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_worker_anchors_what_is_new_and_a_cut_is_seen(app: Flask, flask: Run, tmp_path: Path) -> None:
    path = tmp_path / "anchor"
    assert "is the worker running?" in flask("audit", "verify").output
    submit_case()
    anchor_now()
    anchor_now()
    submit_case()
    app.extensions["tasks"][anchor_audit].call_local()
    assert path.stat().st_mode & 0o777 == 0o600
    first, last = anchor.read(path)
    assert flask("audit", "verify").exit_code == 0
    with db.engine.connect() as connection:
        unlock(connection)
        kept = connection.execute(EVENT.select().where(EVENT.c.position == first.position)).one()
        connection.execute(EVENT.delete().where(EVENT.c.position > first.position))
        connection.execute(HEAD.update().values(position=kept.position, event_id=kept.id, mac=kept.mac))
        connection.commit()
    said = flask("audit", "verify")
    assert (said.exit_code, f"Event {last.event_id}, place {last.position}: anchored" in said.output) == (1, True)
    assert flask("audit", "verify", "--no-anchor").exit_code == 0
    logged = tmp_path / "syslog"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    logged.write_text("".join(f"Nov 18 12:00:01 clinic screening-audit: {line}" for line in lines), encoding="utf-8")
    assert flask("audit", "verify", "--anchor", str(logged)).output == said.output
    anchor_now(why=anchor.RESTORED)
    assert flask("audit", "verify").exit_code == 0
    path.write_text("not an anchor\n", encoding="utf-8")
    assert "line 1" in flask("audit", "verify").output


def test_what_is_sealed_is_all_of_an_event() -> None:
    assert {*SEALED, "position", "mac"} == set(EVENT.c.keys())
