"""How long staff stay signed in: until they do nothing for a while, and never longer than a shift.

What the browser fetches by itself (a file's progress, the results of a search) does not count as doing something; a
page that is opened or sent does, and so does the word of a page that somebody types or moves on (account.stay).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from flask import request, session
from flask_security import current_user
from flask_security.utils import logout_user

from screening import clock
from screening.browsers import UNKNOWN, browser_named
from screening.clinic import STAFF_IDLE_MAX, current_clinic
from screening.crypto import cipher
from screening.models import User
from screening.sessions import others_of, renew_session

LONGEST = timedelta(hours=12)
WARNED_BEFORE = timedelta(minutes=2)
"""How long before the end the page says so."""
EVERY = 30
"""Seconds. A session is written no more often than this only to note that it is in use."""
SIGNED_IN, ACTIVE = "signed_in", "active"
"""When this session began and when something was done last, in whole seconds."""
BROWSER = "browser"
"""Which browser it is, in words."""
ENDED, LATE = "signed_out", "late_page"
"""That the last session ended by itself, for the sign-in page to say so; a page that came too late."""
LATE_BYTES_MAX = 64 * 1024


@dataclass(frozen=True)
class Stay:
    """Where somebody is signed in."""

    browser: str
    since: datetime
    active: datetime
    here: bool


def begin_stay() -> None:
    session[SIGNED_IN] = session[ACTIVE] = _now()
    session[BROWSER] = browser_named(request.user_agent.string)


def seconds_left(held: Mapping[str, Any] | None = None) -> int:
    """How long this session, or one that holds `held`, lasts if nothing is done."""
    held = session if held is None else held
    if SIGNED_IN not in held:
        return 0
    idle = min(current_clinic().staff_idle_minutes, STAFF_IDLE_MAX) * 60
    end = held[SIGNED_IN] + int(LONGEST.total_seconds())
    return int(min(held[ACTIVE] + idle, end) - _now())


def stays() -> list[Stay]:
    """Where this account is signed in: here, then those in use last."""
    elsewhere = [_stay(held) for held in others_of(current_user.fs_uniquifier) if seconds_left(held) > 0]
    return [_stay(session, here=True), *sorted(elsewhere, key=lambda stay: stay.active, reverse=True)]


def _stay(held: Mapping[str, Any], *, here: bool = False) -> Stay:
    since, active = (datetime.fromtimestamp(held[name], UTC) for name in (SIGNED_IN, ACTIVE))
    return Stay(held.get(BROWSER, UNKNOWN), since, active, here)


def note_activity() -> None:
    if _now() - session[ACTIVE] >= EVERY:
        session[ACTIVE] = _now()


def is_background() -> bool:
    """Whether a script asked, and nobody opened or sent a page."""
    return request.headers.get("Sec-Fetch-Dest") == "empty"


def end_stay(*, keep_page: bool) -> bool:
    """Sign out. `keep_page`: what was sent is kept for its author, who sees it after signing in. Whether it was."""
    late = _sent_page(current_user.id) if keep_page else None
    logout_user()
    session.clear()
    session[ENDED] = True
    if late is not None:
        session[LATE] = late
    renew_session()
    return late is not None


def late_page(user: User) -> dict[str, Any] | None:
    """What this person sent when their session was over: `path`, and `fields` as (name, text). None if nothing."""
    if LATE not in session:
        return None
    page = cast(dict[str, Any], json.loads(cipher().decrypt(session[LATE])))
    return page if page["user"] == user.id else None


def forget_late_page() -> None:
    session.pop(LATE, None)


def _sent_page(user_id: int) -> bytes | None:
    fields = [(name, text) for name, text in request.form.items(multi=True) if name != "csrf_token"]
    if not any(text.strip() for _name, text in fields):
        return None
    page = json.dumps({"user": user_id, "path": request.path, "fields": fields}).encode()
    return cipher().encrypt(page) if len(page) <= LATE_BYTES_MAX else None


def _now() -> int:
    return int(clock.now().timestamp())
