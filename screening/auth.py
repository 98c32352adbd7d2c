"""Who is signed in. Flask-Security keeps passwords and sign-in; accounts are changed in actions/accounts.py alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import user_logged_out
from flask_security import Security, SQLAlchemyUserDatastore, current_user, uia_email_mapper
from flask_security import user_authenticated as signed_in
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from screening import second_factor, staff_visit
from screening.access import Permission, public, requires
from screening.actions.accounts import note_sign_in
from screening.actions.unit import Actor
from screening.config import Settings
from screening.devices import init_devices, remember_device
from screening.models import Role, User, db
from screening.passwords import LENGTH_MIN
from screening.security import clear_browser
from screening.sessions import renew_session
from screening.sign_in_form import PENDING, SecondFactor, SignInForm

# Put together once: every request of staff says it.
_SIGNED_IN = select(User).options(joinedload(User.roles)).where(User.fs_uniquifier == bindparam("fs_uniquifier"))


class Users(SQLAlchemyUserDatastore):
    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> User | None:
        if wanted.keys() != {"fs_uniquifier"}:
            return cast(User | None, super().find_user(case_insensitive, **wanted))
        return db.session.scalar(_SIGNED_IN, wanted)


user_datastore = Users(db, User, Role)

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
    "PASSWORD_LENGTH_MIN": LENGTH_MIN,
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


def init_auth(app: Flask, settings: Settings) -> None:
    app.config.from_mapping({f"SECURITY_{name}": value for name, value in SECURITY_SETTINGS.items()})
    app.config["SECURITY_PASSWORD_SALT"] = settings.password_salt
    app.config.setdefault("SIGN_INS_A_MINUTE", SIGN_INS_A_MINUTE)
    security = Security(app, user_datastore, login_form=SignInForm)
    security.two_factor_plugins = SecondFactor()
    init_devices(app, settings)
    # Flask-Security would also take a token in a header or an address as a sign-in.
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    app.login_manager.unauthorized_handler(_to_sign_in)  # type: ignore[attr-defined]
    _mark_views(app)
    app.before_request(_only_while_in_use)
    app.before_request(_own_account_first)
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
    return redirect(url_for("security.login", next=_came_for()))


def _came_for() -> str | None:
    """The page to come back to: the one that was asked for, or the one that something was sent from."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    before = urlsplit(request.referrer or "")
    return before.path if before.netloc == request.host else None


def _permission() -> Permission | None:
    """What the view that was asked for needs."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "required_permission", None)


def _only_while_in_use() -> ResponseReturnValue | None:
    """End a session that was left, or that lasted long enough; what was sent to a page meanwhile is kept."""
    permission = _permission()
    if permission is None or not current_user.is_authenticated:
        return None
    background = staff_visit.is_background()
    if staff_visit.seconds_left() > 0:
        if not background:
            staff_visit.note_activity()
            if request.method == "POST":
                staff_visit.forget_late_page()
        return None
    if background:
        # The page that asks may hold something typed, which its form token still sends.
        return _to_sign_in()
    sent = request.method == "POST" and permission is not Permission.USE_OWN_ACCOUNT
    if staff_visit.end_stay(keep_page=sent):
        return redirect(url_for("security.login", next=url_for("account.late_page")), 303)
    return _to_sign_in()


def _own_account_first() -> ResponseReturnValue | None:
    """Without a second factor of its own, or with a password that somebody else knows, an account opens nothing but
    the page that changes that."""
    if _permission() in (None, Permission.USE_OWN_ACCOUNT) or not current_user.is_authenticated:
        return None
    if second_factor.is_due(current_user):
        return redirect(url_for("second_factor.set_up"))
    if current_user.must_change_password:
        return redirect(url_for("account.change_password"))
    return None


def _begin_session(_app: Flask, user: User, authn_via: list[str] | None = None, **_details: Any) -> None:
    """A new session id and a new form token: whoever knew the old ones can do nothing with them."""
    for left_over in ("csrf_token", PENDING, staff_visit.ENDED):
        session.pop(left_over, None)
    g.pop("csrf_token", None)
    renew_session()
    if authn_via:
        staff_visit.begin_stay()
        remember_device(user)
        note_sign_in(user_id=user.id, via=authn_via, by=Actor("staff", user_id=user.id, name=user.full_name))


def _end_session(_app: Flask, **_details: Any) -> None:
    session.clear()
    clear_browser()
