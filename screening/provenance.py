"""Who gave each answer, and how it reached us."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
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


def answered_by(given: Mapping[str, Any], completed_by: Any) -> dict[str, Any]:
    """`given` of a form that one person filled in from beginning to end, when it is known late who that was."""
    return {name: {**source, "by": BY.get(completed_by, "patient")} for name, source in given.items()}


CHANNEL_WORDS = {
    Channel.ONLINE: "online",
    Channel.TABLET: "on a tablet of the clinic",
    Channel.PAPER: "on paper",
    Channel.PHONE: "by telephone",
}
BY_WORDS = {"patient": "by the patient", "carer": "by a carer", "staff": "by staff"}


@dataclass(frozen=True)
class Origins:
    """Where a form's answers came from, in words for staff."""

    line: str = ""
    """Where most came from; empty in what was stored before this was kept."""
    others: Mapping[str, str] = field(default_factory=dict)
    """The answers that came from elsewhere, by field id."""


def origins_of(given: Mapping[str, Any] | None, fields: Iterable[str], filled_on: date | None) -> Origins:
    """`fields` are those that are shown. `filled_on` is the day on which a paper form was filled in."""
    known = given or {}
    words = {name: _words(Given.from_json(known[name]), filled_on) for name in fields if name in known}
    if not words:
        return Origins()
    most = Counter(words.values()).most_common(1)[0][0]
    return Origins(most, {name: line for name, line in words.items() if line != most})


def _words(source: Given, filled_on: date | None) -> str:
    line = f"Answered {BY_WORDS[source.by]}, {CHANNEL_WORDS[source.channel]}"
    if source.channel is Channel.PAPER and filled_on:
        line += f" on {filled_on.day} {filled_on:%b %Y}"
    return f"{line}; keyed in by {source.name}" if source.channel.by_staff else line
