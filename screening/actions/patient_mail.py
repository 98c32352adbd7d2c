"""E-mails to patients: the kinds there are, and what the one says that brings the code of a form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from babel.dates import format_date
from flask_babel import force_locale
from flask_babel import gettext as _

from screening.actions import coming_back, invitation_mail, invitations, return_codes
from screening.actions.sending import NotNeeded, host_of, send_due
from screening.actions.unit import Actor
from screening.clinic import Clinic
from screening.mail import Mail, Sender
from screening.models import Draft, PatientMail, db


def deliver_patient_mail(*, clinic: Clinic, now: datetime, send: Sender, base_url: str, by: Actor) -> int:
    """Send each e-mail to a patient that is due. Returns how many were delivered."""

    def write(message: PatientMail) -> Mail:
        return WRITERS[message.kind](message, clinic=clinic, base_url=base_url)

    return send_due(PatientMail, write, now=now, send=send, by=by)


def write_come_back(message: PatientMail, *, clinic: Clinic, base_url: str) -> Mail:
    """The code of a form, and where to type it. Raises NotNeeded once the form was sent."""
    draft = db.session.get_one(Draft, message.draft_id)
    code = return_codes.of_draft(draft.id)
    if draft.closed_at is not None or code is None:
        raise NotNeeded("The form is not open any more.")
    last_day = format_date(clinic.today(code.expires_at), "long", locale=message.language)
    with force_locale(message.language):
        steps = [
            _("Open this page: %(address)s", address=f"{base_url}/come-back"),
            _("Type this code: %(code)s", code=return_codes.text_of(code)),
            _("Type the date of birth that you gave."),
        ]
        lines = [
            _("You asked for the code of your form at %(clinic)s.", clinic=clinic.name),
            "\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1)),
            _("You can come back until %(day)s.", day=last_day),
            _("If this message is not for you, please delete it."),
            _("In an emergency, call %(number)s.", number=clinic.emergency_number),
            " · ".join(part for part in (clinic.name, clinic.phone, clinic.address) if part),
        ]
        subject = _("Go on with your form")
    return Mail(
        to=message.to,
        subject=subject,
        body="\n\n".join(lines),
        message_id=f"<patient-{message.id}@{host_of(base_url)}>",
    )


WRITERS: dict[str, Callable[..., Mail]] = {
    coming_back.COME_BACK: write_come_back,
    invitations.INVITATION: invitation_mail.write,
    invitations.REMINDER: invitation_mail.write,
}
"""What writes each kind of e-mail."""
