"""Staff accounts: made, changed, ended. Who signed in is noted here too."""

from __future__ import annotations

import secrets
import unicodedata
import uuid

from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password
from sqlalchemy import func, select

from screening.access import Role
from screening.actions.unit import Actor, unit_of_work
from screening.models import Role as RoleRow
from screening.models import User, db

PASSWORD_LENGTH_MIN = 15
ONE_TIME_PASSWORD_BYTES = 15


class AccountError(ValueError):
    """The change is not allowed. The message is for the admin."""


def one_time_password() -> str:
    """A random password for somebody else, good for one sign-in."""
    return secrets.token_urlsafe(ONE_TIME_PASSWORD_BYTES)


def add_user(
    *,
    email: str,
    full_name: str,
    password: str,
    role: Role,
    by: Actor,
    one_time: bool = False,
    demo: bool = False,
) -> User:
    """Open an account. Raises AccountError for an e-mail address that is wrong or in use, or a short password."""
    address, hashed = _address(email), _hashed(password)
    with unit_of_work(by) as unit:
        if db.session.scalar(select(User.id).where(func.lower(User.email) == address)):
            raise AccountError("There is an account with this e-mail address.")
        user = User(
            email=address,
            full_name=full_name,
            password=hashed,
            must_change_password=one_time,
            active=True,
            demo=demo,
            fs_uniquifier=uuid.uuid4().hex,
            create_datetime=unit.now,
            roles=[_role_row(role)],
        )
        db.session.add(user)
        unit.audit("account.added", user, role=role.value)
    return user


def change_role(*, user_id: int, role: Role, by: Actor) -> None:
    """Give an account another role. Raises AccountError for the last admin."""
    with unit_of_work(by) as unit:
        admins = _admins_in_use()
        user = unit.lock(User, user_id)
        if role is not Role.ADMIN:
            _refuse_last_admin(user, admins)
        user.roles = [_role_row(role)]
        unit.audit("account.role_changed", user, role=role.value)


def end_account(*, user_id: int, by: Actor) -> None:
    """End an account and, with it, its sessions. Raises AccountError for the last admin."""
    with unit_of_work(by) as unit:
        admins = _admins_in_use()
        user = unit.lock(User, user_id)
        _refuse_last_admin(user, admins)
        user.active = False
        _end_sessions(user)
        unit.audit("account.ended", user)


def renew_password(*, user_id: int, by: Actor) -> str:
    """A new one-time password for an account whose owner lost theirs. Its sessions end."""
    password = one_time_password()
    _set_password(user_id, password, one_time=True, action="account.password_renewed", by=by)
    return password


def change_password(*, user_id: int, password: str, by: Actor) -> User:
    """An owner's own new password. All sessions of the account end: sign in again in the one that asked."""
    return _set_password(user_id, password, one_time=False, action="account.password_changed", by=by)


def note_sign_in(*, user_id: int, by: Actor) -> None:
    with unit_of_work(by) as unit:
        user = unit.lock(User, user_id)
        user.last_login_at = unit.now
        unit.audit("account.signed_in", user)


def _set_password(user_id: int, password: str, *, one_time: bool, action: str, by: Actor) -> User:
    hashed = _hashed(password)
    with unit_of_work(by) as unit:
        user = unit.lock(User, user_id)
        user.password = hashed
        user.must_change_password = one_time
        _end_sessions(user)
        unit.audit(action, user)
    return user


def _address(email: str) -> str:
    try:
        return validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError as fault:
        raise AccountError("Enter an e-mail address, such as name@clinic.org.") from fault


def _hashed(password: str) -> str:
    """Normalised as a sign-in normalises what was typed, so that the same characters always match."""
    if len(password) < PASSWORD_LENGTH_MIN:
        raise AccountError(f"The password must have {PASSWORD_LENGTH_MIN} characters or more.")
    return hash_password(unicodedata.normalize("NFKD", password))


def _end_sessions(user: User) -> None:
    user.fs_uniquifier = uuid.uuid4().hex


def _role_row(role: Role) -> RoleRow:
    row = db.session.scalar(select(RoleRow).where(RoleRow.name == role.value))
    return row or RoleRow(name=role.value)


def _admins_in_use() -> set[int]:
    """The ids of all admins in use, held in one order, so that two who end each other do not both succeed."""
    admins = select(User.id).join(User.roles).where(User.active, RoleRow.name == Role.ADMIN.value).order_by(User.id)
    db.session.execute(admins.with_for_update(of=User)).all()
    # Read again: what was waited for may have changed the roles, which the lock does not cover.
    return set(db.session.scalars(admins))


def _refuse_last_admin(user: User, admins: set[int]) -> None:
    if admins == {user.id}:
        raise AccountError("This is the last admin. Add another admin first.")
