"""Who gave each answer, and how it reached us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Channel(StrEnum):
    """How answers reach us. The value is stored; a form keeps one from beginning to end."""

    ONLINE = "online"
    TABLET = "tablet"
    PAPER = "paper"
    PHONE = "phone"

    @property
    def by_staff(self) -> bool:
        """Whether a member of staff keys the answers in for the person."""
        return self in (Channel.PAPER, Channel.PHONE)


@dataclass(frozen=True)
class Given:
    """Where one answer came from. `by` is "patient", "carer" or "staff"; `name` is the member of staff who keyed it."""

    channel: Channel
    by: str
    name: str
    at: datetime

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Given:
        return cls(Channel(data["channel"]), data["by"], data["name"], datetime.fromisoformat(data["at"]))


BY = {"carer": "carer", "staff": "staff"}
"""Who answers, by the answer to completed_by; anything else is the patient."""


def given_by(
    before: Mapping[str, Any] | None, fields: Iterable[str], *, channel: str, completed_by: Any, name: str, at: datetime
) -> dict[str, Any]:
    """`before` with the answers that were just given to `fields`, as stored in Draft.given."""
    source = Given(Channel(channel), BY.get(completed_by, "patient"), name, at).to_json()
    return {**(before or {}), **dict.fromkeys(fields, source)}
