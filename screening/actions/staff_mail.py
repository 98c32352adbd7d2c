"""E-mails to staff about their own account. They hold no health data, and nothing that signs in."""

from __future__ import annotations

from datetime import datetime

from screening.actions.sending import host_of, send_due
from screening.actions.unit import Actor
from screening.clinic import Clinic
from screening.mail import Mail, Sender
from screening.models import StaffMail


def deliver_staff_mail(*, clinic: Clinic, now: datetime, send: Sender, base_url: str, by: Actor) -> int:
    """Send each e-mail to staff that is due. Returns how many were delivered."""

    def write(message: StaffMail) -> Mail:
        lines = [
            f"An admin of {clinic.name} took the second factor away from your account, and signed you out.",
            f"When you sign in next, you set up a new one: {base_url}/staff/",
            "If you did not ask for this, tell the clinic at once and change your password.",
        ]
        return Mail(
            to=message.user.email,
            subject="Your sign-in was changed",
            body="\n\n".join(lines),
            message_id=f"<staff-{message.id}@{host_of(base_url)}>",
        )

    return send_due(StaffMail, write, now=now, send=send, by=by)
