"""What tests stand on: the application on a fresh migrated database, on SQLite and on PostgreSQL."""

from __future__ import annotations

import functools
import gc
import re
from collections.abc import Callable, Iterator
from contextvars import copy_context
from datetime import UTC, datetime
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from flask import Flask
from flask.globals import _cv_app
from flask.testing import FlaskClient
from flask_security import login_user
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import select
from sqlalchemy.engine.default import DefaultDialect
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

import rules
from screening import clock, create_app
from screening.access import Role
from screening.actions import accounts
from screening.actions.unit import SYSTEM
from screening.models import User, db
from screening.second_factor import REQUIRED_OF, code_at
from screening.views import front_desk
from tests.databases import PostgresTemplate, SqliteTemplate, settings_for

PASSWORD = "correct horse battery staple"
NOON = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)
"""Wednesday noon in the default clinic's time zone: the clinic is open."""

QUICK_HASH = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}
"""Passwords of tests guard nothing, and a strong hash takes half a second."""

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""Of every authenticator app in tests."""
SIGN_IN = "/staff/sign-in"
SIGN_IN_CODE = "/staff/sign-in/code"
SET_UP = "/staff/second-factor"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')

SignIn = Callable[..., "Browser"]


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded by now stays to the end: a twentieth of the time went to looking through it for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class Browser(FlaskClient):
    """A client whose requests share nothing with the test but the database: no `g`, no signed-in user.

    What the test has written is committed before each request, and read anew after it.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if _cv_app.get(None) is None:
            return super().open(*args, **kwargs)
        db.session.commit()
        response = copy_context().run(self._open_apart, *args, **kwargs)
        db.session.expire_all()
        return response

    def _open_apart(self, *args: Any, **kwargs: Any) -> TestResponse:
        _cv_app.set(None)  # type: ignore[arg-type]
        # A page that is streamed needs this context to its end.
        return super().open(*args, **{"buffered": True, **kwargs})

    def token(self, page: str) -> str:
        """The form token on a page."""
        response = self.get(page, follow_redirects=True)
        found = _TOKEN.search(response.text)
        assert found, f"no form on {page}: {response.status}"
        return unescape(found.group(1))

    def send(self, url: str, data: dict[str, Any] | None = None, *, page: str | None = None) -> TestResponse:
        """POST as a person would: with the form token of `page` (the same address if not given)."""
        return self.post(url, data={"csrf_token": self.token(page or url), **(data or {})})


@pytest.fixture(scope="session", autouse=True)
def _rules_loaded_once() -> Iterator[None]:
    """The rule set never changes, and its checks at start take a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "load", functools.cache(rules.load))
        yield


@pytest.fixture(scope="session", autouse=True)
def _addresses_compiled_once() -> Iterator[None]:
    """Werkzeug compiles the builders of every address for each application: three quarters of the time to make one."""
    compile_builder = Rule._compile_builder
    compiled: dict[Any, Callable[..., tuple[str, str]]] = {}

    def once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (rule.rule, tuple(rule._trace), tuple((rule.defaults or {}).items()), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _pages_wait_for_prints() -> Iterator[None]:
    """Whether a print takes more than a second is a matter of how busy the machine is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(front_desk, "PATIENCE", 60.0)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    return SqliteTemplate(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresTemplate]:
    template = PostgresTemplate(tmp_path_factory.mktemp("postgresql"))
    yield template
    template.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh migrated database. For one kind alone: parametrize("database_url", ["sqlite"], indirect=True)."""
    kind = "sqlite_template" if request.param == "sqlite" else "postgres_template"
    template: SqliteTemplate | PostgresTemplate = request.getfixturevalue(kind)
    with template.fresh(tmp_path) as url:
        yield url


class CompiledTemplates(BytecodeCache):
    """In memory, by what a template is called and says."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._held.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._held[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session")
def compiled_templates() -> BytecodeCache:
    """Templates are compiled once for all tests, not once for each application."""
    return CompiledTemplates()


@pytest.fixture(scope="session")
def compiled_statements() -> Iterator[dict[Any, Any]]:
    """Statements are put into words once for each kind of database, not once for each application."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DefaultDialect, "__eq__", lambda self, other: type(self) is type(other), raising=False)
        patch.setattr(DefaultDialect, "__hash__", lambda self: hash(type(self)))
        yield {}


@pytest.fixture
def app(
    database_url: str, tmp_path: Path, compiled_templates: BytecodeCache, compiled_statements: dict[Any, Any]
) -> Iterator[Flask]:
    """The application, with its context pushed so that a test can use actions, queries and the session."""
    app = create_app(settings_for(database_url, tmp_path))
    app.test_client_class = Browser
    app.jinja_env.bytecode_cache = compiled_templates
    app.extensions["security"].pwd_context.update(**QUICK_HASH)
    with app.app_context():
        db.engine.update_execution_options(compiled_cache=compiled_statements)
        yield app
        close(app)


def close(app: Flask) -> None:
    """Let go of every database connection of the application, whose context must be pushed."""
    db.session.remove()
    db.engine.dispose()
    app.extensions["queue"].storage.close()


@pytest.fixture
def client(app: Flask) -> Browser:
    """A browser that nobody has signed in on."""
    return new_browser(app)


def new_browser(app: Flask) -> Browser:
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser


@pytest.fixture
def add_staff(app: Flask) -> Callable[[Role], User]:
    """An account for a role, with PASSWORD; the e-mail address is <role>@clinic.example."""

    def add(role: Role) -> User:
        return accounts.add_user(
            email=f"{role.value}@clinic.example",
            full_name=f"Sam {role.title}",
            password=PASSWORD,
            role=role,
            totp_secret=SECRET if role in REQUIRED_OF else None,
            by=SYSTEM,
        )

    return add


def let_in(browser: Browser, user: User) -> None:
    """What signing in leaves in a new browser, without its pages: those have tests of their own."""
    user_id = user.id
    db.session.commit()
    copy_context().run(_let_in_apart, browser, user_id)


def _let_in_apart(browser: Browser, user_id: int) -> None:
    app = browser.application
    _cv_app.set(None)  # type: ignore[arg-type]
    with app.test_request_context(SIGN_IN, environ_base=browser.environ_base):
        user = db.session.get_one(User, user_id)
        login_user(user, authn_via=["password", "code"] if user.tf_totp_secret else ["password"])
        response = app.process_response(app.response_class())
    for name, cookie in SimpleCookie("; ".join(response.headers.getlist("Set-Cookie"))).items():
        browser.set_cookie(name, cookie.value)


def enter(browser: Browser, email: str, password: str = PASSWORD) -> None:
    """Sign in, with the code too where the account is asked for one."""
    token = browser.token(SIGN_IN)
    answer = browser.post(SIGN_IN, data={"csrf_token": token, "email": email, "password": password})
    if answer.location == SIGN_IN_CODE:
        answer = browser.post(SIGN_IN_CODE, data={"csrf_token": token, "code": fresh_code(email)})
    assert answer.status_code == 302, answer.text


def fresh_code(email: str) -> str:
    """A code that the account has not used: clocks of tests stand still, so that it is the same again and again."""
    db.session.commit()
    db.session.connection(execution_options={"write": True})
    user = db.session.scalars(select(User).where(User.email == email)).one()
    user.totp_last_counter = None
    secret = user.tf_totp_secret or ""
    db.session.commit()
    return code_at(secret, clock.now())


def sign_in_another(app: Flask, role: Role, *, email: str, full_name: str) -> Browser:
    """A browser where one more new account has signed in."""
    user = accounts.add_user(
        email=email,
        full_name=full_name,
        password=PASSWORD,
        role=role,
        totp_secret=SECRET if role in REQUIRED_OF else None,
        by=SYSTEM,
    )
    browser = new_browser(app)
    let_in(browser, user)
    return browser


def set_up_app(browser: Browser) -> tuple[str, list[str]]:
    """Set up an authenticator app on the page for it. Gives its key and the recovery codes."""
    found = re.search(r'app-key">([A-Z2-7 ]+)<', browser.get(SET_UP).text)
    assert found
    secret = found[1].replace(" ", "")
    answer = browser.send(SET_UP, {"code": code_at(secret, clock.now()), "own_password": PASSWORD})
    codes = re.findall(r'app-key">([A-Z2-9-]{29})<', answer.text)
    assert codes, answer.text
    return secret, codes


@pytest.fixture
def sign_in(app: Flask, add_staff: Callable[[Role], User]) -> SignIn:
    """sign_in(role) gives a browser of its own where a new account of that role has signed in."""

    def as_role(role: Role) -> Browser:
        user = add_staff(role)
        browser = new_browser(app)
        let_in(browser, user)
        return browser

    return as_role


@pytest.fixture
def noon() -> Iterator[datetime]:
    """Let it be NOON in this test and in the requests that it makes."""
    with clock.fixed_at(NOON):
        yield NOON
