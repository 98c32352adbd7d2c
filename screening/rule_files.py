"""A rule set's files as text: read from a folder, kept by their names, loaded again from what was kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import rules
from screening.config import ROOT

OWN_FOLDER = ROOT / "rules"
PATTERNS = ("*.yaml", "article/*.yaml", "safety/*.yaml")

Content = Mapping[str, str]
"""The text of each data file, by its name within the folder."""


def read_content(folder: Path) -> dict[str, str]:
    """All data files of a folder. Raises rules.RuleError for one that cannot be read."""
    content = {}
    for path in sorted(path for pattern in PATTERNS for path in folder.glob(pattern)):
        name = path.relative_to(folder).as_posix()
        try:
            content[name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise rules.RuleError(name, 1, f"cannot be read: {error}") from error
    return content


def load_content(content: Content, switched_off: frozenset[str] = frozenset()) -> rules.RuleSet:
    """The rule set that these files make. Raises rules.RuleError."""
    with TemporaryDirectory(prefix="rules-") as folder:
        for name, text in content.items():
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return rules.load(Path(folder), switched_off)
