"""The worker says that it is at work: through its queue, its threads and the database, as all its jobs go."""

from __future__ import annotations

import socket
from datetime import timedelta

from sqlalchemy import delete

from screening.actions.unit import Actor, unit_of_work
from screening.models import WorkerBeat, db

FORGOTTEN = timedelta(days=1)
"""A machine that was not heard of for so long is no machine of the clinic any more."""


def beat(*, by: Actor) -> None:
    """Note that the worker of this machine is at work. It is no event: it comes each minute."""
    with unit_of_work(by) as unit:
        db.session.merge(WorkerBeat(host=socket.gethostname(), beat_at=unit.now))
        db.session.execute(delete(WorkerBeat).where(WorkerBeat.beat_at < unit.now - FORGOTTEN))
