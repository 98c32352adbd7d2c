"""What the demo's physician does after a decision: asks the medical lead, or writes to the referrer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from screening.access import Role
from screening.actions import handing, letters
from screening.actions.unit import Actor
from screening.clinic import current_clinic
from screening.models import Case, db
from screening.queries.letters import first_text
from screening.queries.review import case_file


def after_decision(person: Mapping[str, Any], case_id: int, staff: Mapping[Role, Actor]) -> None:
    """What a person of people.yaml has under `asks` and `letter_to`."""
    physician = staff[Role.PHYSICIAN]
    if note := person.get("asks"):
        lead = staff[Role.MEDICAL_LEAD].user_id
        handing.hand_over(case_id=case_id, last_seen=0, note=note, assign_to=lead, asks_opinion=True, by=physician)
    if recipient := person.get("letter_to"):
        file = case_file(db.session.get_one(Case, case_id).reference)
        if file is None or file.counting is None:
            raise LookupError(f"no decision on case {case_id}")
        letters.sign_letter(
            case_id=case_id,
            recipient=tuple(recipient),
            text=first_text(file, current_clinic(), physician.name),
            decision_seen=file.counting.id,
            assessment_seen=file.case.assessment_number,
            by=physician,
        )
