"""Prints whose looks a person has approved. `PYTHONPATH=. .venv/bin/python -m tests.reference_prints` takes their
pictures anew: look at each that changed, at full size, before they are committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask

from press import print_pages
from rules import State
from screening.clinic import Clinic
from screening.invitation_sheet import invitation_sheet
from screening.language import init_language
from screening.letter import Letter, prepare_letter
from screening.letter_words import DEFAULT_TEMPLATE, EXAMPLE, filled_in
from screening.models import Invitation
from screening.paper_form import blank_form
from screening.pdf import Prepared, prepare
from screening.record import as_seen
from screening.summary import Summary
from tests.pictures import picture
from tests.summary_cases import LONGEST_PATH, RECIPIENT, SUBMITTED, base_answers, made_summary, ruleset

PICTURES = Path(__file__).parent / "data" / "pictures"
ADDRESS = "12 Harbor Street, Springfield, IL 62704"
EMERGENCY: dict[str, Any] = {
    **LONGEST_PATH,
    "rf_saddle": "new_or_worse_2w",
    "rf_acute": ["not_sure"],
    "peg_pain": None,
}
"""With answers that are missing, that nobody knows, and that do not fit together."""
SAME_RULES: dict[str, Any] = {"ruleset_sha256": "0" * 64, "ruleset_version": "1.0.0"}
"""The foot of a page names the rules, which change more often than looks do."""


def clinic(paper: str = "Letter") -> Clinic:
    return Clinic(name="Riverside Pain Clinic", phone="555 0100", address=ADDRESS, paper=paper)


def summary(changes: Mapping[str, Any], paper: str = "Letter", **case: Any) -> Summary:
    return made_summary(changes, clinic=clinic(paper), **SAME_RULES, **case)


def in_spanish(changes: Mapping[str, Any], paper: str = "Letter") -> Summary:
    """Of somebody who answered in Spanish, and saw every question so."""
    path = ruleset().path({**base_answers(), **changes})
    asked = {field: each.value for field, each in path.items() if each.state is not State.NOT_ASKED}
    seen = as_seen(ruleset(), asked, ruleset().assess(asked), "es", approved=True)
    return summary(changes, paper, language="es", as_seen=seen)


def letter(paper: str) -> Prepared:
    told = {"patient_name": "Alex Morgan", "date_of_birth": "November 5, 1981"}
    words = filled_in(DEFAULT_TEMPLATE, {**EXAMPLE, **told, "clinic_name": clinic().name, "clinic_phone": "555 0100"})
    written = Letter(RECIPIENT, words, "Alex Morgan", "1981-11-05", "November 22, 2026", "Dr. Sam Example")
    return prepare_letter(written, summary({}, paper), "2026-11-22T12:00:00Z")


def invitation(paper: str = "Letter") -> Prepared:
    invited = Invitation(identity={"full_name": "Alex Morgan"}, language="en", created_at=SUBMITTED)
    return invitation_sheet(
        invited,
        code="K7Q-M4T-X2P",
        until=SUBMITTED + timedelta(days=30),
        clinic=clinic(paper),
        come_back="https://screening.example.org/come-back",
    )


REFERENCES: dict[str, Callable[[], Prepared]] = {
    "summary": lambda: prepare(summary({}), "staff"),
    "summary-emergency": lambda: prepare(summary(EMERGENCY, "A4", demo=True), "staff"),
    "patient-copy": lambda: prepare(summary(LONGEST_PATH), "patient"),
    "patient-copy-es": lambda: prepare(in_spanish(EMERGENCY, "A4"), "patient"),
    "blank-form": lambda: blank_form(ruleset(), clinic(), "en"),
    "letter-A4": lambda: letter("A4"),
    "letter-Letter": lambda: letter("Letter"),
    "invitation": invitation,
}


@contextmanager
def languages() -> Iterator[None]:
    """In here, prints speak each language."""
    app = Flask("prints")
    init_language(app)
    with app.app_context():
        yield


@cache
def printed(name: str) -> bytes:
    """A reference print as a PDF. Raises ValueError where a letter is in no font."""
    with languages():
        made = print_pages(REFERENCES[name]().pages)
    if made.warnings:
        raise ValueError(made.warnings)
    return made.pdf


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in REFERENCES:
        picture(printed(name)).save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
