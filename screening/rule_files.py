"""A rule set's files as text: read from a folder, kept by their names, loaded again from what was kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import rules
from screening.config import ROOT
from screening.questions.fit import misfits

OWN_FOLDER = ROOT / "rules"
PATTERNS = ("*.yaml", "article/*.yaml", "safety/*.yaml")

FIELDS = "fields.yaml"
OVERLAY = "overlay.yaml"
"""The clinic's own thresholds, and the parts it switches off: in the folder, or a file elsewhere kept by this name."""

Content = Mapping[str, str]
"""The text of each data file, by its name within the folder."""


def read_content(folder: Path, overlay: Path | None = None) -> dict[str, str]:
    """All data files of a folder, with an overlay from elsewhere. Raises rules.RuleError for one that is not read."""
    paths = sorted(path for pattern in PATTERNS for path in folder.glob(pattern))
    content = {(name := path.relative_to(folder).as_posix()): _text(path, name) for path in paths}
    return content if overlay is None else {**content, OVERLAY: _text(overlay, overlay.name)}


def _text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise rules.RuleError(name, 1, f"cannot be read: {error}") from error


def load_content(content: Content, switched_off: frozenset[str] = frozenset()) -> rules.RuleSet:
    """The rule set that these files make. Raises rules.RuleError."""
    with TemporaryDirectory(prefix="rules-") as folder:
        for name, text in content.items():
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return rules.load(Path(folder), switched_off, Path(folder) / OVERLAY if OVERLAY in content else None)


def load_askable(content: Content, switched_off: frozenset[str] = frozenset()) -> rules.RuleSet:
    """The same, for a set to be put in force. Raises rules.RuleError too where the questionnaire does not fit it."""
    ruleset = load_content(content, switched_off)
    check_askable(ruleset, content)
    return ruleset


def check_askable(ruleset: rules.RuleSet, content: Content) -> None:
    """Raises rules.RuleError for a set that asks something that there are no words for, or lacks what is asked."""
    if wrong := misfits(ruleset):
        field = wrong[0].split(":")[0].split(" ")[0]
        found = re.search(rf"\bid: {re.escape(field)}\b", content[FIELDS])
        line = content[FIELDS].count("\n", 0, found.start()) + 1 if found else 1
        raise rules.RuleError(FIELDS, line, "; ".join(wrong))
