"""Who a person is to staff: the parts of an identity, what is different between two, and whether two may be one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from screening.crypto import fold

Identity = Mapping[str, Any]
"""As Patient.identity."""

PARTS = {
    "full_name": "Name",
    "date_of_birth": "Date of birth",
    "phone": "Phone",
    "no_phone": "Has no phone",
    "may_leave_message": "May leave a message",
    "email": "E-mail",
}
"""What an identity is made of, as staff call it, in the order shown."""
NOT_GIVEN = "Not given"


@dataclass(frozen=True)
class PartChange:
    part: str
    before: str
    after: str


def changed_parts(before: Identity, after: Identity) -> dict[str, Any]:
    """Those parts of `after` that say something else than `before` does."""
    return {
        part: after[part] for part in PARTS if part in after and (after[part] or None) != (before.get(part) or None)
    }


def part_changes(before: Identity, after: Identity) -> tuple[PartChange, ...]:
    """What is different, in words."""
    changed = changed_parts(before, {**dict.fromkeys(PARTS), **after})
    return tuple(PartChange(PARTS[part], said(before, part), said(after, part)) for part in changed)


def said(identity: Identity, part: str) -> str:
    """One part of an identity in words."""
    value = identity.get(part)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return birth_date(value) if part == "date_of_birth" and value else str(value or NOT_GIVEN)


def birth_date(stored: str | None) -> str:
    """A date of birth as no one can misread it: 4 Mar 1980."""
    if not stored:
        return ""
    day = date.fromisoformat(stored)
    return f"{day.day} {day:%b %Y}"


def name_parts(identity: Identity) -> tuple[str, ...]:
    """The parts of a name as two spellings of it share them: no accents, no case, no hyphens, in any order."""
    return tuple(sorted(fold(identity.get("full_name") or "").replace("-", " ").replace(",", " ").split()))


def same_birth(one: Identity, other: Identity) -> bool:
    """Whether both have a date of birth, and the same."""
    born = one.get("date_of_birth")
    return bool(born) and born == other.get("date_of_birth")


def may_be_one(one: Identity, other: Identity) -> bool:
    """Whether name and date of birth are given and the same."""
    return bool(name_parts(one)) and name_parts(one) == name_parts(other) and same_birth(one, other)
