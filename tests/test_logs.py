"""Logs: one JSON object a line, with the request's number, and nothing that a person said or typed."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from screening import create_app, jobs
from screening.access import Role
from screening.actions import clinic as clinic_settings
from screening.actions import drafts
from screening.actions.unit import SYSTEM
from screening.jobs import tell_staff
from screening.models import Case, db
from screening.request_ids import HEADER
from tests.conftest import PASSWORD, SIGN_IN, SignIn, new_browser
from tests.databases import settings_for
from tests.test_metrics import free_ports
from tests.walk import HttpWalker, person

NAME, EMAIL, PHONE = "Zebulon Quist", "zebulon@quist.example", "555-010-7781"
WORDS = "the neighbour brings marmalade"
REASON = "her foot drop is old news"
CONTACT = "oncall-pager@clinic.example"
GUESS = "hunter-two-and-twenty"
UNSAID = (*NAME.split(), EMAIL, PHONE, "010-7781", "marmalade", "foot drop", CONTACT, GUESS, PASSWORD, "new_or_worse")

ANSWERS = person(full_name=NAME, email=EMAIL, phone=PHONE, anything_else=WORDS, rf_saddle="new_or_worse_2w")


def fail_with(*_: object, **values: Any) -> None:
    raise ValueError(f"{NAME} said {values} {WORDS}")


def a_form_is_filled_in(app: Flask, patch: pytest.MonkeyPatch) -> str:
    """Wrong code first, and a page that fails with all that was typed in its exception. Returns its request's id."""
    browser = new_browser(app)
    walker = HttpWalker(browser)
    walker.start(ANSWERS)
    walker.until("contact", ANSWERS)
    with patch.context() as broken:
        for action in ("save_page", "save_identity"):
            broken.setattr(drafts, action, fail_with)
        answer = walker.post(walker.address, {"full_name": NAME, "email": EMAIL, "phone": PHONE})
        assert answer.status_code == 500
    walker.until("done", ANSWERS)
    stranger = new_browser(app)
    stranger.send("/come-back", {"code": walker.code[:-1] + "X", "date_of_birth-year": "1981"})
    return str(answer.headers[HEADER])


def staff_work(app: Flask, sign_in: SignIn) -> None:
    new_browser(app).send(SIGN_IN, {"email": "robin@clinic.example", "password": GUESS})
    desk, physician = sign_in(Role.FRONT_DESK), sign_in(Role.PHYSICIAN)
    assert desk.send("/staff/cases/search", {"text": NAME}, page="/staff/cases").status_code == 302
    assert NAME in desk.get("/staff/cases/search").text
    address = f"/staff/queue/{db.session.scalars(select(Case.reference)).one()}"
    assert NAME in physician.get(address).text
    assert desk.get(address).status_code == 403
    sent = {"kind": "call_patient", "reason": REASON, "last_seen": 0}
    assert physician.send(f"{address}/decision", sent, page=address).status_code == 302


def the_worker_fails(app: Flask, patch: pytest.MonkeyPatch) -> None:
    """Mail that nobody takes, and a job that falls over somebody's words."""
    clinic_settings.save_settings(values={"escalation": [CONTACT]}, by=SYSTEM)
    url = f"smtp://{EMAIL}:{GUESS}@127.0.0.1:{free_ports(1)[0]}"
    app.extensions["settings"] = replace(app.extensions["settings"], smtp_url=url)
    queue = app.extensions["queue"]
    queue.execute(app.extensions["tasks"][tell_staff].s("of-the-form"))
    patch.setattr(jobs, "deliver_due", fail_with)
    queue.execute(app.extensions["tasks"][tell_staff].s())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_that_a_person_said_or_typed_is_logged(
    capfd: pytest.CaptureFixture[str], app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(logging.getLogger(), "level", logging.INFO)
    failed = a_form_is_filled_in(app, monkeypatch)
    staff_work(app, sign_in)
    the_worker_fails(app, monkeypatch)
    written = capfd.readouterr()
    lines = [json.loads(line) for line in written.err.splitlines()]
    said = {line["event"]: line for line in lines}
    assert said["page failed"]["request_id"] == failed
    assert said["message not delivered"] == {
        **said["message not delivered"],
        "request_id": "of-the-form",
        "job": "tell_staff",
        "level": "warning",
    }
    (fault,) = [line for line in lines if line["event"].startswith("Unhandled exception")]
    assert fault["exception"][-1] == "builtins.ValueError"
    assert any(event.startswith("refused physician.case to user ") for event in said)
    assert written.out == ""
    assert [word for word in UNSAID if word.lower() in written.err.lower()] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_number_is_taken_from_a_trusted_proxy_alone_and_carried_to_the_worker(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    given = {HEADER: "f00d-0123456789"}
    assert app.test_client().get("/healthz", headers=given).headers[HEADER] != given[HEADER]
    behind = create_app(replace(settings_for(database_url, tmp_path), trusted_proxies=1))
    client = behind.test_client()
    assert client.get("/healthz", headers=given).headers[HEADER] == given[HEADER]
    for unfit in ("short", "Zebulon Quist, 44", "x" * 65):
        assert client.get("/healthz", headers={HEADER: unfit}).headers[HEADER] != unfit
