"""A database that does not answer, or cannot write: a plain page, nothing said to be saved, nothing typed lost."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, session
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from screening import create_app
from screening.models import db, limits
from screening.questions import PAGES
from screening.sessions import StoredSessions
from tests.conftest import Browser, close, new_browser
from tests.databases import settings_for
from tests.patient.conftest import the_draft
from tests.walk import HttpWalker, page_data, person

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POSTGRES = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def walker(app: Flask, client: Browser) -> HttpWalker:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return HttpWalker(client)


@contextmanager
def on_each_connection(statement: str) -> Iterator[None]:
    """Have every connection that is taken from the pool begin with a statement."""

    def run(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.cursor().execute(statement)

    db.session.remove()
    event.listen(db.engine, "checkout", run)
    yield
    event.remove(db.engine, "checkout", run)


@contextmanager
def held_by_another() -> Iterator[None]:
    """A writer that does not end, in its own connection, and waits that are short for a test."""
    on_sqlite = db.engine.dialect.name == "sqlite"
    with (
        db.engine.connect() as other,
        on_each_connection("PRAGMA busy_timeout = 20" if on_sqlite else "SET lock_timeout = 20"),
    ):
        other.execution_options(write=True)
        other.execute(text("UPDATE draft SET reached = reached"))
        yield
        other.rollback()


def kept(html: str) -> dict[str, str]:
    return {unescape(name): unescape(value) for name, value in _HIDDEN.findall(html)}


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_that_cannot_be_saved_keeps_what_was_typed(walker: HttpWalker, language: str) -> None:
    answers = person(full_name="Robin “Rob” Wells")
    walker.arrive(answers, "contact")
    if language == "es":
        walker.open(walker.post("/screening/contact", {"switch_language": "es"}).request.path)
    typed = page_data(PAGES["contact"], answers)
    with held_by_another():
        refused = walker.post(walker.address, typed)
        reading = walker.client.get("/screening/who")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert f'lang="{language}"' in refused.text
    assert ("Send it again" if language == "en" else "Enviar otra vez") in refused.text
    assert typed.items() <= kept(refused.text).items()
    assert "full_name" not in the_draft().identity
    assert reading.status_code == 200
    again = walker.client.post(walker.address, data=kept(refused.text))
    assert again.status_code == 303
    assert the_draft().identity["full_name"] == "Robin “Rob” Wells"


@SQLITE
def test_a_full_disk_says_so_and_goes_on_when_there_is_room(walker: HttpWalker) -> None:
    walker.arrive(person(), "contact")
    tried = 0
    with on_each_connection("PRAGMA max_page_count = 1"):
        while walker.post("/screening/who", {"completed_by": ["self", "carer"][tried % 2]}).status_code == 303:
            tried += 1
            assert tried < 200, "the disk never was full"
        last = the_draft().answers["completed_by"]
        refused = walker.post("/screening/who", {"completed_by": "staff"})
        assert refused.status_code == 503
        assert kept(refused.text)["completed_by"] == "staff"
        assert walker.client.get("/screening/who").status_code == 200
    assert the_draft().answers["completed_by"] == last
    with on_each_connection("PRAGMA max_page_count = 1000000"):
        assert walker.client.post("/screening/who", data=kept(refused.text)).status_code == 303
    assert the_draft().answers["completed_by"] == "staff"


@SQLITE
def test_a_session_that_cannot_be_read_is_not_replaced(walker: HttpWalker, monkeypatch: pytest.MonkeyPatch) -> None:
    walker.arrive(person(), "contact")
    # Whatever a request writes into a session that was not read is nobody's.
    walker.client.application.before_request_funcs[None].insert(0, lambda: session.update(noted=True))

    def fail(*_given: object) -> None:
        raise OperationalError("SELECT", {}, Exception("disk I/O error"))

    with monkeypatch.context() as patch:
        patch.setattr(StoredSessions, "_retrieve_session_data", fail)
        away = walker.client.get("/screening/who", headers={"Accept-Language": "es"})
        assert away.status_code == 503
        assert 'lang="es"' in away.text and "911" in away.text
        assert "Set-Cookie" not in away.headers
        assert walker.client.get("/static/mark.svg").status_code == 200
    with monkeypatch.context() as patch:
        patch.setattr(StoredSessions, "_upsert_session", fail)
        assert new_browser(walker.client.application).get("/").status_code == 503
    assert walker.client.get("/screening/who").status_code == 200


@POSTGRES
def test_a_statement_without_an_answer_is_given_up(walker: HttpWalker, monkeypatch: pytest.MonkeyPatch) -> None:
    app = walker.client.application

    def slow() -> str:
        return str(db.session.execute(text("SELECT 1 FROM pg_sleep(30)")))

    app.add_url_rule("/slow", view_func=slow)
    monkeypatch.setattr(limits, "ANSWER_SECONDS", 0.2)
    walker.arrive(person(), "contact")
    assert walker.client.get("/slow").status_code == 503
    assert walker.client.get("/screening/who").status_code == 200
    assert db.session.scalar(text("SELECT count(*) FROM pg_sleep(0.4)")) == 1


def test_a_server_that_hangs_is_not_asked_by_each_page_anew(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+psycopg://nobody@127.0.0.1:{silent.getsockname()[1]}/none"
        app = create_app(settings_for(url, tmp_path))
        app.config["PROPAGATE_EXCEPTIONS"] = False
        browser = app.test_client()
        assert [browser.get("/").status_code for _ in range(20)] == [503] * 20
        silent.settimeout(0)
        taken = 0
        try:
            while True:
                silent.accept()[0].close()
                taken += 1
        except BlockingIOError:
            pass
        assert 1 <= taken <= 4
        with app.app_context():
            close(app)
