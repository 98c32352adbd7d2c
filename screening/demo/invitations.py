"""The demo's invitations: one of each state that the front desk sees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from screening import clock
from screening.actions import invitations
from screening.actions.unit import PATIENT, Actor
from screening.models import Draft, Invitation


def seed_invitations(people: list[Mapping[str, Any]], by: Actor) -> None:
    """Invite people who have not opened their form yet, or will not."""
    for person in people:
        invitation = invite(person, by)
        with clock.fixed_at(clock.now() - timedelta(**person["ago"]) + timedelta(minutes=2)):
            if person.get("printed"):
                invitations.print_sheet(invitation_id=invitation.id, by=by)
            if person.get("revoked"):
                invitations.revoke(invitation_id=invitation.id, by=by)


def invite(person: Mapping[str, Any], by: Actor, before: timedelta = timedelta()) -> Invitation:
    """Invite a person as long ago as they tell, and `before` that."""
    with clock.fixed_at(clock.now() - timedelta(**person.get("ago", {})) - before):
        identity = {
            "full_name": person["name"],
            "date_of_birth": date.fromisoformat(str(person["born"])).isoformat(),
            "phone": person.get("phone", ""),
            "email": person.get("email", ""),
        }
        return invitations.create(identity=identity, language=person.get("language", "en"), by=by)


def open_invited(person: Mapping[str, Any], by: Actor) -> Draft:
    """Begin the form of a person who was invited two days before the present moment."""
    invitation = invite({**person, "ago": {}}, by, timedelta(days=2))
    return invitations.open_invitation(invitation_id=invitation.id, language=invitation.language, by=PATIENT)
