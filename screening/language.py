"""Which language a request speaks, which languages there are, and what each of them says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from babel.messages.pofile import read_po
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, get_locale, refresh
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from rules import RuleSet
from rules.model import ENGLISH
from screening.clinic import Clinic, current_clinic
from screening.config import ROOT
from screening.models import Draft, db
from screening.rulebook import ruleset

LANGUAGES = {ENGLISH: "English", "es": "Español"}
"""Each by its own name for itself, in the order in which they are offered. What pages say is written in English."""

CATALOGUES = ROOT / "screening" / "translations"
CHOICE = "language"
"""Where the session keeps what the person chose while no form is open."""
STAFF_PREFIX = "/staff"


def init_language(app: Flask) -> None:
    """Raises FileNotFoundError for a language whose catalogue is not compiled: its pages would be in English."""
    for language in LANGUAGES.keys() - {ENGLISH}:
        catalogue(language)
    Babel(
        app,
        default_locale=ENGLISH,
        default_translation_directories=str(CATALOGUES),
        locale_selector=select_language,
    )

    @app.context_processor
    def page_language() -> dict[str, Any]:
        locale = get_locale()
        return {"page_language": str(locale), "page_direction": locale.text_direction if locale else "ltr"}


def select_language() -> str:
    """The open form's language, else what the person chose, else what the browser asks for. Staff read English."""
    if not has_request_context() or request.path.startswith(STAFF_PREFIX):
        return ENGLISH
    try:
        languages = offered()
        chosen = _of_form() or session.get(CHOICE)
        return chosen if chosen in LANGUAGES else request.accept_languages.best_match(languages, ENGLISH) or ENGLISH
    except SQLAlchemyError:
        # An error page must come even while the database does not answer.
        return request.accept_languages.best_match(LANGUAGES, ENGLISH) or ENGLISH


def _of_form() -> str | None:
    if "draft_id" not in session:
        return None
    return db.session.scalar(select(Draft.language).where(Draft.id == session["draft_id"], Draft.closed_at.is_(None)))


def choose(language: str) -> None:
    """Speak this language from now on, as long as no form with a language of its own is open."""
    session[CHOICE] = language
    refresh()


def offered(clinic: Clinic | None = None) -> tuple[str, ...]:
    """The languages that patients may choose: those of the clinic in which the rules in force speak too."""
    chosen, spoken = (clinic or current_clinic()).languages, ruleset().languages
    return tuple(code for code in LANGUAGES if code == ENGLISH or (code in chosen and code in spoken))


def language_now() -> str:
    return str(get_locale() or ENGLISH)


def english_name(language: str) -> str:
    """A language as staff call it: Spanish."""
    return Locale.parse(language).get_display_name(ENGLISH) or language


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """What pages say in a language, by the English of it, in the order of the file.

    Raises FileNotFoundError where the catalogue is not compiled.
    """
    folder = CATALOGUES / language / "LC_MESSAGES"
    if not (folder / "messages.mo").is_file():
        raise FileNotFoundError(f"The catalogue of {language} is not compiled. Run `make run` or `make catalogues`.")
    with (folder / "messages.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    # Two messages may have the same English and differ in what it is about, their context.
    return {" – ".join(filter(None, (message.context, str(message.id)))): str(message.string) for message in messages}


@lru_cache(maxsize=8)
def words_sha256(language: str, rules_in_force: RuleSet) -> str:
    """A hash of all that a patient can read in a language: the pages' words, and the rules' own."""
    told = {rule.id: [level.patient.get(language) for level in rule.levels] for rule in rules_in_force.rules.values()}
    words = json.dumps([catalogue(language), told], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()
