"""YAML files read as sections that know their file and line. YAML 1.2: `no` and `yes` are words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import Node, ScalarNode

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


class _Parsed(NamedTuple):
    """What a file says, and where it says it. Nobody may change either: it is kept by the file's text."""

    content: Any
    node: Node


@lru_cache(maxsize=256)
def _parse(text: str) -> _Parsed:
    """Read by libyaml, in an eighth of the time of the library's own parser, which says better what is wrong."""
    try:
        return _parsed(text, YAML(typ="safe", pure=False))
    except YAMLError:
        return _parsed(text, YAML(typ="safe", pure=True))


def _parsed(text: str, yaml: YAML) -> _Parsed:
    node = yaml.compose(text)
    return _Parsed(yaml.constructor.construct_document(node) if node else None, node)


def read(path: Path, root: Path) -> Section:
    """The file as one section. Raises RuleError if it cannot be read, is not YAML, or is not a mapping."""
    file = path.relative_to(root).as_posix()
    try:
        content, node = _parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(file, 1, f"cannot be read: {error}") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RuleError(file, line, f"is not YAML: {error.problem}") from error
    except (YAMLError, ValueError) as error:
        raise RuleError(file, 1, f"is not YAML: {error}") from error
    if not isinstance(content, dict):
        raise RuleError(file, 1, "must be a mapping of keys")
    return Section(file, content, node, 1)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


class Section:
    """One mapping in a YAML file. Every error it makes names the file and the line."""

    def __init__(self, file: str, content: dict[Any, Any], node: Node, line: int) -> None:
        self.file = file
        self.line = line
        self._content = content
        if len(content) != len(node.value):
            raise RuleError(file, line, "must not change a key that it takes over from another mapping (<<)")
        self._nodes: dict[Any, tuple[Node, Node]] = dict(zip(content, node.value, strict=True))
        """By key: where the key stands, and where its value does."""

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def line_of(self, key: str) -> int:
        """The line of a key, from 1; the section's own line if the key is not there."""
        return int(self._nodes[key][0].start_mark.line) + 1 if key in self else self.line

    def line_in(self, key: str, line: int) -> int:
        """The file's line of a line, counted from 0, within a text. A folded text has no lines but its key's."""
        node = self._nodes[key][1]
        return self.line_of(key) + (1 + line if isinstance(node, ScalarNode) and node.style == "|" else 0)

    def error(self, reason: str, key: str | None = None) -> RuleError:
        """An error to raise, at a key's line or at the section's."""
        return RuleError(self.file, self.line if key is None else self.line_of(key), reason)

    def plain(self) -> dict[Any, Any]:
        """The whole content: dict, list, str, int, float, bool, date, datetime or None."""
        content: dict[Any, Any] = _copy(self._content)
        return content

    def allow(self, required: Collection[str], optional: Collection[str] = ()) -> None:
        """Raise RuleError at a key that is neither required nor optional, or for a required key that is missing."""
        known = {*required, *optional}
        for key in self._content:
            if key not in known:
                raise self.error(f"unknown key {key!r}", key)
        for key in required:
            if key not in self:
                raise self.error(f"{key} is missing")

    def take(self, key: str, kind: type[T]) -> T:
        """The value of a key that must be there and of exactly this type; text must not be blank."""
        value = _copy(self._value(key))
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise self.error(f"{key} must be {_KIND_NAMES[kind]}", key)
        if isinstance(value, str) and not value.strip():
            raise self.error(f"{key} must not be blank", key)
        return value

    def _value(self, key: str) -> Any:
        if key not in self:
            raise self.error(f"{key} is missing")
        return self._content[key]

    def _held(self, key: str, kind: type[T]) -> T:
        """As take(), for what has parts: not a copy."""
        value = self._value(key)
        if not isinstance(value, kind):
            raise self.error(f"{key} must be {_KIND_NAMES[kind]}", key)
        return value

    def take_or(self, key: str, kind: type[T], default: D) -> T | D:
        """The value of a key that may be left out."""
        return self.take(key, kind) if key in self else default

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
        return isinstance(self._content.get(key), dict)

    def section(self, key: str) -> Section:
        """The mapping under a key."""
        return Section(self.file, self._held(key, dict), self._nodes[key][1], self.line_of(key))

    def sections(self, key: str) -> Iterator[Section]:
        """The mappings in the list under a key, which must not be empty."""
        items = self._held(key, list)
        if not items:
            raise self.error(f"{key} must not be empty", key)
        for item, node in zip(items, self._nodes[key][1].value, strict=True):
            line = int(node.start_mark.line) + 1
            if not isinstance(item, dict):
                raise RuleError(self.file, line, f"each of {key} must be a mapping of keys")
            yield Section(self.file, item, node, line)

    def named_sections(self, key: str) -> Iterator[tuple[str, Section]]:
        """The mappings by name under a key."""
        parent = self.section(key)
        for name in parent._content:
            if type(name) is not str:
                raise parent.error(f"{name!r} must be text", name)
            yield name, parent.section(name)
