"""Random people on paper: what a print of theirs must say, and what is read of it, on its pages and in its tags."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from outloud.model import Document

from rules import State
from screening.pdf import Variant
from screening.record import as_seen
from screening.summary import Summary
from tests.pdf_pages import flat
from tests.rules.test_monotone import random_person, seeded
from tests.summary_cases import made_summary, ruleset

NAMES = (
    "Alex Morgan", "Zoë Łukaszewicz-Ångström", "محمد عبد الله", "שרה לוי", "मीरा शर्मा", "สมชาย ใจดี", "王小明",
    "김민준", "さくら 田中", "Nguyễn Thị Ánh", "Ελένη Παπαδοπούλου", "Дмитрий Ёлкин", "Lee 👩‍⚕️", "O'Neil <b>&amp;",
)  # fmt: skip
WORDS = (
    "It hurts most at night.", "Ça brûle – déjà 3 ans", "痛みは夜に強い", "疼痛在夜间加重", "😀 thumbs 👍🏽 up",
    "a < b & c > d", "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz", "x" * 60,
    "50 % of 2 × 3 = 3 € “quoted”", "ñandú ¿qué?",
    "line one\nline two",
)  # fmt: skip
KINDS: tuple[tuple[str, Variant], ...] = (("en", "staff"), ("es", "patient"), ("es", "staff"), ("en", "patient"))


@dataclass(frozen=True)
class Printable:
    summary: Summary
    variant: Variant

    @property
    def answers(self) -> str:
        """The rows as they must be read, from the first section on: each question and its answer once, in order."""
        staff = self.variant == "staff"
        words: list[str] = []
        for section in self.summary.sections if staff else self.summary.seen.sections:
            words.append(f"{section.number}. {section.title}")
            for row in section.answers:
                words += [row.question, row.topic if staff else "", row.answer]
                words += [*(() if row.long else row.rules), row.note] if staff else []
        return flat("".join(words))


def printable_of(seed: int) -> Printable:
    """The print of one random person, in either language, for staff or for the person."""
    rng = seeded(seed)
    language, variant = KINDS[seed % len(KINDS)]
    answers = {**random_person(rng), "anything_else": _typed(rng)}
    path = ruleset().path(answers)
    asked = {field: each.value for field, each in path.items() if each.state is not State.NOT_ASKED}
    seen = as_seen(ruleset(), asked, ruleset().assess(asked), language, approved=True)
    return Printable(made_summary(answers, name=rng.choice(NAMES), language=language, as_seen=seen), variant)


def _typed(rng: random.Random) -> str | None:
    return " ".join(rng.choices(WORDS, k=rng.randint(1, 30))) if rng.random() < 0.8 else None


def read_out(pdf: bytes, folder: Path) -> str:
    """All words as a screen reader comes to them: in the order of the tags, not of the pages."""
    path = folder / "print.pdf"
    path.write_bytes(pdf)
    document = Document(str(path))
    try:
        return flat("".join(_tagged_words(document)))
    finally:
        document.close()


def _tagged_words(document: Document) -> Iterator[str]:
    for element in document.elements:
        for reference in element.mcrefs:
            yield document.content(reference.page).mcid_text.get((reference.stream, reference.mcid), "")
