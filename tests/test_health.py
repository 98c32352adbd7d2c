"""Signs of health: what a supervisor, a load balancer and an alarm ask."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from screening import clock
from screening.jobs import say_at_work
from screening.models import WebSession, WorkerBeat, db
from screening.queries.health import NO_DATABASE, NO_WORKER, NOT_MIGRATED
from tests.conftest import Browser


def reasons(client: Browser) -> list[str]:
    answer = client.get("/readyz")
    assert answer.json is not None
    found: list[str] = answer.json["reasons"]
    assert answer.status_code == (503 if found else 200)
    return found


def test_it_is_ready_while_a_worker_beats_on_a_migrated_database(app: Flask, client: Browser) -> None:
    assert reasons(client) == [NO_WORKER]
    app.extensions["tasks"][say_at_work].call_local()
    assert reasons(client) == []
    later = clock.now() + timedelta(minutes=4)
    with clock.fixed_at(later):
        assert reasons(client) == [NO_WORKER]
        app.extensions["tasks"][say_at_work].call_local()
    assert db.session.scalar(select(WorkerBeat.beat_at)) == later

    db.session.execute(text("UPDATE alembic_version SET version_num = 'of a later release'"))
    assert reasons(client) == []
    db.session.execute(text("UPDATE alembic_version SET version_num = '0005'"))
    assert reasons(client) == [NOT_MIGRATED]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_process_serves_without_a_database_and_says_what_is_not_ready(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise OperationalError("SELECT", {}, Exception("password of the database"))

    monkeypatch.setattr(db.engine, "connect", gone)
    assert client.get("/healthz").json == {"status": "ok"}
    assert reasons(client) == [NO_DATABASE]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_asking_for_health_makes_no_session(client: Browser) -> None:
    for address in ("/healthz", "/readyz"):
        answer = client.get(address)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
    assert db.session.scalar(select(func.count()).select_from(WebSession)) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_folder_is_listed_and_no_request_is_sent_back(client: Browser) -> None:
    assert client.get("/static/build/").status_code == 404
    assert client.open("/", method="TRACE").status_code == 405
