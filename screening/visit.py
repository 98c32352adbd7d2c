"""How long a patient's form stays open in one browser: until nothing was pressed for a while, and never too long.

The session says what is open: `invitation_id` before an invited person began, `draft_id` while the form is filled in,
`receipt` once it was sent.
"""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, session

from screening import clock
from screening.clinic import current_clinic
from screening.language import CHOICE, language_now
from screening.security import clear_browser
from screening.sessions import start_over

OPEN = ("draft_id", "receipt", "invitation_id")
BEGUN, SEEN = "begun", "seen"
"""When the form was opened here and when something was pressed last, in whole seconds."""

EVERY = 60
"""Seconds. A session is written no more often than this only to note that it is in use."""

WARNED_BEFORE = timedelta(minutes=5)
"""How long before the end the page says so."""


def begin_visit(draft_id: int) -> None:
    """Open a form in a new session of this browser, and nothing else. Call it after the last use of rows."""
    start_over(keep=("csrf_token", CHOICE))
    session["draft_id"] = draft_id


def end_visit() -> None:
    """Leave nothing but the language in this browser. Call it after the last use of rows."""
    clear_browser()
    session[CHOICE] = language_now()
    start_over(keep=(CHOICE,))


def keep_visit() -> None:
    """Note that the form is in use; close it in this browser if it was left for too long."""
    if not any(name in session for name in OPEN):
        return
    now = int(clock.now().timestamp())
    if BEGUN not in session:
        session[BEGUN] = session[SEEN] = now
    elif seconds_left() <= 0:
        session[CHOICE] = language_now()
        for name in (*OPEN, BEGUN, SEEN):
            session.pop(name, None)
    elif now - session[SEEN] >= EVERY:
        session[SEEN] = now


def seconds_left() -> int:
    """How long the form stays open here if nothing is pressed."""
    if BEGUN not in session:
        return 0
    idle_end = session[SEEN] + current_clinic().idle_minutes * 60
    end = session[BEGUN] + int(current_app.permanent_session_lifetime.total_seconds())
    return int(min(idle_end, end) - clock.now().timestamp())
