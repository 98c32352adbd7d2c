"""A browser that is a tablet of the clinic: what its session holds, and how long a page may stand there untouched.

Every page has its time. A script counts it down and says so; the server refuses to show a form after it, so that a
tab that comes back, or a script that slept, shows nobody's answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import session

from rules import Tier
from screening import clock
from screening.clinic import current_clinic
from screening.provenance import Channel
from screening.queries.kiosk import in_use, tier_of_case
from screening.security import clear_browser
from screening.sessions import TABLET, on_tablet, start_over

WEBSITE = "Website"
"""Where a form comes from that was not begun on a tablet."""
WARNING_SECONDS = 60
"""For how long the countdown is seen before the screen is cleared."""
EMERGENCY_SECONDS = 600
"""What to do in an emergency stands long enough to be read out, and to fetch somebody."""
DONE_SECONDS = 60
DONE_URGENT_SECONDS = 300
GRACE_SECONDS = 90
"""How much later than the script the server gives up a form: a page may be on its way."""

UNTIL = "tablet_until"
"""Until when the session's form may be shown, as ISO text."""
SECONDS = "tablet_seconds"
"""The time of the page shown last."""
FORM = ("draft_id", "receipt")
"""What in a session opens a person's answers."""
OWN = (TABLET, UNTIL, SECONDS)


@dataclass(frozen=True)
class Tablet:
    """What a page on a tablet needs to know. Times in seconds."""

    name: str
    seconds: int
    warning: int
    armed: bool
    """Whether the time runs from the start, and not from the first touch."""


def holds_form() -> bool:
    return any(name in session for name in FORM)


def seconds_for(endpoint: str | None) -> int:
    """How long a page may stand untouched."""
    if endpoint == "patient.emergency":
        return EMERGENCY_SECONDS
    if endpoint == "patient.done":
        urgent = tier_of_case(session.get("receipt", 0)) >= Tier.URGENT
        return DONE_URGENT_SECONDS if urgent else DONE_SECONDS
    return current_clinic().kiosk_idle_minutes * 60


def is_over() -> bool:
    """Whether the time of the page that was shown last has run out."""
    until = session.get(UNTIL)
    return until is not None and clock.now() > datetime.fromisoformat(until)


def touch(seconds: int, grace: int = GRACE_SECONDS) -> None:
    """Somebody is there: the time runs anew."""
    session[SECONDS] = seconds
    session[UNTIL] = (clock.now() + timedelta(seconds=seconds + grace)).isoformat()


def clear_away() -> None:
    """Leave nothing of a person's in this browser; what was saved stays saved. The tablet stays a tablet."""
    clear_browser()
    start_over(keep=())


def came_by() -> dict[str, Any]:
    """How a form that is begun in this browser comes to the clinic, as drafts.start_draft takes it."""
    kiosk = in_use(session[TABLET]) if on_tablet() else None
    if kiosk is None:
        return {"channel": Channel.ONLINE, "origin": WEBSITE}
    return {"channel": Channel.TABLET, "origin": kiosk.name, "kiosk_id": kiosk.id}
