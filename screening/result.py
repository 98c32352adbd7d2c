"""What a person is told once the answers are sent: what happens next, and what the rules say to them."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from rules import RuleSet, Tier
from screening.clinic import Clinic
from screening.identity import under_18
from screening.models import Case
from screening.notices import Kind, Message
from screening.record import FindingText

NEXT = {
    Tier.INFO: _("They will talk about them with you at your next visit."),
    Tier.ROUTINE: _("They will talk about them with you at your next visit."),
    Tier.CONSULT: _("A pain specialist should see you. The clinic will contact you about this."),
    Tier.PRIORITY: _(
        "A pain specialist should see you soon. Some of your answers need a closer look first. "
        "The clinic will contact you about this."
    ),
    Tier.URGENT: _("A clinician needs to see you today. The clinic has been told."),
    Tier.EMERGENCY: _("Call for help first. The clinic has been told, but no one is on the way until you call."),
}
"""What happens next, by the case's tier."""

WILL_READ = _("A clinician will read your answers.")
REASSURING = _("Nothing you told us needs urgent attention. A clinician will still look at your answers.")
NO_PHONE = _("You told us that you have no phone. Please ask at the front desk what comes next.")
OUT_OF_SCOPE = _("Part of this may be outside what our clinic treats. A clinician will tell you where to get care.")


@dataclass(frozen=True)
class Result:
    reference: str
    next: tuple[str, ...]
    told: tuple[Message, ...]
    """What is due at once, the most pressing first."""
    texts: tuple[str, ...]
    """What else the rules say to the person, each text once."""
    crisis_line: str


def result_of(case: Case, clinic: Clinic, ruleset: RuleSet) -> Result:
    later = [FindingText.from_json(finding.detail) for finding in case.findings if finding.tier < Tier.URGENT]
    texts = [told_of(case, finding) for finding in later]
    return Result(
        reference=case.reference,
        next=_next(case),
        told=_told(case),
        texts=tuple(dict.fromkeys(text for text in texts if text)),
        crisis_line=clinic.youth_line if under_18(ruleset, case.answers) else clinic.crisis_line,
    )


def told_of(case: Case, finding: FindingText) -> str:
    """What a rule says to the person, in the words that they saw; empty where they are told nothing."""
    return case.as_seen["patient"].get(finding.rule, "") if case.as_seen else finding.patient


def _next(case: Case) -> tuple[str, ...]:
    reassuring = case.tier <= Tier.ROUTINE and not case.incomplete and not case.rests_on_unknown
    lines = [REASSURING if reassuring else WILL_READ, NEXT[Tier(case.tier)]]
    if case.out_of_scope:
        lines.append(OUT_OF_SCOPE)
    if case.patient.identity.get("no_phone"):
        lines.append(NO_PHONE)
    return tuple(str(line) for line in lines)


def _told(case: Case) -> tuple[Message, ...]:
    """What is due at once. An emergency that still holds is told in full; of one that was changed, the banner stays."""
    hidden = Kind.EMERGENCY_BANNER if case.tier == Tier.EMERGENCY else Kind.EMERGENCY
    due = [Message.from_json(message) for message in case.draft.told.get("messages", ())]
    return tuple(message for message in due if message.everywhere and message.kind != hidden)
