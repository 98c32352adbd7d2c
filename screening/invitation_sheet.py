"""The printed sheet of an invitation: what to do in plain words, the address as a QR code, and the code."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_date

from screening.clinic import Clinic
from screening.models import Invitation
from screening.pdf import Prepared, laid_out

TEMPLATE = "pdf/invitation.html"


def invitation_sheet(invitation: Invitation, *, code: str, until: datetime, clinic: Clinic, come_back: str) -> Prepared:
    """The sheet in the person's language. `code` is as it is shown; `come_back` is the address that takes it."""
    values = {
        "clinic": clinic,
        "name": invitation.identity["full_name"],
        "code": code,
        "come_back": come_back,
        "last_day": format_date(clinic.today(until), "long", locale=invitation.language),
        "created": invitation.created_at.isoformat(timespec="seconds"),
    }
    return laid_out(TEMPLATE, invitation.language, clinic.paper, values)
