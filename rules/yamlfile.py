"""YAML files read as sections that know their file and line. YAML 1.2: `no` and `yes` are words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from rules.model import RuleError

T = TypeVar("T")
D = TypeVar("D")

_KIND_NAMES: dict[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    date: "a date",
    list: "a list",
    dict: "a mapping",
}

_PLAIN = (str, int, float, bool, type(None))


def plain(value: Any) -> Any:
    """A YAML value without its comments and positions: dict, list, str, int, float, bool, date or None.

    A value with a tag of its own stays as it is, and so has no type that any key takes.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, CommentedMap):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, CommentedSeq):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


@lru_cache(maxsize=256)
def _parse(text: str) -> Any:
    """The parsed file, kept by its content. Nobody may change what comes back."""
    return YAML(typ="rt").load(text)


def read(path: Path, root: Path) -> Section:
    """The file as one section. Raises RuleError if it cannot be read, is not YAML, or is not a mapping."""
    file = path.relative_to(root).as_posix()
    try:
        node = _parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(file, 1, f"cannot be read: {error}") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RuleError(file, line, f"is not YAML: {error.problem}") from error
    except (YAMLError, ValueError) as error:
        raise RuleError(file, 1, f"is not YAML: {error}") from error
    if not isinstance(node, CommentedMap):
        raise RuleError(file, 1, "must be a mapping of keys")
    return Section(file, node, 1)


class Section:
    """One mapping in a YAML file. Every error it makes names the file and the line."""

    def __init__(self, file: str, node: CommentedMap, line: int) -> None:
        self.file = file
        self.line = line
        self._node = node

    def __contains__(self, key: str) -> bool:
        return key in self._node

    def line_of(self, key: str) -> int:
        """The line of a key, from 1; the section's own line if the key is not there."""
        return int(self._node.lc.key(key)[0]) + 1 if key in self._node else self.line

    def line_in(self, key: str, line: int) -> int:
        """The file's line of a line, counted from 0, within a text. A folded text has no lines but its key's."""
        return self.line_of(key) + (1 + line if isinstance(self._node[key], LiteralScalarString) else 0)

    def error(self, reason: str, key: str | None = None) -> RuleError:
        """An error to raise, at a key's line or at the section's."""
        return RuleError(self.file, self.line if key is None else self.line_of(key), reason)

    def plain(self) -> dict[Any, Any]:
        """The whole content, without positions."""
        content: dict[Any, Any] = plain(self._node)
        return content

    def allow(self, required: Collection[str], optional: Collection[str] = ()) -> None:
        """Raise RuleError at a key that is neither required nor optional, or for a required key that is missing."""
        known = {*required, *optional}
        for key in self._node:
            if key not in known:
                raise RuleError(self.file, int(self._node.lc.key(key)[0]) + 1, f"unknown key {key!r}")
        for key in required:
            if key not in self._node:
                raise self.error(f"{key} is missing")

    def take(self, key: str, kind: type[T]) -> T:
        """The value of a key that must be there and of exactly this type; text must not be blank."""
        if key not in self._node:
            raise self.error(f"{key} is missing")
        value = plain(self._node[key])
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise self.error(f"{key} must be {_KIND_NAMES[kind]}", key)
        if isinstance(value, str) and not value.strip():
            raise self.error(f"{key} must not be blank", key)
        return value

    def _need(self, key: str, shape: type, kind: type) -> None:
        """What take() asks of a list or a mapping, without a copy of what is in it."""
        if key not in self._node:
            raise self.error(f"{key} is missing")
        if not isinstance(self._node[key], shape):
            raise self.error(f"{key} must be {_KIND_NAMES[kind]}", key)

    def take_or(self, key: str, kind: type[T], default: D) -> T | D:
        """The value of a key that may be left out."""
        return self.take(key, kind) if key in self._node else default

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, each there once; an absent key is an empty list."""
        items = self.take_or(key, list, [])
        for item in items:
            if type(item) is not str or not item.strip():
                raise self.error(f"{key} must be a list of texts", key)
        if len(set(items)) != len(items):
            raise self.error(f"{key} names something twice", key)
        return tuple(items)

    def is_section(self, key: str) -> bool:
        return isinstance(self._node.get(key), CommentedMap)

    def section(self, key: str) -> Section:
        """The mapping under a key."""
        self._need(key, CommentedMap, dict)
        return Section(self.file, self._node[key], self.line_of(key))

    def sections(self, key: str) -> Iterator[Section]:
        """The mappings in the list under a key, which must not be empty."""
        self._need(key, CommentedSeq, list)
        node = self._node[key]
        if not node:
            raise self.error(f"{key} must not be empty", key)
        for index, item in enumerate(node):
            line = int(node.lc.item(index)[0]) + 1
            if not isinstance(item, CommentedMap):
                raise RuleError(self.file, line, f"each of {key} must be a mapping of keys")
            yield Section(self.file, item, line)

    def named_sections(self, key: str) -> Iterator[tuple[str, Section]]:
        """The mappings by name under a key."""
        parent = self.section(key)
        for name in map(plain, parent._node):
            if type(name) is not str:
                raise parent.error(f"{name!r} must be text", name)
            yield name, parent.section(name)
