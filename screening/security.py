"""Response headers that keep pages private, and the refusal to run a demo as the real thing."""

from __future__ import annotations

from flask import Flask, Response, abort, after_this_request, request
from flask_talisman import Talisman
from sqlalchemy import inspect, select

from screening.config import ConfigError, Settings
from screening.models import User, db

CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def init_security_headers(app: Flask, settings: Settings) -> None:
    Talisman(
        app,
        force_https=False,
        strict_transport_security=settings.secure_cookies,
        session_cookie_secure=settings.secure_cookies,
        content_security_policy=CONTENT_SECURITY_POLICY,
        content_security_policy_nonce_in=["script-src"],
        referrer_policy="same-origin",
        permissions_policy={"geolocation": "()", "camera": "()", "microphone": "()"},
    )

    @app.before_request
    def refuse_nul() -> None:
        # PostgreSQL takes no NUL in a text, so looking one up would fail there. No address of ours has one.
        if "\x00" in request.path or any("\x00" in part for pair in request.args.items(multi=True) for part in pair):
            abort(404)

    @app.after_request
    def keep_nothing(response: Response) -> Response:
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def clear_browser() -> None:
    """Have the browser let go of pages that it may still hold, at the end of this request.

    Not of its cookies, by which tablets and devices are known; what it stores beside them is a switch and nobody's.
    """

    @after_this_request
    def clear(response: Response) -> Response:
        response.headers["Clear-Site-Data"] = '"cache"'
        return response


def refuse_demo_in_production(app: Flask, settings: Settings) -> None:
    """Raises ConfigError if production would serve a database that holds demo accounts."""
    if settings.mode != "production":
        return
    with app.app_context():
        if inspect(db.engine).has_table(User.__tablename__) and db.session.scalar(
            select(User.id).where(User.demo).limit(1)
        ):
            raise ConfigError("This database holds demo accounts. Production needs a database of its own.")
