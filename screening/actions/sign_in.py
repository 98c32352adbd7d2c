"""Guesses at an account: how many are looked at, and where from. See docs/adr/0009.

A browser where the account signed in before is known, and has counters of its own: whatever others try elsewhere, its
owner gets in there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from screening.actions.attempts import ADDRESS, Limit, forget_aimed_at, network, one_try
from screening.actions.unit import Actor
from screening.models import User

ACCOUNT, DEVICE = "account", "device"
LONGEST = timedelta(days=14)
"""For as long failures are counted."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

PASSWORD_LIMITS = (
    Limit((ACCOUNT, ADDRESS), 10, HOUR),
    Limit((ACCOUNT, ADDRESS), 20, DAY),
    Limit((ACCOUNT,), 60, DAY),
    Limit((ACCOUNT,), 90, LONGEST),
    Limit((ADDRESS,), 60, HOUR),
)
"""From browsers that are not known. Those from everywhere stay below a hundred."""
CODE_LIMITS = (Limit((ACCOUNT,), 10, HOUR), Limit((ACCOUNT,), 20, DAY), Limit((ACCOUNT,), 60, LONGEST))
"""Of those who have the password: three of a million codes are right at a moment."""
KNOWN_LIMITS = (
    Limit((ACCOUNT, DEVICE), 10, HOUR),
    Limit((ACCOUNT, DEVICE), 30, DAY),
    Limit((ACCOUNT, DEVICE), 60, LONGEST),
)
STRANGER = Actor("stranger")
"""Somebody who has not signed in yet."""
PASSWORD, CODE = "sign-in", "sign-in code"
UNKNOWN_LIMITS = {PASSWORD: PASSWORD_LIMITS, CODE: CODE_LIMITS}


@dataclass(frozen=True)
class Where:
    """Where somebody signs in from."""

    address: str | None
    device: str | None
    """The mark of a browser where this account signed in before."""


@contextmanager
def guess(*, purpose: str, user: User | None, typed: str, where: Where, by: Actor) -> Iterator[None]:
    """Look at one guess in the block, and raise attempts.Refused there if it is wrong.

    `typed` is the e-mail address, which counts where no account has it: both are limited alike. Raises TooMany.
    """
    parts = {
        ACCOUNT: _account(user) if user else f"typed:{typed.strip().casefold()}",
        ADDRESS: network(where.address),
        DEVICE: where.device or "",
    }
    limits = KNOWN_LIMITS if where.device else UNKNOWN_LIMITS[purpose]
    with one_try(purpose=purpose, parts=parts, limits=limits, by=by, about=user):
        yield


def forget_guesses(user: User) -> None:
    """Let an account that others guessed at be tried from anywhere again. Call it in a unit of work."""
    for purpose in UNKNOWN_LIMITS:
        forget_aimed_at(purpose=purpose, by=(ACCOUNT,), parts={ACCOUNT: _account(user)})


def _account(user: User) -> str:
    return f"user:{user.id}"
