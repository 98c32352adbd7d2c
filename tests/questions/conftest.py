"""A small application without a database: the rules, the languages and the templates that question pages need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from flask import Flask, g
from werkzeug.datastructures import MultiDict

import rules
from screening.clinic import Clinic
from screening.config import ROOT
from screening.forms import QuestionForm, page_form
from screening.frontend import init_frontend
from screening.language import init_language
from screening.questions import PAGES, QUESTIONS
from screening.rulebook import Rulebook
from tests.databases import settings_for

Sent = Mapping[str, Any]
Send = Callable[..., QuestionForm]


@pytest.fixture(scope="session")
def ruleset() -> rules.RuleSet:
    return rules.load()


@pytest.fixture(scope="session")
def small_app(ruleset: rules.RuleSet, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    app = Flask("screening", template_folder=str(ROOT / "templates"))
    app.config["SECRET_KEY"] = "only for tests"
    init_language(app)
    init_frontend(app, settings_for("sqlite://", tmp_path_factory.mktemp("instance")))
    app.jinja_env.globals.update(csp_nonce=lambda: "", csrf_token=lambda: "", asset=lambda name: name)
    app.jinja_env.globals.update(page_mark=lambda page: "")
    app.extensions["rulebook"] = book = Rulebook()
    book.keep(ruleset)
    return app


@pytest.fixture
def in_app(small_app: Flask, ruleset: rules.RuleSet) -> Iterator[None]:
    with small_app.test_request_context("/"):
        g.clinic, g.rules_in_force = Clinic(), ruleset.sha256
        yield


@pytest.fixture
def send(small_app: Flask, ruleset: rules.RuleSet) -> Iterator[Send]:
    """Post values for one question, or for all of a page, and get the validated form back."""
    contexts = []

    def post(
        question_id: str, sent: Sent | list[Any], *, page: bool = False, stored: Sent | None = None
    ) -> QuestionForm:
        data = sent if isinstance(sent, Mapping) else {question_id: sent}
        context = small_app.test_request_context("/", method="POST", data=MultiDict(data))
        context.push()
        contexts.append(context)
        g.clinic, g.rules_in_force = Clinic(), ruleset.sha256
        home = next(p for p in PAGES.values() if QUESTIONS[question_id] in p.questions)
        form = page_form(home, home.questions if page else (QUESTIONS[question_id],), stored or {})
        form.validate_on_submit()
        return form

    yield post
    for context in reversed(contexts):
        context.pop()
