"""Codes of an authenticator app (TOTP), and who must have one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import segno
from passlib.exc import MalformedTokenError, TokenError
from passlib.pwd import genword
from passlib.totp import TOTP

from screening.access import Role, roles_of
from screening.clinic import current_clinic
from screening.models import User

REQUIRED_OF = frozenset({Role.PHYSICIAN, Role.MEDICAL_LEAD, Role.ADMIN})
DIGITS = 6
SKEW_SECONDS = 30
"""How far a phone's clock may be off, either way: one period."""
RECOVERY_CODES = 8
RECOVERY_LENGTH = 24
RECOVERY_MARKS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Five bits each: 120 bits a code, so that a keyed hash is enough to store. No 0, 1, I or O."""
QR_SCALE = 5


def is_set(user: User) -> bool:
    return user.tf_totp_secret is not None


def is_due(user: User) -> bool:
    """Whether the account must set one up before it opens anything else."""
    roles = roles_of(user)
    required = any(role in REQUIRED_OF for role in roles) or (
        Role.FRONT_DESK in roles and current_clinic().desk_second_factor
    )
    return required and not is_set(user)


def new_secret() -> str:
    """A key for an authenticator app: 160 random bits in base32."""
    return cast(str, TOTP.new().base32_key)


def code_at(secret: str, moment: datetime) -> str:
    """The code that the app shows at a moment."""
    return cast(str, TOTP(key=secret).generate(moment).token)


def counter_of(secret: str, typed: str, moment: datetime) -> int | None:
    """Which period a typed code belongs to; None if it is no code of about this moment."""
    try:
        return cast(int, TOTP(key=secret).match(typed, moment, window=SKEW_SECONDS).counter)
    except (TokenError, MalformedTokenError):
        return None


def key_in_fours(secret: str) -> str:
    """The key as it is typed by hand."""
    return _in_fours(secret, " ")


def qr_image(secret: str, email: str, clinic: str) -> str:
    """What an authenticator app scans, as a data: address of an SVG."""
    # Colons separate the parts of the label.
    uri = TOTP(key=secret).to_uri(label=email, issuer=clinic.replace(":", " "))
    return cast(str, cast(Any, segno.make(uri, micro=False)).svg_data_uri(scale=QR_SCALE, border=4, light="#fff"))


def new_recovery_codes() -> list[str]:
    codes = genword(length=RECOVERY_LENGTH, chars=RECOVERY_MARKS, returns=RECOVERY_CODES)
    return [_in_fours(code, "-") for code in codes]


def plain_recovery_code(typed: str) -> str | None:
    """A recovery code as it is hashed; None if what was typed cannot be one."""
    plain = "".join(mark for mark in typed.upper() if mark not in " -")
    fits = len(plain) == RECOVERY_LENGTH and all(mark in RECOVERY_MARKS for mark in plain)
    return plain if fits else None


def _in_fours(text: str, between: str) -> str:
    return between.join(text[start : start + 4] for start in range(0, len(text), 4))
