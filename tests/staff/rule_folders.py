"""Rule folders for tests: copies of the project's own with something changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from flask import Flask

from screening.rule_files import OWN_FOLDER, read_content
from screening.rulebook import init_rules


def rules_folder(folder: Path, changes: Mapping[tuple[str, str], str] | None = None) -> Path:
    """A copy of the project's rules in `folder`, with (file, words) replaced by other words."""
    for name, text in read_content(OWN_FOLDER).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for (name, words), others in (changes or {}).items():
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert words in text, (name, words)
        path.write_text(text.replace(words, others), encoding="utf-8")
    return folder


STRICTER = {
    ("ruleset.yaml", "version: 1.0.0"): "version: 1.1.0",
    ("thresholds.yaml", "peg_pain_severe: {value: 8"): "peg_pain_severe: {value: 2",
}
"""Raises the base person from ROUTINE to CONSULT, by A07."""

BROKEN = {("safety/s10_heart.yaml", 'hx_heart == "unstable"'): 'hx_heart == "unstabel"'}


def restart_with(app: Flask, folder: Path) -> None:
    """As if the process were started again with this folder in RULES_DIR."""
    init_rules(app, replace(app.extensions["settings"], rules_dir=folder))
