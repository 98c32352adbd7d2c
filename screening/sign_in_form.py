"""Signing in with a password: what is typed, how often it is looked at, and what comes after it."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask import Response, after_this_request, redirect, request, session, url_for
from flask.typing import ResponseValue
from flask_security import LoginForm, UserMixin
from flask_security.tf_plugin import TfPlugin

from screening import clock, second_factor
from screening.actions import accounts
from screening.actions.attempts import Refused, TooMany
from screening.actions.sign_in import PASSWORD, STRANGER, Where, guess
from screening.devices import known_device
from screening.models import User, db

PENDING = "second_factor"
"""Who has given the password and not yet the code, in the session: `user` (fs_uniquifier), `at` (seconds), `next`."""
PENDING_SECONDS = 600
TOO_MANY = (
    "There were too many wrong tries. Wait an hour, or sign in on a device where you did so before. "
    "An admin can make you a new password."
)

RUN_OUT = "This one-time password was not used in time. Ask an admin for a new one."
NOT_YOURS = "The password is not right, or was wrong too often."


def own_page(address: str | None) -> str:
    """An address of this site to go on to, as it came; empty for any other.

    Browsers leave out control characters and take a backslash for a slash: with either it may be another site's.
    """
    path = address or ""
    odd = any(mark == "\\" or unicodedata.category(mark) == "Cc" for mark in path)
    return path if path.startswith("/") and not path.startswith("//") and not odd else ""


def where_from(user: User | None) -> Where:
    return Where(request.remote_addr, known_device(user))


def say_too_many() -> None:
    @after_this_request
    def mark(response: Response) -> Response:
        response.status_code = 429
        return response


def gives_password(user: User, typed: str) -> bool:
    """Whether somebody who is signed in typed their own password. Guesses count as at the sign-in."""
    try:
        with guess(purpose=PASSWORD, user=user, typed=user.email, where=where_from(user), by=STRANGER):
            if not accounts.is_password(user, typed):
                raise Refused
    except (Refused, TooMany):
        return False
    return True


class SignInForm(LoginForm):
    """E-mail and password, and no way to stay signed in: screens at a front desk are shared."""

    remember = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.next.data = own_page(self.next.data)

    def validate(self, **kwargs: Any) -> bool:
        """Looked up here, as accounts are opened: no other way to write an address is another account to guess at."""
        typed = self.email.data or ""
        self.ifield, self.user = self.email, accounts.find(typed)
        stored = self.user.password if self.user else None
        try:
            with guess(purpose=PASSWORD, user=self.user, typed=typed, where=where_from(self.user), by=STRANGER):
                if not super().validate(**kwargs):
                    raise Refused
                if self.user and accounts.has_run_out(self.user):
                    self.form_errors.append(RUN_OUT)
                    raise Refused
                hashed = self.user.password if self.user else None
        except Refused:
            return False
        except TooMany:
            self.form_errors.append(TOO_MANY)
            say_too_many()
            return False
        if self.user and hashed and hashed != stored:
            accounts.keep_hash(user_id=self.user.id, hashed=hashed, by=STRANGER)
        return True


class SecondFactor(TfPlugin):
    """What Flask-Security asks once a password was right."""

    def tf_enter(
        self, user: UserMixin, remember_me: bool | None, primary_authn_via: str, next_loc: str | None
    ) -> ResponseValue | None:
        """Off to the page that asks for the code; None where there is no second factor yet."""
        if not isinstance(user, User) or not second_factor.is_set(user):
            return None
        session[PENDING] = {"user": user.fs_uniquifier, "at": int(clock.now().timestamp()), "next": own_page(next_loc)}
        return redirect(url_for("second_factor.enter"))


def pending_user() -> User | None:
    """Who has given the password and is to give the code."""
    pending = session.get(PENDING)
    if not pending or clock.now().timestamp() - pending["at"] > PENDING_SECONDS:
        return None
    return db.session.query(User).filter_by(fs_uniquifier=pending["user"], active=True).one_or_none()
