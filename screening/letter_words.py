"""The clinic's template of letters to referrers: plain text with names in braces for facts of a closed list.

Nothing else happens in it: what is put in is not looked at again, so no answer and no clinic's text is ever run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACEHOLDERS: dict[str, str] = {
    "patient_name": "the person's name",
    "date_of_birth": "their date of birth",
    "reference": "the reference of the screening",
    "screening_date": "the day on which they sent their answers",
    "tier": "the tier of the screening, as staff call it",
    "decision": "the decision that counts",
    "reason_for_decision": "its reason, as signed",
    "decision_date": "the day on which it was signed",
    "findings": "what the answers showed, the most urgent first, one a line",
    "scores": "the scores, one a line",
    "physician": "the physician who signs the letter, and signed the decision",
    "clinic_name": "the clinic's name",
    "clinic_address": "its address",
    "clinic_phone": "its telephone",
}
"""What each name in braces stands for."""

EXAMPLE: dict[str, str] = {
    "patient_name": "Alex Example",
    "date_of_birth": "March 4, 1981",
    "reference": "AAAA-1111",
    "screening_date": "November 18, 2026",
    "tier": "Specialist consult",
    "decision": "Refer to a pain specialist",
    "reason_for_decision": "The pain has lasted for years, and two treatments did not help.",
    "decision_date": "November 19, 2026",
    "findings": "- Specialist consult: pain that treatments did not help",
    "scores": "- PEG: 7 of 10",
    "physician": "Dr. Sam Example",
    "clinic_name": "The clinic",
    "clinic_address": "",
    "clinic_phone": "",
}
"""An invented person, to show a template with."""

TEMPLATE_LENGTH_MAX = 6000
LINE_LENGTH_MAX = 2000
"""Of one paragraph: a print cuts what is longer."""

DEFAULT_TEMPLATE = """\
Dear colleague,

{patient_name}, born {date_of_birth}, answered our pain screening questionnaire on {screening_date}.

I reviewed the answers on {decision_date}; my decision: {decision}.
Reason: {reason_for_decision}

What the answers showed:
{findings}

Scores:
{scores}

The questionnaire supports a clinician's decision. It is not a diagnosis, and it does not say that any treatment is right for this person.

For any question, please call us: {clinic_phone}

Yours sincerely,

{physician}
{clinic_name}"""  # noqa: E501 - a paragraph is one line

_BLANK_LINES = re.compile(r"\n{3,}")
_IN_BRACES = re.compile(r"\{([^{}\n]*)\}")


def template_faults(template: str) -> list[str]:
    """What is wrong with a template, each fault in words for an admin."""
    unknown = [name for name in dict.fromkeys(_IN_BRACES.findall(template)) if name not in PLACEHOLDERS]
    faults = [f"{{{name}}} is not in the list of names. Choose one from the list, or take it out." for name in unknown]
    for brace in "{}":
        if brace in _IN_BRACES.sub("", template):
            faults.append(f"There is a {brace} alone. Write a name as {{reference}}, in two braces.")
    return faults


def filled_in(template: str, values: Mapping[str, str]) -> str:
    """The template with its facts. `values` has all of PLACEHOLDERS.

    A line that has names in braces, all of them without a fact, is left out. Raises ValueError for a faulty template.
    """
    if faults := template_faults(template):
        raise ValueError(faults[0])
    lines = [line for line in template.splitlines() if not _says_nothing(line, values)]
    kept = _BLANK_LINES.sub("\n\n", "\n".join(lines))
    return _IN_BRACES.sub(lambda name: values[name[1]], kept)


def _says_nothing(line: str, values: Mapping[str, str]) -> bool:
    names = _IN_BRACES.findall(line)
    return bool(names) and not any(values[name] for name in names)
