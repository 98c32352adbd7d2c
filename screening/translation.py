"""Whether the clinic has approved what patients read in another language: all its words, as they stand now."""

from __future__ import annotations

from sqlalchemy import select

from rules.model import ENGLISH
from screening.language import words_sha256
from screening.models import TranslationApproval, db
from screening.rulebook import ruleset


def current_sha256(language: str) -> str:
    """The hash of a language's words, with those of the rules in force."""
    return words_sha256(language, ruleset())


def approval(language: str) -> TranslationApproval | None:
    """The latest approval of a language's words as they stand now."""
    return db.session.scalar(
        select(TranslationApproval)
        .where(TranslationApproval.language == language, TranslationApproval.sha256 == current_sha256(language))
        .order_by(TranslationApproval.id.desc())
        .limit(1)
    )


def is_approved(language: str) -> bool:
    """English needs no approval."""
    return language == ENGLISH or approval(language) is not None
