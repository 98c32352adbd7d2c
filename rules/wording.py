"""What patients are told, by language: which languages a rule set speaks, and whether a level says it in each."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rules.model import ENGLISH
from rules.yamlfile import Section

_LANGUAGE = re.compile(r"[a-z]{2,3}")


def parse_languages(file: Section) -> tuple[str, ...]:
    """The languages that a rule set speaks to patients; English alone where it names none."""
    languages = file.texts("languages") or (ENGLISH,)
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            raise file.error(f"{language!r} is not a language code such as en or es", "languages")
    if ENGLISH not in languages:
        raise file.error("languages must name en, which staff read", "languages")
    return languages


def parse_patient(level: Section, languages: tuple[str, ...]) -> Mapping[str, str]:
    """What a level tells the patient: a text for each language, or one text in English."""
    if level.is_section("patient"):
        given = level.section("patient")
        given.allow(given.plain().keys() & set(languages))
        texts = {language: given.take(language, str) for language in given.plain()}
    else:
        texts = {ENGLISH: level.take("patient", str)}
    for language in languages:
        if language not in texts:
            raise level.error(f"patient has no text in {language!r}, a language of ruleset.yaml", "patient")
    return {language: texts[language] for language in languages}
