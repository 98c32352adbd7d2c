"""The screening application: create_app() and nothing else."""

from __future__ import annotations

import os
from datetime import timedelta

import pysqlite3
from flask import Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from screening.auth import init_auth
from screening.cli import init_cli
from screening.config import ROOT, Settings, load_settings
from screening.crypto import init_crypto
from screening.errors import init_errors
from screening.frontend import Pages, init_frontend
from screening.instruments import init_instruments
from screening.jobs import init_jobs
from screening.language import init_language
from screening.metrics import init_metrics
from screening.models import db
from screening.models.base import prepare_sqlite
from screening.models.limits import POOL_SECONDS, POSTGRES_OPTIONS, limit_waiting
from screening.request_ids import init_request_ids
from screening.rulebook import init_rules
from screening.sealing import init_sealing
from screening.security import init_security_headers, refuse_demo_in_production
from screening.sessions import init_sessions
from screening.views import init_views

MAX_POST_BYTES = 256 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """The application for one clinic. Raises ConfigError or rules.RuleError rather than start unfit."""
    settings = settings or load_settings(os.environ)
    app = Flask(__name__, template_folder=str(ROOT / "templates"))
    app.jinja_environment = Pages
    app.extensions["settings"] = settings
    app.config.from_mapping(_flask_config(settings))
    if settings.trusted_proxies:
        # Without it the sign-in limit takes all of a clinic for one address.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0)  # type: ignore[method-assign]

    init_request_ids(app, settings)
    init_crypto(app, settings.field_keys, settings.index_key)
    init_sealing(app, settings)
    db.init_app(app)
    with app.app_context():
        (prepare_sqlite if settings.uses_sqlite else limit_waiting)(db.engine)
    Migrate(app, db, directory=str(ROOT / "screening" / "migrations"), render_as_batch=settings.uses_sqlite)
    init_sessions(app)
    # Before the form tokens: the page that says that one is worn out has scripts too.
    init_security_headers(app, settings)
    CSRFProtect(app)
    init_language(app)
    init_frontend(app, settings)
    init_errors(app)
    init_rules(app, settings)
    init_instruments(app, settings)
    init_auth(app, settings)
    init_views(app)
    init_metrics(app, settings)
    init_jobs(app, settings)
    init_cli(app)
    refuse_demo_in_production(app, settings)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    engine = {"module": pysqlite3, "pool_timeout": POOL_SECONDS} if settings.uses_sqlite else POSTGRES_OPTIONS
    return {
        "TESTING": settings.mode == "test",
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": MAX_POST_BYTES,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine,
        "SESSION_COOKIE_NAME": "__Host-session" if settings.secure_cookies else "session",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "WTF_CSRF_TIME_LIMIT": None,
    }
