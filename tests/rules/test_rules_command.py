"""`python -m rules check`: what it prints, and when it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import rules
from rules.cli import rules_group
from tests.rules.conftest import RULES

S10 = "safety/s10_heart.yaml"


def check(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(rules_group, ["check", *arguments], env=environ)


def test_the_shipped_rules_pass(ruleset: rules.RuleSet) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rules", "check", "--strict", "--today", "2027-11-22"],
        cwd=RULES.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Version {ruleset.version}, {ruleset.sha256}: 44 rules, ")


def test_a_folder_and_the_one_of_the_clinic(folder: Path) -> None:
    assert ": 2 rules, " in check(str(folder)).stdout
    assert ": 2 rules, " in check(RULES_DIR=str(folder)).stdout


def test_a_file_that_does_not_load_is_named(folder: Path) -> None:
    (folder / S10).write_text((folder / S10).read_text().replace('== "unstable"', '== "shaky"', 1))
    done = check(str(folder))
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"Error: {S10}:")


@pytest.mark.parametrize(("arguments", "status"), [([], 0), (["--strict"], 1)])
def test_an_overdue_review_warns_and_fails_if_strict(folder: Path, arguments: list[str], status: int) -> None:
    (folder / S10).write_text((folder / S10).read_text().replace("review_by: 2027-11-22", "review_by: 2027-01-31"))
    done = check(str(folder), "--today", "2027-02-01", *arguments)
    assert done.exit_code == status
    assert done.stderr == f"{S10}: the review of S10 was due on 2027-01-31\n"
    assert check(str(folder), "--today", "2027-01-31", *arguments).stderr == ""


def test_an_example_that_does_not_hold(folder: Path) -> None:
    text = (folder / S10).read_text()
    assert text.count("gives: INFO") == 1
    (folder / S10).write_text(text.replace("gives: INFO", "gives: CONSULT"))
    done = check(str(folder))
    assert done.exit_code == 1
    name = "unstable, ketamine is not a question"
    assert done.stderr == f"{S10}: S10, {name}: should give CONSULT, answers, gives INFO, answers\n"


def test_an_overlay_is_checked(folder: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "clinic.yaml"
    overlay.write_text("thresholds: {fragile_age: 12}")
    done = check(str(folder), "--overlay", str(overlay))
    assert done.exit_code == 1
    assert done.stderr == "Error: clinic.yaml:1: fragile_age must be from 50 to 100 years\n"


def test_flask_has_it_on_a_machine_without_settings(ruleset: rules.RuleSet) -> None:
    environ = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "rules", "check"],
        cwd=RULES.parent, env={**environ, "SCREENING_MODE": "production"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.startswith(f"Version {ruleset.version}")
