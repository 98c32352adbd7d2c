"""Handing over an e-mail. None ever holds health data, and no subject a name or a code."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from functools import partial
from typing import Protocol
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 15
PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    body: str
    message_id: str
    """The same for each attempt at one message, so that a mail program can show a repeat as one."""


class Sender(Protocol):
    def __call__(self, mail: Mail) -> None:
        """Hand one mail over. Raises OSError or smtplib.SMTPException if it was not taken."""


def smtp_sender(smtp_url: str, mail_from: str) -> Sender:
    """A sender for smtp://user:password@host:port (STARTTLS where offered) or smtps://."""

    def send(mail: Mail) -> None:
        with connected(smtp_url) as server:
            server.send_message(_message(mail, mail_from))

    return send


@contextmanager
def connected(smtp_url: str) -> Iterator[smtplib.SMTP]:
    """The mail server, signed in to where the address says as whom. Raises OSError, of which SMTPException is one."""
    where = urlsplit(smtp_url)
    # By itself the library takes any certificate.
    certified = ssl.create_default_context()
    kind = partial(smtplib.SMTP_SSL, context=certified) if where.scheme == "smtps" else smtplib.SMTP
    with kind(where.hostname or "localhost", where.port or PORTS[where.scheme], timeout=TIMEOUT_SECONDS) as server:
        server.ehlo_or_helo_if_needed()
        if where.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=certified)
        if where.username:
            server.login(unquote(where.username), unquote(where.password or ""))
        yield server


def _message(mail: Mail, mail_from: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = mail_from
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = formatdate()
    message["Message-ID"] = mail.message_id
    message.set_content(mail.body)
    return message
