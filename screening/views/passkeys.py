"""Passkeys: a key on the device signs in, in place of password and code. They need scripts; all else works without."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import webauthn
from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user, login_user
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from screening import clock, second_factor, staff_visit
from screening.access import Permission, public, requires
from screening.actions import passkeys as actions
from screening.actions.attempts import Refused
from screening.actions.passkeys import Ceremony
from screening.actions.second_factor import codes_left
from screening.actions.sign_in import STRANGER
from screening.actions.unit import Missing
from screening.auth import actor
from screening.clinic import current_clinic
from screening.config import Settings
from screening.crypto import cipher
from screening.sign_in_form import NOT_YOURS, gives_password, own_page
from screening.staff_forms import CodeForm, ElsewhereForm, PasskeyForm, error_list

bp = Blueprint("passkeys", __name__, url_prefix="/staff")

ASKED = "passkey_challenge"
SECONDS = 300
NOT_TAKEN = "The passkey was not taken. Try again, or use another device."
CHECKS_OWNER = UserVerificationRequirement.REQUIRED


@bp.post("/passkeys/options")
@requires(Permission.USE_OWN_ACCOUNT)
def new_options() -> ResponseReturnValue:
    asked, held = _ask(), actions.of(current_user.id)
    options = webauthn.generate_registration_options(
        rp_id=asked.site,
        rp_name=current_clinic().name,
        user_id=cipher().token("passkey owner", str(current_user.id)),
        user_name=current_user.email,
        user_display_name=current_user.full_name,
        challenge=asked.challenge,
        supported_pub_key_algs=list(actions.ALGORITHMS),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=CHECKS_OWNER
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in held],
    )
    return json.loads(webauthn.options_to_json(options))  # type: ignore[no-any-return]


@bp.post("/passkeys")
@requires(Permission.USE_OWN_ACCOUNT)
def add() -> ResponseReturnValue:
    form = PasskeyForm()
    if second_factor.is_due(current_user):
        return redirect(url_for("second_factor.set_up"))
    if form.validate() and _add(form):
        flash("The passkey is added.")
        return redirect(url_for("account.own"))
    return render_template("security/account.html", **account_page(passkey_form=form)), 422


@bp.post("/passkeys/<int(max=2147483647):passkey_id>/remove")
@requires(Permission.USE_OWN_ACCOUNT)
def remove(passkey_id: int) -> ResponseReturnValue:
    try:
        actions.remove(user_id=current_user.id, passkey_id=passkey_id, by=actor())
    except Missing:
        abort(404)
    flash("The passkey is removed. Delete it on its device too.")
    return redirect(url_for("account.own"))


@bp.post("/sign-in/passkey/options")
@public
def sign_in_options() -> ResponseReturnValue:
    asked = _ask()
    options = webauthn.generate_authentication_options(
        rp_id=asked.site, challenge=asked.challenge, user_verification=CHECKS_OWNER
    )
    return json.loads(webauthn.options_to_json(options))  # type: ignore[no-any-return]


@bp.post("/sign-in/passkey")
@public
def sign_in() -> ResponseReturnValue:
    try:
        user = actions.sign_in(answer=request.form.get("credential", ""), ceremony=_asked(), by=STRANGER)
    except Refused:
        return render_template("security/passkey_refused.html"), 422
    login_user(user, authn_via=["passkey"])
    return redirect(own_page(request.form.get("next")) or url_for("account.home"))


def account_page(**forms: Any) -> dict[str, Any]:
    """What the page of one's own account shows, with the form that was filled in wrongly."""
    blank = {"form": CodeForm, "passkey_form": PasskeyForm, "elsewhere_form": ElsewhereForm}
    shown = {**{name: form(formdata=None) for name, form in blank.items()}, **forms}
    errors = [fault for form in shown.values() for fault in error_list(form)]
    keys = actions.of(current_user.id)
    held = {"passkeys": keys, "codes_left": codes_left(current_user.id), "stays": staff_visit.stays()}
    return {**shown, "errors": errors, **held}


def _add(form: PasskeyForm) -> bool:
    """Keep the passkey of a form. If it is refused, the form says why."""
    # A screen that somebody left must not give others a key for later.
    if not gives_password(current_user, form.passkey_password.data):
        form.passkey_password.errors = [NOT_YOURS]
        return False
    try:
        ceremony, answer = _asked(), form.credential.data
        actions.add(user_id=current_user.id, name=form.name.data, answer=answer, ceremony=ceremony, by=actor())
    except Refused:
        form.name.errors = [NOT_TAKEN]
        return False
    return True


def _ask() -> Ceremony:
    """Something new to sign, good for one answer within some minutes."""
    challenge = webauthn.helpers.generate_challenge()
    session[ASKED] = {"challenge": challenge.hex(), "at": int(clock.now().timestamp())}
    return _ceremony(challenge)


def _asked() -> Ceremony:
    asked = session.pop(ASKED, None)
    if asked is None or clock.now().timestamp() - asked["at"] > SECONDS:
        raise Refused
    return _ceremony(bytes.fromhex(asked["challenge"]))


def _ceremony(challenge: bytes) -> Ceremony:
    settings: Settings = current_app.extensions["settings"]
    origin = settings.base_url if settings.secure_cookies else request.host_url.rstrip("/")
    return Ceremony(challenge=challenge, site=urlsplit(origin).hostname or "", origin=origin)
