"""Translations as the clinic's page of languages shows them."""

from __future__ import annotations

from dataclasses import dataclass

from rules.model import ENGLISH
from screening.language import LANGUAGES, catalogue, english_name, offered
from screening.models import TranslationApproval
from screening.rulebook import ruleset
from screening.translation import approval, current_sha256


@dataclass(frozen=True)
class LanguageRow:
    """A language beside English. `approval` is of its words as they stand now; None: they await review."""

    code: str
    name: str
    """As the language calls itself."""
    english_name: str
    offered: bool
    spoken_by_rules: bool
    """Whether the rules in force say everything in it: only then can it be offered."""
    approval: TranslationApproval | None


@dataclass(frozen=True)
class Translation:
    """All that a patient can read in a language, beside the English. `sha256` is what an approval is bound to."""

    row: LanguageRow
    sha256: str
    rules: tuple[tuple[str, str, str], ...]
    """(rule and tier, English, translation)."""
    pages: tuple[tuple[str, str], ...]
    """(English, translation)."""


def languages() -> tuple[LanguageRow, ...]:
    return tuple(_row(code) for code in LANGUAGES if code != ENGLISH)


def translation(code: str) -> Translation | None:
    """None for English, and for what is no language of ours."""
    if code == ENGLISH or code not in LANGUAGES:
        return None
    told = tuple(
        (f"{rule.id}, {level.tier.staff_name}", level.patient[ENGLISH], level.patient[code])
        for rule in ruleset().rules.values()
        for level in rule.levels
        if code in level.patient
    )
    return Translation(_row(code), current_sha256(code), told, tuple(catalogue(code).items()))


def _row(code: str) -> LanguageRow:
    return LanguageRow(
        code=code,
        name=LANGUAGES[code],
        english_name=english_name(code),
        offered=code in offered(),
        spoken_by_rules=code in ruleset().languages,
        approval=approval(code),
    )
