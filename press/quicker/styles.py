"""How an element looks: the same under the same parent with the same rules. The rules are those of one style sheet."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from weasyprint.css import ComputedStyle

from press.quicker import Kept, Replaced, hashable

MOST = 1_000

TOLD_APART_BY = ("class", "id", "dir", "lang")
"""Attributes that rules look at."""


@dataclass
class _Look:
    number: int
    values: dict[str, Any] = field(default_factory=dict)
    specified: dict[str, Any] = field(default_factory=dict)
    sizes: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
    """See press.quicker.boxes."""


_looks: Kept[tuple[Any, ...], _Look] = Kept(MOST)
_places: Kept[tuple[Any, ...], int] = Kept(MOST)
_numbers = count(1)

_begin = ComputedStyle.__init__
_copy = ComputedStyle.copy
_compute = ComputedStyle.__missing__


def begin(style: Any, parent: Any, cascaded: dict[str, Any], pseudo_type: str | None, *others: Any) -> None:
    _begin(style, parent, cascaded, pseudo_type, *others)
    style.kept_look = look = _look_of(parent, cascaded, pseudo_type)
    if look is not None:
        style.update(look.values)
        style.specified.update(look.specified)
        style.kept_sizes = look.sizes


def copy(style: Any) -> Any:
    """A copy is made to be changed: what follows from it counts for no other."""
    copied = _copy(style)
    copied.kept_look, copied.kept_sizes = None, {}
    return copied


def compute(style: Any, name: str) -> Any:
    value = _compute(style, name)
    if style.kept_look is not None and name in style:
        style.kept_look.values[name] = value
        style.kept_look.specified.update(style.specified)
    return value


def _look_of(parent: Any, cascaded: dict[str, Any], pseudo_type: str | None) -> _Look | None:
    above = None if parent is None else parent.kept_look
    if parent is not None and above is None:
        return None
    key = (above and above.number, pseudo_type, *((name, hashable(value)) for name, (value, _) in cascaded.items()))
    found = _looks.get(key)
    if found is None:
        found = _looks[key] = _Look(next(_numbers))
    return found


class Rules:
    """The rules of a style sheet, by element. They look at nothing of an element but itself and what it stands in: a
    sheet whose rules look at what stands beside it is to do without."""

    def __init__(self, matcher: Any) -> None:
        self.matcher = matcher
        self._found: Kept[int, list[Any]] = Kept(MOST)

    def match(self, element: Any) -> list[Any]:
        place = _place(element)
        if (found := self._found.get(place)) is None:
            found = self._found[place] = self.matcher.match(element)
        return found


def _place(element: Any) -> int:
    """The same number for elements that no such rule tells apart."""
    try:
        number: int = element.kept_place
    except AttributeError:
        within = None if element.parent is None else _place(element.parent)
        key = (within, element.local_name, *(element.etree_element.get(name) for name in TOLD_APART_BY))
        if key not in _places:
            _places[key] = next(_numbers)
        number = element.kept_place = _places[key]
    return number


REPLACED = (
    Replaced(ComputedStyle, "__init__", _begin, begin),
    Replaced(ComputedStyle, "copy", _copy, copy),
    Replaced(ComputedStyle, "__missing__", _compute, compute),
)
