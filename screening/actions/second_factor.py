"""The second factor of an account: set up by its owner, spent at each sign-in, taken away by an admin."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import delete, func, select

from screening import second_factor
from screening.actions.accounts import AccountError, end_sessions
from screening.actions.attempts import Refused
from screening.actions.sign_in import CODE, Where, guess
from screening.actions.unit import Actor, Unit, unit_of_work
from screening.crypto import cipher
from screening.models import Passkey, RecoveryCode, StaffMail, User, db

RESET_MAIL = "second_factor_reset"


class ResetReason(StrEnum):
    LOST = "lost"
    BROKEN = "broken"
    LEFT_BEHIND = "left_behind"
    STOLEN = "stolen"

    @property
    def words(self) -> str:
        return {
            ResetReason.LOST: "The phone or key is lost",
            ResetReason.BROKEN: "It is broken, or the app was deleted",
            ResetReason.LEFT_BEHIND: "There is a new phone, and the old one is gone",
            ResetReason.STOLEN: "Somebody else may have it",
        }[self]


def set_up(*, user_id: int, secret: str, typed: str, by: Actor) -> list[str]:
    """Take a key for the account once its owner has typed a code of it. The recovery codes, which are not kept.

    All sessions of the account end: sign in again in the one that asked. Raises attempts.Refused if the code is wrong.
    """
    codes = second_factor.new_recovery_codes()
    with unit_of_work(by) as unit:
        user = unit.lock(User, user_id)
        counter = second_factor.counter_of(secret, typed, unit.now)
        if counter is None:
            raise Refused
        user.tf_totp_secret, user.totp_last_counter = secret, counter
        _keep_codes(user, codes)
        end_sessions(user)
        unit.audit("account.second_factor_set", user)
    return codes


def renew_codes(*, user_id: int, by: Actor) -> list[str]:
    """New recovery codes in place of all old ones."""
    codes = second_factor.new_recovery_codes()
    with unit_of_work(by) as unit:
        user = unit.lock(User, user_id)
        _keep_codes(user, codes)
        unit.audit("account.recovery_codes_renewed", user)
    return codes


def spend_code(*, user: User, typed: str, where: Where, by: Actor) -> None:
    """Use up a code of the app, or a recovery code. Raises attempts.Refused, or attempts.TooMany.

    Each is good for once: of two who send the same one at the same time, one is refused.
    """
    user_id = user.id
    with guess(purpose=CODE, user=user, typed=user.email, where=where, by=by), unit_of_work(by) as unit:
        held = unit.lock(User, user_id)
        if not (_spend_app_code(unit, held, typed) or _spend_recovery_code(unit, held, typed)):
            raise Refused


def codes_left(user_id: int) -> int:
    return db.session.scalar(select(func.count()).where(RecoveryCode.user_id == user_id)) or 0


def reset(*, user_id: int, reason: str, by: Actor) -> None:
    """Take the second factor and the passkeys of an account away, and end its sessions. Its owner is told by e-mail.

    Raises AccountError for one's own account.
    """
    if by.user_id == user_id:
        raise AccountError("Nobody takes away their own second factor. Ask another admin.")
    with unit_of_work(by) as unit:
        user = unit.lock(User, user_id)
        user.tf_totp_secret = user.totp_last_counter = None
        for table in (RecoveryCode, Passkey):
            db.session.execute(delete(table).where(table.user_id == user.id))
        end_sessions(user)
        db.session.add(StaffMail(kind=RESET_MAIL, user_id=user.id, due_at=unit.now, attempts=0))
        unit.audit("account.second_factor_reset", user, reason=reason)


def _spend_app_code(unit: Unit, user: User, typed: str) -> bool:
    counter = second_factor.counter_of(user.tf_totp_secret, typed, unit.now) if user.tf_totp_secret else None
    if counter is None or counter <= (user.totp_last_counter or 0):
        return False
    user.totp_last_counter = counter
    return True


def _spend_recovery_code(unit: Unit, user: User, typed: str) -> bool:
    plain = second_factor.plain_recovery_code(typed)
    if plain is None:
        return False
    used = delete(RecoveryCode).where(RecoveryCode.user_id == user.id, RecoveryCode.code_hash == _hash(user, plain))
    if db.session.connection().execute(used).rowcount != 1:
        return False
    unit.audit("account.recovery_code_used", user, left=codes_left(user.id))
    return True


def _keep_codes(user: User, codes: list[str]) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    plain = [second_factor.plain_recovery_code(code) or "" for code in codes]
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=_hash(user, code)) for code in plain)


def _hash(user: User, plain: str) -> bytes:
    return cipher().token("recovery code", f"{user.id}:{plain}")
