"""Five thousand hostile requests: no answer is a failure of ours, and what was accepted reads back the same."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from screening import errors
from screening.access import Role
from screening.models import Draft, db
from tests.conftest import Browser, SignIn, new_browser
from tests.factories import EMERGENCY, start_form, submit_case
from tests.fuzzing import (
    FORM,
    PAGES_ASKED,
    Shot,
    encoded,
    hostile_address,
    known_rules,
    other_post,
    page_post,
    post_rules,
    reads_back,
)

POSTS, OTHERS, ADDRESSES = 800, 600, 1800
"""Addresses on each kind of database, posts on one."""
BUTTONS = {"stop", "switch_language"}
FORM_LASTS = 100
PRINTS = ("entry.blank_form", "front_desk.print_summary", "invitations.print_sheet", "patient.copy", "physician.print")
"""Prints take long, and are asked for by nothing but an address."""
ENDS = ("security.logout", "static")
SAYS_SO = ("health.readyz",)
"""Answers 503 where it should."""

failures: list[tuple[Shot, str]] = []


@pytest.fixture(autouse=True)
def no_failures() -> Iterator[None]:
    failures.clear()
    yield
    assert not failures, failures


@pytest.fixture
def one_error_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of a refusal is the same whatever was asked for, and takes most of the time of asking."""
    monkeypatch.setattr(errors, "render_template", lambda *_given, **_named: "refused")


@pytest.fixture
def browsers(app: Flask, sign_in: SignIn) -> list[Browser]:
    return [new_browser(app), *(sign_in(role) for role in (Role.FRONT_DESK, Role.PHYSICIAN, Role.ADMIN))]


@pytest.fixture
def ids(app: Flask) -> dict[str, Any]:
    app.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    case = submit_case(name="Ana Whitfield", **EMERGENCY)
    return {"reference": case.reference, "alert_id": 1, "user_id": 3, "draft_id": case.draft_id, "page_id": "contact"}


def shoot(browser: Browser, shot: Shot) -> TestResponse:
    """The answer, noted where it is a failure of ours."""
    path, _, query = shot.path.partition(b"?")
    answer = browser.open(
        "/" + path.decode("latin-1").lstrip("/"),
        method=shot.method,
        data=shot.body,
        content_type=shot.content_type if shot.body is not None else None,
        query_string=query.decode("latin-1"),
        environ_overrides={"REMOTE_ADDR": f"10.{random.randrange(250)}.0.1"},  # noqa: S311
    )
    if answer.status_code >= 500:
        failures.append((shot, answer.status))
    return answer


def drafts(browser: Browser) -> Iterator[int]:
    """Forms that are open in the browser, each for a while."""
    while True:
        draft_id = start_form(name="Robin Wells").id
        for _ in range(FORM_LASTS):
            with browser.session_transaction() as session:
                if session.get("draft_id") != draft_id:
                    session["draft_id"] = draft_id
            yield draft_id


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_posts_of_pages_are_refused_kindly_or_stored_as_sent(app: Flask, ids: dict[str, Any]) -> None:
    chance = random.Random(7)  # noqa: S311 - the same requests every time
    browser, accepted = new_browser(app), 0
    for _, draft_id in zip(range(POSTS), drafts(browser), strict=False):
        page = chance.choice(PAGES_ASKED)
        sent, shot = page_post(chance, page)
        before = _draft(draft_id).last_activity_at
        shoot(browser, shot)
        draft = _draft(draft_id)
        if (
            draft.last_activity_at > before
            and shot.content_type == FORM
            and shot.body == encoded(sent)
            and not BUTTONS & sent.keys()
        ):
            wrong = reads_back(page, sent, {**draft.answers, **draft.identity})
            assert not wrong, (page.id, wrong, [(sent[name], draft.answers.get(name)) for name in wrong])
            accepted += 1
    assert accepted > POSTS / 10


def _draft(draft_id: int) -> Draft:
    return db.session.get_one(Draft, draft_id)


@pytest.mark.usefixtures("one_error_page")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_other_post_fails(app: Flask, ids: dict[str, Any], browsers: list[Browser]) -> None:
    chance = random.Random(7)  # noqa: S311 - the same requests every time
    names = sorted({*re.findall(r'name="([^"{]+)"', _forms(browsers, ids)), "email", "text", "code", "case"})
    posts = post_rules(app, (*PRINTS, *ENDS, *SAYS_SO))
    for _ in range(OTHERS):
        shoot(chance.choice(browsers), other_post(chance, chance.choice(posts), names, ids))


@pytest.mark.usefixtures("one_error_page")
def test_no_address_fails(app: Flask, ids: dict[str, Any], sign_in: SignIn) -> None:
    chance = random.Random(app.extensions["settings"].uses_sqlite)  # noqa: S311 - the same requests every time
    nobody, staff = new_browser(app), sign_in(Role.MEDICAL_LEAD)
    known = known_rules(app, (*PRINTS, *ENDS, *SAYS_SO))
    for _ in range(ADDRESSES):
        shoot(chance.choice((nobody, nobody, nobody, staff)), hostile_address(chance, known, ids))


def _forms(browsers: list[Browser], ids: dict[str, Any]) -> str:
    case = ids["reference"]
    staff = ("clinic", "accounts", "invitations", "tablets", "exports", "rules", f"queue/{case}", f"cases/{case}")
    pages = ("/", "/come-back", "/staff/sign-in", *(f"/staff/{page}" for page in staff))
    return "".join(browser.get(page).text for browser in browsers for page in pages)
