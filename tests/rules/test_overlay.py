"""A clinic's overlay: its own values of the project's thresholds, and alcohol switched off; nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

import rules
from rules.loader import load
from rules.model import Tier
from rules.proofs import PROPERTIES, Property, prove_property
from rules.proofs.tables import Bench
from tests.rules.conftest import Person


def overlay(folder: Path, text: str) -> Path:
    path = folder / "clinic.yaml"
    path.write_text(text)
    return path


def test_a_threshold_changes(tmp_path: Path, person: Person, ruleset: rules.RuleSet) -> None:
    changed = load(overlay=overlay(tmp_path, "thresholds: {fragile_age: 75}"))
    older = person(age_years=70, rf_trauma="minor")
    assert changed.thresholds["fragile_age"].value == 75
    before, after = (given.assess(older).fired("S06") for given in (ruleset, changed))
    assert before is not None
    assert after is not None
    assert (before.tier, after.tier) == (Tier.PRIORITY, Tier.CONSULT)


def test_alcohol_is_switched_off(tmp_path: Path, person: Person) -> None:
    changed = load(overlay=overlay(tmp_path, "switch_off: [audit_c]"))
    assert "audit1" not in changed.asked(person())
    assert changed.switched_off == {"audit_c"}
    fired = changed.assess(person(audit1=4)).fired("S26")
    assert fired is not None
    assert fired.tier is Tier.INFO


def test_version_and_hash_take_it_in(tmp_path: Path, ruleset: rules.RuleSet) -> None:
    first = load(overlay=overlay(tmp_path, "thresholds: {fragile_age: 75}"))
    second = load(overlay=overlay(tmp_path, "thresholds: {fragile_age: 76}"))
    assert first.version == second.version == f"{ruleset.version}+clinic"
    assert len({ruleset.sha256, first.sha256, second.sha256}) == 3


REFUSED = [
    ("thresholds:\n  fragile_age: 75\n  red_flag_age: 55", 3, "red_flag_age comes from a source"),
    ("thresholds:\n  fragile_aged: 75", 2, "'fragile_aged' is not a threshold"),
    ("thresholds:\n  fragile_age: 75.5", 2, "fragile_age must be a whole number"),
    ("thresholds:\n  fragile_age: '75'", 2, "fragile_age must be a whole number"),
    ("thresholds:\n  fragile_age: true", 2, "fragile_age must be a whole number"),
    ("thresholds:\n  fragile_age:", 2, "fragile_age must be a whole number"),
    ("thresholds:\n  fragile_age: 40", 2, "fragile_age must be from 50 to 100 years"),
    ("thresholds:\n  pregnancy_age_to: 45", 2, "pregnancy_age_to must be from 49 to 70 years"),
    ("thresholds:\n  pregnancy_age_from: 19", 2, "pregnancy_age_from must be from 8 to 18 years"),
    ("thresholds:\n  failed_treatments: 0", 2, "failed_treatments must be from 1 to 7 treatments"),
    ("thresholds:\n\n  peg_severe: 12", 3, "peg_severe must stay above peg_moderate, which is 12"),
    ("thresholds:\n  fragile_age: 60\n  peg_moderate: 21", 3, "peg_severe must stay above peg_moderate, which is 21"),
    ("thresholds:\n  bp_high_systolic: 185", 2, "bp_severe_systolic must stay above bp_high_systolic, which is 185"),
    ("thresholds: [1]", 1, "thresholds must be a mapping"),
    ("switch_off: [audit_d]", 1, "'audit_d' cannot be switched off; only audit_c can"),
    ("switch_off: audit_c", 1, "switch_off must be a list"),
    ("thresholds: {fragile_age: 75}\nrules: {}", 2, "unknown key 'rules'"),
    ("- fragile_age", 1, "must be a mapping of keys"),
    ("thresholds: {fragile_age: 75", 1, "is not YAML"),
    ("thresholds: {<<: {fragile_age: 70}, fragile_age: 75}", 1, "must not change a key that it takes over"),
    ("thresholds: {fragile_age: 75, fragile_age: 80}", 1, "is not YAML"),
]


@pytest.mark.parametrize(("text", "line", "reason"), REFUSED, ids=[reason for _, _, reason in REFUSED])
def test_anything_else_stops_the_load(folder: Path, text: str, line: int, reason: str) -> None:
    with pytest.raises(rules.RuleError) as caught:
        load(folder, overlay=overlay(folder.parent, text))
    assert caught.value.file == "clinic.yaml"
    assert caught.value.line == line
    assert caught.value.reason.startswith(reason)


def test_a_missing_file_stops_the_load(tmp_path: Path) -> None:
    with pytest.raises(rules.RuleError, match=r"nowhere\.yaml:1: cannot be read"):
        load(overlay=tmp_path / "nowhere.yaml")


@pytest.fixture(scope="module", params=[0, 1], ids=["lowest", "highest"])
def at_the_end(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The rules with each threshold at one end of its range, as far as those above others allow."""
    end: int = request.param
    thresholds = load().thresholds
    values = {each.id: each.range[end] for each in thresholds.values() if each.range}
    for name in values:
        above = thresholds[name].above
        if above:
            values[name] = max(values[name], values.get(above, thresholds[above].value) + 1)
    lines = "\n".join(f"  {name}: {value}" for name, value in values.items())
    path = overlay(tmp_path_factory.mktemp("overlay"), f"thresholds:\n{lines}\n")
    return Bench(load(overlay=path), lambda off: load(None, off, path))


@pytest.mark.parametrize(
    "proved", [each for each in PROPERTIES if each.id not in ("facts", "under_18")], ids=lambda each: each.id
)
def test_every_property_holds_at_the_ends_of_the_ranges(at_the_end: Bench, proved: Property) -> None:
    assert prove_property(proved, at_the_end).faults == ()
