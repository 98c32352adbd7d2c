"""A form that somebody begins by themselves, and how many of them may come from one address.

Nobody can be asked who they are before a form, and one answer to it may alert the clinic: a program that begins
thousands would hide the real alerts among its own. The counters are rows, as those of tries to get in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from screening.actions import drafts
from screening.actions.attempts import ADDRESS, Limit, network, take
from screening.actions.unit import Actor
from screening.models import Draft

PURPOSE = "begin a form"
LIMITS = (Limit((ADDRESS,), 60, timedelta(hours=1)), Limit((ADDRESS,), 300, timedelta(days=1)))
"""Far above what a family, a ward or a full waiting room begins behind one address, and one alert a minute at most.
Who was invited, a tablet of the clinic and staff are not counted."""


def begin_form(
    *,
    address: str | None,
    identity: Mapping[str, Any],
    channel: str,
    origin: str,
    language: str,
    by: Actor,
    kiosk_id: int | None = None,
) -> Draft:
    """Begin a form that came from an address; None is not counted. Raises attempts.TooMany, and begins nothing."""
    if _tells_apart(address):
        take(purpose=PURPOSE, parts={ADDRESS: network(address)}, limits=LIMITS, by=by)
    return drafts.start_draft(
        identity=identity, channel=channel, origin=origin, language=language, by=by, kiosk_id=kiosk_id
    )


def _tells_apart(address: str | None) -> bool:
    """Whether an address says who sends. This machine's own is that of a front server that keeps it to itself: a limit
    on it would turn everybody away."""
    try:
        where = ip_address(address or "")
    except ValueError:
        return False
    return not (getattr(where, "ipv4_mapped", None) or where).is_loopback
