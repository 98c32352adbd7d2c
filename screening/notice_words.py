"""The words of notices.py, by who is at the form. The numbers and places in %(...)s are the clinic's."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from babel.dates import format_time
from flask_babel import get_locale
from flask_babel import lazy_gettext as _


class Audience(StrEnum):
    PATIENT = "patient"
    CARER = "carer"
    STAFF = "staff"


class Scene(StrEnum):
    """Who is at the form, and whether the person it is about is there."""

    PATIENT = "patient"
    CARER_HERE = "carer_here"
    CARER_AWAY = "carer_away"
    STAFF = "staff"

    @property
    def audience(self) -> Audience:
        return Audience(self.value.split("_")[0])


class Wait(StrEnum):
    """What a person who needs to be seen today can wait for."""

    CALL = "call"
    NO_PHONE = "no_phone"
    CLOSED = "closed"
    EMERGENCY_FIRST = "emergency_first"


def clock_time(moment: datetime, zone: ZoneInfo) -> str:
    """The time of day at the clinic, such as 3:30 PM."""
    locale = get_locale()
    text: str = format_time(moment, "short", tzinfo=zone, locale=locale or "en")
    return text


CALL_EMERGENCY = _("Call %(emergency)s")
CALL_CRISIS = _("Call %(crisis)s to talk to someone")
CALL_URGENT_CARE = _("Call %(urgent)s")
CALL_PERSON = _("Call %(phone)s")

NO_ONE_ON_THE_WAY = _("No one is on the way. Call now.")

EMERGENCY_HEADINGS = {
    (Scene.PATIENT, False): _("Stop and call %(emergency)s now"),
    (Scene.PATIENT, True): _("Stop and call %(crisis)s now"),
    (Scene.CARER_HERE, False): _("Stop and call %(emergency)s now"),
    (Scene.CARER_HERE, True): _("Stay with them and call %(crisis)s now"),
    (Scene.CARER_AWAY, False): _("Call %(emergency)s now and get someone to them"),
    (Scene.CARER_AWAY, True): _("Get someone to them and call %(crisis)s now"),
    (Scene.STAFF, False): _("Call this person now"),
    (Scene.STAFF, True): _("Call this person now"),
}
"""By scene, and whether thoughts of self-harm are the only emergency."""

EMERGENCY_LINES = {
    Scene.PATIENT: (),
    Scene.CARER_HERE: (_("Stay with them until help comes."),),
    Scene.CARER_AWAY: (
        _("Do not leave them alone. Go to them now, or ask someone near them to go. Stay until help comes."),
        _("When you call, say where they are."),
    ),
    Scene.STAFF: (
        _("The answers on this form may be signs of an emergency. The person may be on their own."),
        _("If they do not answer, call %(emergency)s and give their address. Then tell a clinician."),
    ),
}

NO_NUMBER = _("No phone number was given here yet. Look for it on the paper form.")

HARM_LINES = {
    Scene.PATIENT: _("If you have hurt yourself, or feel you are about to, call %(emergency)s."),
    Scene.CARER_HERE: _("If they have hurt themselves, or are about to, call %(emergency)s."),
    Scene.CARER_AWAY: _("If they have hurt themselves, or are about to, call %(emergency)s."),
    Scene.STAFF: _("They may be thinking of harming themselves. Stay on the line. Crisis line: %(crisis)s."),
}

REASONS_HEADINGS = {
    Scene.PATIENT: _("Why we say this"),
    Scene.CARER_HERE: _("Read this out to them"),
    Scene.CARER_AWAY: _("What to tell them"),
    Scene.STAFF: _("What to tell the person"),
}

BANNERS = {
    (Audience.PATIENT, False, True): (
        _("Call %(emergency)s now"),
        _("Your answers may be signs of an emergency. No one is on the way."),
    ),
    (Audience.PATIENT, True, True): (
        _("Call %(crisis)s now"),
        _("You do not have to go through this alone. No one is on the way unless you call."),
    ),
    (Audience.PATIENT, False, False): (
        _("You changed an answer"),
        _("It could be a sign of an emergency. If that sign is there, or comes back, call %(emergency)s at once."),
    ),
    (Audience.PATIENT, True, False): (
        _("You changed an answer"),
        _("If you think about harming yourself, now or later, call %(crisis)s at once. Someone will listen."),
    ),
    (Audience.CARER, False, True): (
        _("Call %(emergency)s now"),
        _("These answers may be signs of an emergency. No one is on the way. Do not leave the person alone."),
    ),
    (Audience.CARER, True, True): (
        _("Call %(crisis)s now"),
        _("Do not leave the person alone. No one is on the way unless you call."),
    ),
    (Audience.CARER, False, False): (
        _("You changed an answer"),
        _("It could be a sign of an emergency. If that sign is there, or comes back, call %(emergency)s at once."),
    ),
    (Audience.CARER, True, False): (
        _("You changed an answer"),
        _("If the person thinks about self-harm, now or later, stay with them and call %(crisis)s at once."),
    ),
    (Audience.STAFF, False, True): (
        _("Call this person now"),
        _("The answers may be signs of an emergency. No one is on the way."),
    ),
    (Audience.STAFF, True, True): (
        _("Call this person now"),
        _("They may be thinking of harming themselves. No one is on the way."),
    ),
    (Audience.STAFF, False, False): (
        _("An emergency answer was changed"),
        _("Check with the person that the sign is not there. A clinician has been told."),
    ),
    (Audience.STAFF, True, False): (
        _("An emergency answer was changed"),
        _("Check with the person that they are not thinking of self-harm. A clinician has been told."),
    ),
}
"""By audience, whether self-harm is the only emergency, and whether the answers still give it."""

URGENT_HEADINGS = {
    Audience.PATIENT: _("A clinician needs to see you today"),
    Audience.CARER: _("A clinician needs to see the person today"),
    Audience.STAFF: _("A clinician needs to see this person today"),
}

URGENT_LINES = {
    (Audience.PATIENT, Wait.CALL): _(
        "Please finish the questions if you can. "
        "If we have not called you by %(time)s, or it gets worse, go to %(place)s."
    ),
    (Audience.PATIENT, Wait.NO_PHONE): _(
        "We have no phone number for you. Tell the front desk today. "
        "If you cannot come, or it gets worse, go to %(place)s."
    ),
    (Audience.PATIENT, Wait.CLOSED): _(
        "We cannot call you in time today. Call %(urgent)s, or go to %(place)s today. Go at once if it gets worse."
    ),
    (Audience.PATIENT, Wait.EMERGENCY_FIRST): _("Call for help first. Then tell them this too."),
    (Audience.CARER, Wait.CALL): _(
        "Please finish the questions if you can. "
        "If we have not called by %(time)s, or it gets worse, take them to %(place)s."
    ),
    (Audience.CARER, Wait.NO_PHONE): _(
        "We have no phone number for them. Tell the front desk today. If it gets worse, take them to %(place)s."
    ),
    (Audience.CARER, Wait.CLOSED): _(
        "We cannot call in time today. Call %(urgent)s, or take them to %(place)s today. Go at once if it gets worse."
    ),
    (Audience.CARER, Wait.EMERGENCY_FIRST): _("Call for help first. Then tell them this too."),
    (Audience.STAFF, Wait.CALL): _(
        "Tell a clinician now. The person should be called by %(time)s, or go to %(place)s if it gets worse."
    ),
    (Audience.STAFF, Wait.NO_PHONE): _(
        "Tell a clinician now. There is no phone number for this person. If it gets worse: %(place)s."
    ),
    (Audience.STAFF, Wait.CLOSED): _(
        "The clinic cannot call back in time today. Tell the person to call %(urgent)s or go to %(place)s today."
    ),
    (Audience.STAFF, Wait.EMERGENCY_FIRST): _("The emergency comes first. Then tell a clinician this too."),
}

MEASURE_AGAIN = (
    _("Measure the blood pressure again"),
    _("The numbers you gave are very high. Rest for 5 minutes. Then measure again."),
)
MEASURE_AGAIN_CALL = _("Call %(emergency)s at once if there is chest pain, a bad headache or trouble seeing.")

CRISIS = {
    Audience.PATIENT: (
        _("You can talk to someone at any time"),
        _("If you feel you cannot go on, or think about harming yourself, please call. It is open day and night."),
    ),
    Audience.CARER: (
        _("The person can talk to someone at any time"),
        _("If they feel they cannot go on, or think about self-harm, stay with them. Call at any hour."),
    ),
    Audience.STAFF: (
        _("Crisis line for this person"),
        _("If they speak of self-harm, stay with them or on the line, and tell a clinician at once."),
    ),
}
"""Heading and line, by audience."""
