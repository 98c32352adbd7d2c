"""A member of staff's own account: where their work begins, and their password. Signing in is Flask-Security's."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user, login_user

from screening.access import Permission, requires
from screening.actions import accounts
from screening.auth import actor
from screening.staff_forms import PasswordForm, error_list
from screening.staff_pages import home_endpoint

bp = Blueprint("account", __name__, url_prefix="/staff")


@bp.get("/")
@requires(Permission.USE_OWN_ACCOUNT)
def home() -> ResponseReturnValue:
    return redirect(url_for(home_endpoint()))


@bp.route("/password", methods=["GET", "POST"])
@requires(Permission.USE_OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if not form.validate_on_submit():
        return render_template("security/change_password.html", form=form, errors=error_list(form))
    user = accounts.change_password(user_id=current_user.id, password=form.new_password.data, by=actor())
    # The change ended every session of the account, this one included.
    login_user(user, authn_via=["change"])
    flash("Your password is changed.")
    return redirect(url_for("account.home"))
