"""How far an invitation has come, told from its row. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from screening.clinic import Clinic
from screening.models import Invitation


class Progress(StrEnum):
    INVITED = "invited"
    OPENED = "opened"
    SUBMITTED = "submitted"
    EXPIRED = "expired"
    REVOKED = "revoked"

    @property
    def staff_name(self) -> str:
        return self.value.capitalize()

    @property
    def open(self) -> bool:
        """Whether its code still leads to the form."""
        return self in (Progress.INVITED, Progress.OPENED)


def progress_of(invitation: Invitation, *, until: datetime | None, submitted: bool, now: datetime) -> Progress:
    """`until` is how long its code lasts; None once there is no code any more."""
    if submitted:
        return Progress.SUBMITTED
    if invitation.revoked_at is not None:
        return Progress.REVOKED
    if until is None or until <= now:
        return Progress.EXPIRED
    return Progress.INVITED if invitation.opened_at is None else Progress.OPENED


def reminder_due(invitation: Invitation, clinic: Clinic, now: datetime) -> bool:
    """Whether the person, whose form was not sent, is to be reminded now."""
    return invitation.reminded_at is None and invitation.created_at + timedelta(days=clinic.remind_days) <= now
