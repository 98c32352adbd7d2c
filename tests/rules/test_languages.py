"""What the rules tell patients, in every language that the rule set speaks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import rules
from rules.loader import load
from tests.rules.conftest import Broken, Person

S10 = "safety/s10_heart.yaml"
SPANISH = "      es: >-\n        Nos habló de un problema del corazón"
FIRST = "      en: >-\n        You told us about a heart problem"


def test_every_level_says_it_in_every_language(ruleset: rules.RuleSet, person: Person) -> None:
    assert ruleset.languages == ("en", "es")
    levels = [level for rule in ruleset.rules.values() for level in rule.levels]
    assert all(set(level.patient) == {"en", "es"} and len(set(level.patient.values())) == 2 for level in levels)
    found = ruleset.assess(person(rf_saddle="new_or_worse_2w")).fired("S01")
    assert found
    assert "emergencias" in (ruleset.patient_text(found, under_18=False, language="es") or "")
    assert ruleset.patient_text(found, under_18=False, language="fr") == ruleset.patient_text(found, under_18=False)


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("ruleset.yaml", "[en, es]", "[en, es, fr]", "patient has no text in 'fr'"),
        ("ruleset.yaml", "[en, es]", "[es]", "languages must name en"),
        ("ruleset.yaml", "[en, es]", "[en, Spanish]", "'Spanish' is not a language code"),
        (S10, SPANISH, SPANISH.replace("es:", "de:"), "unknown key 'de'"),
        (S10, SPANISH, "      es: ''\n", "is not YAML"),
    ],
)
def test_a_missing_language_stops_the_load(broken: Broken, file: str, old: str, new: str, reason: str) -> None:
    assert reason in broken(file, old, new).reason


def test_a_level_without_a_declared_language_is_named_with_its_line(folder: Path, broken: Broken) -> None:
    file = folder / S10
    text = file.read_text()
    start = text.index("      es: >-")
    end = text.index("  - tier", start)
    file.write_text(text[:start] + text[end:])
    error = broken(S10, "version: 1", "version: 2")
    assert error.reason == "patient has no text in 'es', a language of ruleset.yaml"
    assert file.read_text().splitlines()[error.line - 1] == "    patient:"


def test_a_set_of_plain_texts_loads_and_speaks_english(folder: Path) -> None:
    (folder / "ruleset.yaml").write_text("version: 0.9.0\n")
    for file in [*folder.glob("article/*.yaml"), *folder.glob("safety/*.yaml")]:
        english = re.sub(r"\n      es: >-(\n        .*)+", "", file.read_text())
        file.write_text(english.replace("    patient:\n      en: >-", "    patient: >-"))
    ruleset = load(folder)
    assert ruleset.languages == ("en",)
    assert ruleset.rules["S10"].levels[0].patient == {
        "en": rules.load().rules["S10"].levels[0].patient["en"],
    }


@pytest.mark.parametrize("word", ["ketamina", "esketamina", "cetamina", "escetamina"])
def test_no_language_speaks_of_ketamine_under_18(folder: Path, broken: Broken, word: str) -> None:
    file = folder / S10
    file.write_text(file.read_text().replace("hidden_under_18: true\n", "").replace("estable.", f"y {word}."))
    assert "needs hidden_under_18" in broken(S10, "version: 1", "version: 2").reason


def test_acetaminophen_is_no_ketamine(folder: Path) -> None:
    file = folder / S10
    text = file.read_text().replace("hidden_under_18: true\n", "").replace("estable.", "y acetaminofén.")
    file.write_text(text)
    assert not load(folder).rules["S10"].hidden_under_18
