"""What the tests of the rules share: the rule set, people to assess, and folders with one thing wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rules
from rules.loader import load

Person = Callable[..., dict[str, Any]]
Broken = Callable[..., rules.RuleError]

RULES = Path(rules.__file__).parent


@pytest.fixture(scope="session")
def ruleset() -> rules.RuleSet:
    return rules.load()


@pytest.fixture
def person(ruleset: rules.RuleSet) -> Person:
    """The base person with changes; a change to None leaves the question unanswered."""
    return lambda **changes: {**ruleset.base_person, **changes}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data files with two rules alone."""
    target = tmp_path / "rules"
    for path in [*RULES.glob("*.yaml"), RULES / "article/a03_refractory.yaml", RULES / "safety/s10_heart.yaml"]:
        copy = target / path.relative_to(RULES)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return target


@pytest.fixture
def broken(folder: Path) -> Broken:
    """Put `new` in the place of `old` in one file, and give back the error that loading makes of it."""

    def fail(file: str, old: str, new: str) -> rules.RuleError:
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1))
        with pytest.raises(rules.RuleError) as caught:
            load(folder)
        return caught.value

    return fail
