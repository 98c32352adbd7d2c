"""Staff accounts: made, changed, ended. Who signed in is noted here too."""

from __future__ import annotations

import secrets
import unicodedata
import uuid
from collections.abc import Sequence
from datetime import timedelta

from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password
from sqlalchemy import func, select

from screening import clock
from screening.access import Role
from screening.actions.sign_in import forget_guesses
from screening.actions.unit import Actor, unit_of_work
from screening.clinic import stored_clinic
from screening.models import Role as RoleRow
from screening.models import User, db
from screening.passwords import fault_of

ONE_TIME_PASSWORD_BYTES = 16
ONE_TIME_LASTS = timedelta(days=7)
"""Long enough to hand it over in a week of shifts."""


class AccountError(ValueError):
    """The change is not allowed. The message is for the admin."""


def one_time_password() -> str:
    """A random password for somebody else, good for one sign-in within ONE_TIME_LASTS."""
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
    totp_secret: str | None = None,
) -> User:
    """Open an account, with the key of an authenticator app if it has one from the start, as in the demo.

    Raises AccountError for an e-mail address that is wrong or in use, or a password that may not be used.
    """
    address = _address(email)
    hashed = _hashed(password, address, full_name)
    with unit_of_work(by) as unit:
        if db.session.scalar(select(User.id).where(func.lower(User.email) == address)):
            raise AccountError("There is an account with this e-mail address.")
        user = User(
            email=address,
            full_name=full_name,
            password=hashed,
            must_change_password=one_time,
            one_time_until=unit.now + ONE_TIME_LASTS if one_time else None,
            active=True,
            demo=demo,
            tf_totp_secret=totp_secret,
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
        end_sessions(user)
        unit.audit("account.ended", user)


def renew_password(*, user_id: int, by: Actor) -> str:
    """A new one-time password for an account whose owner lost theirs. Its sessions end."""
    password = one_time_password()
    _set_password(user_id, password, one_time=True, action="account.password_renewed", by=by)
    return password


def change_password(*, user_id: int, password: str, by: Actor) -> User:
    """An owner's own new password. All sessions of the account end: sign in again in the one that asked."""
    return _set_password(user_id, password, one_time=False, action="account.password_changed", by=by)


def end_other_sessions(*, user_id: int, by: Actor) -> User:
    """An owner signs out everywhere else. All sessions end: sign in again in the one that asked."""
    with unit_of_work(by) as unit:
        user = unit.lock(User, user_id)
        end_sessions(user)
        unit.audit("account.other_sessions_ended", user)
    return user


def find(email: str) -> User | None:
    """The account of an e-mail address, ended or not."""
    try:
        address = _address(email.strip())
    except AccountError:
        return None
    return db.session.scalar(select(User).where(func.lower(User.email) == address))


def is_password(user: User, typed: str) -> bool:
    return bool(user.verify_and_update_password(_normal(typed)))


def has_run_out(user: User) -> bool:
    """Whether the password of an account is a one-time password that nobody used in time."""
    until = user.one_time_until
    return user.must_change_password and until is not None and clock.now() >= until


def keep_hash(*, user_id: int, hashed: str, by: Actor) -> None:
    """The same password, hashed as hashes are made now."""
    with unit_of_work(by) as unit:
        user = unit.lock(User, user_id)
        user.password = hashed
        unit.audit("account.password_rehashed", user)


def note_sign_in(*, user_id: int, via: Sequence[str], by: Actor) -> None:
    """Keep when and how somebody signed in: "password", "code", "passkey"."""
    with unit_of_work(by) as unit:
        user = unit.lock(User, user_id)
        user.last_login_at = unit.now
        unit.audit("account.signed_in", user, via=list(via))


def end_sessions(user: User) -> None:
    """Sign an account out everywhere. Call it in a unit of work."""
    user.fs_uniquifier = uuid.uuid4().hex


def _set_password(user_id: int, password: str, *, one_time: bool, action: str, by: Actor) -> User:
    owner = db.session.get_one(User, user_id)
    hashed = _hashed(password, owner.email, owner.full_name)
    with unit_of_work(by) as unit:
        user = unit.lock(User, user_id)
        user.password = hashed
        user.must_change_password = one_time
        user.one_time_until = unit.now + ONE_TIME_LASTS if one_time else None
        end_sessions(user)
        forget_guesses(user)
        unit.audit(action, user)
    return user


def _address(email: str) -> str:
    try:
        return validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError as fault:
        raise AccountError("Enter an e-mail address, such as name@clinic.org.") from fault


def _normal(password: str) -> str:
    """As a sign-in normalises what was typed, so that the same characters always match."""
    return unicodedata.normalize("NFKD", password)


def _hashed(password: str, *known: str) -> str:
    normal = _normal(password)
    if fault := fault_of(normal, [stored_clinic().name, *known]):
        raise AccountError(fault)
    return hash_password(normal)


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
