"""What a person saw who did not answer in English, for the staff's pages of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from screening.language import english_name
from screening.record import Record, Section


@dataclass(frozen=True)
class AsSeen:
    """Questions, answers and what the rules told the person, in the words of that day."""

    code: str
    language: str
    """As staff call it."""
    approved: bool
    """Whether the clinic had approved the translation on that day."""
    sections: tuple[Section, ...]
    told: tuple[str, ...]
    """Each text once. Not for the front desk, as it tells of findings."""


def as_seen(language: str, stored: Mapping[str, Any] | None) -> AsSeen | None:
    """`stored` is Case.as_seen. None for a case that was answered in English."""
    if stored is None:
        return None
    return AsSeen(
        code=language,
        language=english_name(language),
        approved=stored["approved"],
        sections=Record.from_json(stored["record"]).sections,
        told=tuple(dict.fromkeys(stored["patient"].values())),
    )
