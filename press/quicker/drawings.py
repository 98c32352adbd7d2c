"""What a drawing consists of on paper: the same for the same drawing in the same size."""

from __future__ import annotations

from typing import Any, NamedTuple

import pydyf
from weasyprint import svg
from weasyprint.images import SVGImage

from press.quicker import Kept, Replaced

MOST = 200
MOST_PATHS = 400
STATE = ("_current_color", "_current_color_stroke", "_current_alpha", "_current_alpha_stroke")
"""What a stream does not say again."""

OF_ITS_OWN = ("XObject", "Pattern", "Shading")
"""What a drawing may refer to and these do not. Such as do are drawn anew."""


class _Drawing(NamedTuple):
    steps: list[Any]
    see_through: dict[str, Any]
    """How much of what is below shows, by name."""


class _Path(NamedTuple):
    steps: list[Any]
    vertices: tuple[Any, ...]


_drawings: Kept[tuple[Any, ...], _Drawing | None] = Kept(MOST)
_paths: Kept[tuple[Any, ...], _Path] = Kept(MOST_PATHS)

_draw = SVGImage.draw
_draw_path = svg.TAGS["path"]


def draw(image: Any, stream: Any, width: float, height: float, style: Any) -> None:
    key = (image._base_url, width, height, *(getattr(stream, name) for name in STATE))
    if key not in _drawings and _drawings.asked_before(key):
        _drawings[key] = None if image._base_url is None else _apart(image, stream, width, height, style)
    drawing = _drawings.get(key)
    if drawing is None:
        _draw(image, stream, width, height, style)
        return
    for name, state in drawing.see_through.items():
        stream._resources["ExtGState"].setdefault(name, state)
    stream.push_state()
    stream.stream += drawing.steps
    stream.pop_state()


def _apart(image: Any, stream: Any, width: float, height: float, style: Any) -> _Drawing | None:
    """The drawing on a sheet of its own, or None for one that cannot be kept."""
    resources = {name: pydyf.Dictionary() for name in ("ExtGState", *OF_ITS_OWN)}
    sheet = stream.clone(resources={**stream._resources, **resources})
    for name in STATE:
        setattr(sheet, name, getattr(stream, name))
    _draw(image, sheet, width, height, style)
    # One that fails half-way leaves its state behind.
    failed = len(sheet._ctm_stack) > 1
    if failed or any(resources[name] for name in OF_ITS_OWN) or len(sheet.stream) < 3:
        return None
    _begin, *steps, _end = sheet.stream
    return _Drawing(steps, dict(resources["ExtGState"]))


def draw_path(drawing: Any, node: Any, font_size: float) -> None:
    """A path of a drawing that holds words, and so cannot be kept as a whole."""
    stream = drawing.stream
    key = (node.get("d"), font_size)
    path = _paths.get(key)
    if path is None or node.vertices:
        before = len(stream.stream)
        _draw_path(drawing, node, font_size)
        _paths[key] = _Path(stream.stream[before:], tuple(node.vertices))
    else:
        stream.stream += path.steps
        node.vertices.extend(path.vertices)


REPLACED = (
    Replaced(SVGImage, "draw", _draw, draw),
    Replaced(svg.TAGS, "path", _draw_path, draw_path),
)
