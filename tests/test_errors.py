"""Errors are pages too: plain words, the right status, and nothing of what a person typed."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from screening.actions import summaries
from screening.errors import NOT_PRINTED, PAGES
from screening.rendering import NotPrinted
from tests.conftest import Browser
from tests.factories import submit_case

SECRET = "my name is Ruth Abernathy"


@pytest.fixture
def failing(capfd: pytest.CaptureFixture[str], app: Flask) -> Flask:
    """With a page that fails. Output is captured from before the start on, when logs find where to go."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def fail() -> str:
        raise ValueError(SECRET)

    fail.required_permission = None  # type: ignore[attr-defined]
    app.add_url_rule("/fail", view_func=fail)
    return app


def test_an_unknown_page_says_what_to_do_next(client: Browser) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert str(PAGES[404].next_step) in answer.text
    assert 'lang="en"' in answer.text


def test_a_form_without_its_token_is_refused_kindly(client: Browser) -> None:
    answer = client.post("/staff/sign-in", data={"email": "a@clinic.example", "password": "x"})
    assert answer.status_code == 400
    assert "Open the page again" in answer.text


def test_too_much_is_refused(client: Browser) -> None:
    answer = client.post("/staff/sign-in", data={"email": "x" * 1_000_000})
    assert answer.status_code == 413


def test_a_wrong_method_names_the_right_ones(client: Browser) -> None:
    answer = client.delete("/staff/sign-in")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_failure_shows_a_page_and_logs_no_words(failing: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    answer = failing.test_client().get("/fail")
    assert answer.status_code == 500
    assert str(PAGES[500].title) in answer.text
    written = capfd.readouterr()
    assert SECRET not in written.out + written.err
    line = next(json.loads(line) for line in written.err.splitlines() if "page failed" in line)
    assert line["exception"][-1] == "builtins.ValueError"


def test_a_failure_of_the_error_page_still_gives_a_page(failing: Flask) -> None:
    @failing.context_processor
    def database_is_gone() -> dict[str, object]:
        raise OperationalError("SELECT", {}, Exception("gone"))

    answer = failing.test_client().get("/fail")
    assert answer.status_code == 500
    assert "local emergency number" in answer.text


def test_a_print_that_cannot_be_made_is_said_plainly(client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(**_case: object) -> bytes:
        raise NotPrinted("it took too long")

    monkeypatch.setattr(summaries, "patient_copy", give_up)
    case = submit_case()
    with client.session_transaction() as session:
        session["receipt"] = case.id
    answer = client.get("/screening/copy.pdf")
    assert answer.status_code == 503
    assert str(NOT_PRINTED.happened) in answer.text
