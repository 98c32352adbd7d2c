"""What an e-mail to an invited person says: how to come to the form, and no word of health or of who they are."""

from __future__ import annotations

from babel.dates import format_date
from flask_babel import force_locale
from flask_babel import gettext as _

from screening.actions import invitations, return_codes
from screening.actions.sending import NotNeeded, host_of
from screening.clinic import Clinic
from screening.mail import Mail
from screening.models import Draft, Invitation, PatientMail, db


def write(message: PatientMail, *, clinic: Clinic, base_url: str) -> Mail:
    """The invitation, or its reminder, in the person's language. Raises NotNeeded once it is not open any more."""
    invitation = db.session.get_one(Invitation, message.invitation_id)
    if not invitations.is_open(invitation):
        raise NotNeeded("The invitation is not open any more.")
    begun = db.session.get(Draft, invitation.draft_id) if invitation.draft_id else None
    language = begun.language if begun else message.language
    with force_locale(language):
        return Mail(
            to=message.to,
            subject=_("Questions before your visit"),
            body="\n\n".join(_lines(message, invitation, clinic, language)),
            message_id=f"<patient-{message.id}@{host_of(base_url)}>",
        )


def _lines(message: PatientMail, invitation: Invitation, clinic: Clinic, language: str) -> list[str]:
    code = invitations.code_of(invitation)
    last_day = format_date(clinic.today(code.expires_at), "long", locale=language)
    reminder = [_("This is a reminder. We do not have your answers yet.")]
    again = [_("You may have had this message before.")]
    steps = [
        _("Open this page: %(address)s", address=invitations.come_back_address()),
        _("Type this code: %(code)s", code=return_codes.text_of(code)),
        _("Type your date of birth."),
    ]
    return [
        *(reminder if message.kind == invitations.REMINDER else []),
        _("%(clinic)s asks you to answer some questions before your visit.", clinic=clinic.name),
        _("This takes about 10 minutes.") + " " + _("Please send your answers before %(day)s.", day=last_day),
        "\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1)),
        _("You can stop at any time. The same code takes you back to your answers."),
        _("The code is only for you. If this message is not for you, please delete it."),
        _(
            "Do you need help now? Do not wait for this form. In an emergency, call %(number)s.",
            number=clinic.emergency_number,
        ),
        *(again if message.attempts > 1 else []),
        " · ".join(part for part in (clinic.name, clinic.phone, clinic.address) if part),
    ]
