"""The second factor: asked for at each sign-in, set up by its owner, with recovery codes for when it is not at hand."""

from __future__ import annotations

import base64
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user, login_user

from screening import clock, second_factor
from screening.access import Permission, public, requires
from screening.actions import second_factor as actions
from screening.actions.attempts import Refused, TooMany
from screening.actions.sign_in import STRANGER
from screening.auth import actor
from screening.clinic import current_clinic
from screening.crypto import cipher
from screening.models import User, db
from screening.sign_in_form import NOT_YOURS, PENDING, TOO_MANY, gives_password, pending_user, say_too_many, where_from
from screening.staff_forms import CodeForm, SetUpForm, error_list
from screening.views.passkeys import account_page

bp = Blueprint("second_factor", __name__, url_prefix="/staff")

NEW_SECRET = "new_totp_secret"  # noqa: S105 - the name of a place in the session
WRONG = "The code is not right, or was used before. Wait for the next one, and check the time on your phone."


@bp.route("/sign-in/code", methods=["GET", "POST"])
@public
def enter() -> ResponseReturnValue:
    user, form = pending_user(), CodeForm()
    if user is None:
        return render_template("security/too_late.html"), 410
    if form.validate_on_submit() and _spend(user, form.code, by=STRANGER):
        came_for = session[PENDING]["next"]
        login_user(user, authn_via=["password", "code"])
        if second_factor.plain_recovery_code(form.code.data):
            left = actions.codes_left(user.id)
            flash(f"You have {left} recovery codes left. Make new ones, or set up a new phone, under My account.")
        return redirect(came_for or url_for("account.home"))
    shown = {"form": form, "errors": error_list(form), "demo_code": _demo_code(user)}
    return render_template("security/enter_code.html", **shown)


@bp.route("/second-factor", methods=["GET", "POST"])
@requires(Permission.USE_OWN_ACCOUNT)
def set_up() -> ResponseReturnValue:
    """Set it up, or move it to another phone. All other sessions of the account end."""
    secret, form = _new_secret(), SetUpForm()
    if form.validate_on_submit() and _is_own(form):
        try:
            codes = actions.set_up(user_id=current_user.id, secret=secret, typed=form.code.data, by=actor())
        except Refused:
            form.code.errors = [WRONG]
        else:
            session.pop(NEW_SECRET, None)
            login_user(db.session.get_one(User, current_user.id))
            return _show_codes(codes)
    return render_template(
        "security/set_up.html",
        form=form,
        errors=error_list(form),
        proof=_proof(),
        key=second_factor.key_in_fours(secret),
        image=second_factor.qr_image(secret, current_user.email, current_clinic().name),
        demo_code=second_factor.code_at(secret, clock.now()) if _is_demo() else None,
    )


@bp.post("/second-factor/recovery-codes")
@requires(Permission.USE_OWN_ACCOUNT)
def renew_codes() -> ResponseReturnValue:
    form = CodeForm()
    if not second_factor.is_set(current_user):
        return redirect(url_for("second_factor.set_up"))
    if form.validate() and _spend(current_user, form.code, by=actor()):
        return _show_codes(actions.renew_codes(user_id=current_user.id, by=actor()))
    return render_template("security/account.html", **account_page(form=form)), 422


def _proof() -> str | None:
    """How somebody shows that this is their account: by the "code" of the present phone, by the "password", or not
    again where they have just signed in to set it up."""
    if second_factor.is_set(current_user):
        return "code"
    return None if second_factor.is_due(current_user) else "password"


def _is_own(form: SetUpForm) -> bool:
    """Whether they showed it. If not, the form says so."""
    proof = _proof()
    if proof == "code":
        return _spend(current_user, form.present_code, by=actor())
    if proof == "password" and not gives_password(current_user, form.own_password.data or ""):
        form.own_password.errors = [NOT_YOURS]
    return not form.own_password.errors


def _spend(user: User, field: Any, *, by: Any) -> bool:
    """Use up the code in a field. If it is not right, the field says so."""
    try:
        actions.spend_code(user=user, typed=field.data or "", where=where_from(user), by=by)
    except Refused:
        field.errors = [WRONG]
    except TooMany:
        field.errors = [TOO_MANY]
        say_too_many()
    return not field.errors


def _new_secret() -> str:
    """The key that is being set up: the same until it is confirmed, kept encrypted in the session."""
    if NEW_SECRET not in session:
        session[NEW_SECRET] = base64.b64encode(cipher().encrypt(second_factor.new_secret().encode())).decode()
    return cipher().decrypt(base64.b64decode(session[NEW_SECRET])).decode()


def _show_codes(codes: list[str]) -> str:
    return render_template("security/recovery_codes.html", codes=codes)


def _is_demo() -> bool:
    return bool(current_app.extensions["settings"].demo)


def _demo_code(user: User) -> str | None:
    """What a newcomer to the demo has no app for."""
    if not (_is_demo() and user.demo and user.tf_totp_secret):
        return None
    return second_factor.code_at(user.tf_totp_secret, clock.now())
