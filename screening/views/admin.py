"""Admins: accounts, and the clinic's policy. No patient's data."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from screening import clock
from screening.access import Permission, Role, requires
from screening.actions import accounts as account_actions
from screening.actions import second_factor as second_factor_actions
from screening.actions.clinic import save_settings
from screening.auth import actor
from screening.clinic import WEEKDAYS, current_clinic, with_settings
from screening.clinic_form import ClinicForm, clinic_form
from screening.clinic_preview import preview
from screening.models import User
from screening.queries import admin as queries
from screening.queries.retained import next_night
from screening.staff_forms import AccountForm, ResetFactorForm, RoleForm, error_list

bp = Blueprint("admin", __name__, url_prefix="/staff/admin")

ACCOUNT = "/accounts/<int(max=2147483647):user_id>"


@bp.get("/accounts")
@requires(Permission.MANAGE_ACCOUNTS)
def accounts() -> ResponseReturnValue:
    return render_template("admin/accounts.html", accounts=queries.accounts())


@bp.route("/accounts/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_ACCOUNTS)
def add_account() -> ResponseReturnValue:
    form = AccountForm()
    if not form.validate_on_submit():
        return render_template("admin/add_account.html", form=form, errors=error_list(form))
    password = account_actions.one_time_password()
    try:
        user = account_actions.add_user(
            email=form.email.data,
            full_name=form.full_name.data,
            password=password,
            role=Role(form.role.data),
            one_time=True,
            by=actor(),
        )
    except account_actions.AccountError as fault:
        form.email.errors = [str(fault)]
        return render_template("admin/add_account.html", form=form, errors=error_list(form))
    return render_template("admin/one_time_password.html", user=user, password=password)


@bp.get(ACCOUNT)
@requires(Permission.MANAGE_ACCOUNTS)
def account(user_id: int) -> ResponseReturnValue:
    user = _user(user_id)
    return _show(user, _role_form(user))


@bp.post(f"{ACCOUNT}/role")
@requires(Permission.MANAGE_ACCOUNTS)
def change_role(user_id: int) -> ResponseReturnValue:
    user, form = _user(user_id), RoleForm()
    if not form.validate():
        return _show(user, form)
    try:
        account_actions.change_role(user_id=user_id, role=Role(form.role.data), by=actor())
    except account_actions.AccountError as fault:
        form.role.errors = [str(fault)]
        return _show(_user(user_id), form)
    flash("The role is changed.")
    return redirect(url_for("admin.accounts"))


@bp.post(f"{ACCOUNT}/password")
@requires(Permission.MANAGE_ACCOUNTS)
def renew_password(user_id: int) -> ResponseReturnValue:
    user = _user(user_id)
    password = account_actions.renew_password(user_id=user.id, by=actor())
    return render_template("admin/one_time_password.html", user=_user(user_id), password=password)


@bp.post(f"{ACCOUNT}/second-factor")
@requires(Permission.MANAGE_ACCOUNTS)
def reset_second_factor(user_id: int) -> ResponseReturnValue:
    user, reset = _user(user_id), ResetFactorForm()
    if not reset.validate():
        return _show(user, _role_form(user), reset)
    try:
        second_factor_actions.reset(user_id=user_id, reason=reset.why.data, by=actor())
    except account_actions.AccountError as fault:
        reset.why.errors = [str(fault)]
        return _show(_user(user_id), _role_form(_user(user_id)), reset)
    flash("The second factor is taken away, and the sessions are signed out. The next sign-in sets up a new one.")
    return redirect(url_for("admin.account", user_id=user_id))


@bp.post(f"{ACCOUNT}/end")
@requires(Permission.MANAGE_ACCOUNTS)
def end_account(user_id: int) -> ResponseReturnValue:
    user = _user(user_id)
    try:
        account_actions.end_account(user_id=user.id, by=actor())
    except account_actions.AccountError as fault:
        form = RoleForm(formdata=None, role=Role.ADMIN.value)
        form.form_errors.append(str(fault))
        return _show(_user(user_id), form)
    flash("The account is ended. Its sessions are signed out.")
    return redirect(url_for("admin.accounts"))


@bp.route("/clinic", methods=["GET", "POST"])
@requires(Permission.MANAGE_CLINIC)
def clinic_settings() -> ResponseReturnValue:
    form = clinic_form(current_clinic())
    if not form.validate_on_submit():
        return _show_settings(form)
    changed = save_settings(values=form.settings(), by=actor())
    flash("The settings are saved." if changed else "Nothing was different, so nothing was changed.")
    return redirect(url_for("admin.clinic_settings"))


@bp.post("/clinic/preview")
@requires(Permission.MANAGE_CLINIC)
def preview_settings() -> ResponseReturnValue:
    form = clinic_form(current_clinic())
    if not form.validate():
        return _show_settings(form)
    entered = with_settings(current_clinic(), form.settings())
    now = clock.now()
    return _show_settings(form, entered=entered, preview=preview(entered, now), forgets=next_night(entered, now))


def _show_settings(form: ClinicForm, **more: Any) -> str:
    return render_template("admin/clinic.html", form=form, weekdays=WEEKDAYS, errors=error_list(form), **more)


def _user(user_id: int) -> User:
    user = queries.account(user_id)
    if user is None:
        abort(404)
    return user


def _role_form(user: User) -> RoleForm:
    return RoleForm(formdata=None, role=user.roles[0].name if user.roles else None)


def _show(user: User, form: RoleForm, reset: ResetFactorForm | None = None) -> ResponseReturnValue:
    reset = reset or ResetFactorForm(formdata=None)
    errors = error_list(form) + error_list(reset)
    return render_template(
        "admin/account.html", user=user, form=form, reset=reset, errors=errors
    ), 422 if errors else 200
