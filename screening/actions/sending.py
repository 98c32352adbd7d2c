"""How a message that stands in a row is handed over: once where that can be, again until it is taken."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import select
from structlog import get_logger

from screening.actions.unit import Actor, unit_of_work
from screening.mail import Mail, Sender
from screening.models import OutboxMessage, PatientMail, StaffMail, db

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(minutes=10)
"""An urgent alert waits no longer than this after the mail server has come round."""
BATCH = 100

Message = TypeVar("Message", OutboxMessage, PatientMail, StaffMail)

log = get_logger()


class NotNeeded(Exception):
    """Nobody waits for this message any more. The text says why, in a few words."""


def send_due(
    model: type[Message], write: Callable[[Message], Mail | None], *, now: datetime, send: Sender, by: Actor
) -> int:
    """Send each message that is due. A failure is kept with the message, which is tried again later.

    `write` gives the mail of a row; None, with `last_error` set, if there is no one to send it to yet. It raises
    NotNeeded for one that is never to be sent. Returns how many were delivered. A worker killed between sending and
    noting it sends twice, with the same Message-ID: twice is better than never.
    """
    due = select(model.id).where(model.delivered_at.is_(None), model.due_at <= now)
    delivered = 0
    for message_id in db.session.scalars(due.order_by(model.due_at).limit(BATCH)).all():
        mail = _claim(model, message_id, write, now=now, by=by)
        if mail is not None and _hand_over(model, message_id, mail, send=send, by=by):
            delivered += 1
    return delivered


def host_of(base_url: str) -> str:
    """The right side of a Message-ID."""
    return base_url.split("//")[-1].split("/")[0].split(":")[0]


def _claim(
    model: type[Message], message_id: int, write: Callable[[Message], Mail | None], *, now: datetime, by: Actor
) -> Mail | None:
    """Take one message and put off its next attempt; None if another worker has it, or it is not to be sent."""
    with unit_of_work(by) as unit:
        message = unit.lock(model, message_id)
        if message.delivered_at is not None or message.due_at > now:
            return None
        message.attempts += 1
        message.due_at = now + _wait_after(message.attempts)
        try:
            mail = write(message)
        except NotNeeded as reason:
            message.delivered_at, message.last_error = unit.now, str(reason)
            unit.audit("message.dropped", message)
            return None
        if mail is not None:
            unit.audit("message.attempted", message, attempt=message.attempts)
        return mail


def _wait_after(attempts: int) -> timedelta:
    """Twice as long each time, up to the longest; a mail server may be away for days."""
    wait = FIRST_RETRY
    for _ in range(attempts - 1):
        wait = min(wait * 2, LONGEST_RETRY)
    return wait


def _hand_over(model: type[Message], message_id: int, mail: Mail, *, send: Sender, by: Actor) -> bool:
    try:
        send(mail)
        error = None
    except (OSError, smtplib.SMTPException) as failure:
        error = type(failure).__name__
        log.warning("message not delivered", message=message_id, error=error)
    with unit_of_work(by) as unit:
        message = unit.lock(model, message_id)
        message.last_error = error
        if error is None:
            message.delivered_at = unit.now
        unit.audit("message.delivered" if error is None else "message.failed", message)
    return error is None
