"""What the library would work out anew for each print, though an earlier one had it worked out: how words fall into
lines, what drawings consist of, and how elements look.

The library has no place to keep any of this, so functions of its own are replaced by such as look first at what is
kept. They know the inside of one version: under any other, pages are printed without them. What is kept stays within
the process, which prints a few hundred times and is then replaced. `tests/test_press_quicker.py` prints pages with
and without, and finds the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

import weasyprint

__all__ = ["KNOWN", "Kept", "Replaced", "hashable", "put_in_place", "set_aside"]

KNOWN = "70.0"
"""The version of the library whose inside is known."""

K = TypeVar("K")
V = TypeVar("V")


class Kept(dict[K, V]):
    """What is kept, `most` of it: then it begins anew."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self._asked: set[int] = set()

    def __setitem__(self, key: K, value: V) -> None:
        if len(self) >= self.most:
            self.clear()
        super().__setitem__(key, value)

    def asked_before(self, key: K) -> bool:
        """Whether to keep what belongs to this: what somebody wrote mostly stands once, and is not kept then."""
        mark = hash(key)
        if mark in self._asked:
            return True
        if len(self._asked) >= self.most:
            self._asked.clear()
        self._asked.add(mark)
        return False


def hashable(value: Any) -> Any:
    """A value of a style as part of a key."""
    if isinstance(value, list | tuple):
        return tuple(hashable(each) for each in value)
    return frozenset(value) if isinstance(value, set) else value


class Replaced(NamedTuple):
    """A function of a module, class or table of the library, and what takes its place."""

    owner: Any
    name: str
    original: Callable[..., Any]
    by: Callable[..., Any]


def put_in_place() -> None:
    if weasyprint.__version__ == KNOWN:
        for each in _all():
            _put(each.owner, each.name, each.original, each.by)


@contextmanager
def set_aside() -> Iterator[None]:
    """The library as it is by itself, until left."""
    for each in _all():
        _put(each.owner, each.name, each.by, each.original)
    try:
        yield
    finally:
        put_in_place()


def _all() -> list[Replaced]:
    from press.quicker import boxes, drawings, lines, styles, writing

    return [each for part in (lines, drawings, styles, boxes, writing) for each in part.REPLACED]


def _put(owner: Any, name: str, old: Callable[..., Any], new: Callable[..., Any]) -> None:
    if isinstance(owner, dict):
        owner[name] = new
        return
    setattr(owner, name, new)
    # Modules that took the function by its name have it still.
    for module in [each for name, each in sys.modules.items() if name.startswith("weasyprint.")]:
        for known_as in [its for its, value in vars(module).items() if value is old]:
            setattr(module, known_as, new)
