"""Who is signed in. Flask-Security keeps passwords and sign-in; accounts are changed in actions/accounts.py alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import user_logged_out
from flask_security import (
    LoginForm,
    Security,
    SQLAlchemyUserDatastore,
    current_user,
    uia_email_mapper,
)
from flask_security import user_authenticated as signed_in
from flask_security.utils import validate_redirect_url

from screening.access import Permission, public, requires
from screening.actions.accounts import PASSWORD_LENGTH_MIN, note_sign_in
from screening.actions.unit import Actor
from screening.config import Settings
from screening.models import Role, User, db
from screening.sessions import renew_session

user_datastore = SQLAlchemyUserDatastore(db, User, Role)

SIGN_INS_A_MINUTE = "20 per minute"
"""From one address. A flood of guesses costs a password hash each."""

SECURITY_SETTINGS: dict[str, Any] = {
    "URL_PREFIX": "/staff",
    "LOGIN_URL": "/sign-in",
    "LOGOUT_URL": "/sign-out",
    "LOGOUT_METHODS": ["POST"],
    "POST_LOGIN_VIEW": "/staff/",
    "POST_LOGOUT_VIEW": "/staff/sign-in",
    "STATIC_FOLDER": None,
    "FLASH_MESSAGES": False,
    "RETURN_GENERIC_RESPONSES": True,
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_LENGTH_MIN": PASSWORD_LENGTH_MIN,
    "PASSWORD_NORMALIZE_FORM": "NFKD",
    "USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": uia_email_mapper, "case_insensitive": True}}],
    "MSG_GENERIC_AUTHN_FAILED": (
        "The e-mail address or the password is not right.",
        "error",
    ),
    "FRESHNESS": timedelta(seconds=-1),
    "API_ENABLED_METHODS": ["session"],
    "CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
    "DEFAULT_REMEMBER_ME": False,
    "CLI_USERS_NAME": None,
    "CLI_ROLES_NAME": None,
    "REGISTERABLE": False,
    "RECOVERABLE": False,
    "CONFIRMABLE": False,
    "CHANGEABLE": False,
    "TRACKABLE": False,
    "PASSWORDLESS": False,
    "UNIFIED_SIGNIN": False,
    "WEBAUTHN": False,
    "TWO_FACTOR": False,
}


class SignInForm(LoginForm):
    """E-mail and password, and no way to stay signed in: screens at a front desk are shared."""

    remember = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not validate_redirect_url(self.next.data):
            self.next.data = ""


def init_auth(app: Flask, settings: Settings) -> None:
    app.config.from_mapping({f"SECURITY_{name}": value for name, value in SECURITY_SETTINGS.items()})
    app.config["SECURITY_PASSWORD_SALT"] = settings.password_salt
    app.config.setdefault("SIGN_INS_A_MINUTE", SIGN_INS_A_MINUTE)
    Security(app, user_datastore, login_form=SignInForm)
    # Flask-Security would also take a token in a header or an address as a sign-in.
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    app.login_manager.unauthorized_handler(_to_sign_in)  # type: ignore[attr-defined]
    _mark_views(app)
    app.before_request(_own_password_first)
    signed_in.connect(_begin_session, app)
    user_logged_out.connect(_end_session, app)


def actor() -> Actor:
    """Who is signed in, as the author of what they write."""
    return Actor("staff", user_id=current_user.id, name=current_user.full_name)


def _mark_views(app: Flask) -> None:
    """Flask-Security's own views carry a mark each, as all others do."""
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    flood_limit = limiter.limit(lambda: str(current_app.config["SIGN_INS_A_MINUTE"]), methods=["POST"])
    views: dict[str, Any] = app.view_functions
    views["security.login"] = public(flood_limit(views["security.login"]))
    views["security.logout"] = requires(Permission.USE_OWN_ACCOUNT)(views["security.logout"])


def _to_sign_in() -> ResponseReturnValue:
    came_for = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("security.login", next=came_for))


def _own_password_first() -> ResponseReturnValue | None:
    """A password that somebody else knows opens nothing but the page that changes it."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "required_permission", None) in (None, Permission.USE_OWN_ACCOUNT):
        return None
    if current_user.is_authenticated and current_user.must_change_password:
        return redirect(url_for("account.change_password"))
    return None


def _begin_session(_app: Flask, user: User, authn_via: list[str] | None = None, **_details: Any) -> None:
    """A new session id and a new form token: whoever knew the old ones can do nothing with them."""
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
    renew_session()
    if authn_via == ["password"]:
        note_sign_in(user_id=user.id, by=Actor("staff", user_id=user.id, name=user.full_name))


def _end_session(_app: Flask, **_details: Any) -> None:
    session.clear()
