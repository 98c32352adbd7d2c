"""A member of staff's own account: where their work begins, their password, and how long they stay signed in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user, login_user

from screening import staff_visit
from screening.access import Permission, requires
from screening.actions import accounts
from screening.auth import actor
from screening.sign_in_form import NOT_YOURS, gives_password
from screening.staff_forms import ElsewhereForm, PasswordForm, error_list
from screening.staff_pages import home_endpoint
from screening.views.passkeys import account_page

bp = Blueprint("account", __name__, url_prefix="/staff")


@bp.get("/")
@requires(Permission.USE_OWN_ACCOUNT)
def home() -> ResponseReturnValue:
    return redirect(url_for(home_endpoint()))


@bp.get("/account")
@requires(Permission.USE_OWN_ACCOUNT)
def own() -> ResponseReturnValue:
    return render_template("security/account.html", **account_page())


@bp.post("/account/sign-out-elsewhere")
@requires(Permission.USE_OWN_ACCOUNT)
def sign_out_elsewhere() -> ResponseReturnValue:
    form = ElsewhereForm()
    if form.validate() and not gives_password(current_user, form.elsewhere_password.data):
        form.elsewhere_password.errors = [NOT_YOURS]
    if form.errors:
        return render_template("security/account.html", **account_page(elsewhere_form=form)), 422
    login_user(accounts.end_other_sessions(user_id=current_user.id, by=actor()))
    flash("You are signed out everywhere else.")
    return redirect(url_for("account.own"))


@bp.route("/stay", methods=["GET", "POST"])
@requires(Permission.USE_OWN_ACCOUNT)
def stay() -> ResponseReturnValue:
    """A page asks how long the session lasts; by POST it says that somebody is at work on it."""
    if request.method == "POST":
        staff_visit.note_activity()
    return {"seconds": staff_visit.seconds_left()}


@bp.get("/came-back")
@requires(Permission.USE_OWN_ACCOUNT)
def late_page() -> ResponseReturnValue:
    page = staff_visit.late_page(current_user)
    if page is None:
        return redirect(url_for("account.home"))
    return render_template("security/late_page.html", page=page)


@bp.route("/password", methods=["GET", "POST"])
@requires(Permission.USE_OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if not form.validate_on_submit():
        return render_template("security/change_password.html", form=form, errors=error_list(form))
    try:
        user = accounts.change_password(user_id=current_user.id, password=form.new_password.data, by=actor())
    except accounts.AccountError as fault:
        form.new_password.errors = [str(fault)]
        return render_template("security/change_password.html", form=form, errors=error_list(form))
    # The change ended every session of the account, this one included.
    login_user(user)
    flash("Your password is changed.")
    return redirect(url_for("account.home"))
