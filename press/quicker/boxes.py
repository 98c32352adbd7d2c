"""What a box takes from its style alone, whatever its words: found once for a style, and not for each of its boxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from weasyprint.draw import border
from weasyprint.draw.color import get_color
from weasyprint.formatting_structure.boxes import Box, LineBox
from weasyprint.layout import background, percent
from weasyprint.layout import float as floating
from weasyprint.text import line_break

from press.quicker import Replaced

SIDES = ("top", "right", "bottom", "left")
SIZES = (
    *(f"{kind}_{side}" for kind in ("margin", "padding") for side in SIDES),
    *(f"border_{side}_width" for side in SIDES),
    *(f"{most}{side}" for most in ("", "min_", "max_") for side in ("width", "height")),
)
SQUARE = {f"border_{corner}_radius": (0, 0) for corner in ("top_left", "top_right", "bottom_right", "bottom_left")}

_resolve = percent.resolve_percentages
_strut = line_break.strut
_in_flow = Box.is_in_normal_flow
_lay_backgrounds = background.layout_box_backgrounds
_round = Box.rounded_box
_draw_border = border.draw_border
_avoid = floating.avoid_collisions


def resolve_percentages(box: Any, containing_block: Any) -> None:
    within = containing_block
    if isinstance(within, Box):
        within = (within.width, within.height)
    if box.style["border_collapse"] == "collapse":
        _resolve(box, containing_block)
        return
    try:
        known = box.style.kept_sizes
    except AttributeError:
        known = box.style.kept_sizes = {}
    if (sizes := known.get(within)) is None:
        _resolve(box, containing_block)
        known[within] = {name: vars(box)[name] for name in SIZES}
    else:
        vars(box).update(sizes)


def strut(style: Any) -> Any:
    try:
        return style.kept_strut
    except AttributeError:
        style.kept_strut = found = _strut(style)
        return found


def is_in_normal_flow(box: Any) -> bool:
    try:
        found: bool = box.style.kept_in_flow
    except AttributeError:
        found = box.style.kept_in_flow = _in_flow(box)
    return found


def layout_box_backgrounds(
    page: Any, box: Any, get_image: Callable[..., Any], layout_children: bool = True, style: Any = None
) -> None:
    if style is not None or box is page or not layout_children or not _is_bare(box.style):
        _lay_backgrounds(page, box, get_image, layout_children, style)
        return
    vars(box).update(SQUARE)
    for child in box.all_children():
        layout_box_backgrounds(page, child, get_image)
    box.background = None


def _is_bare(style: Any) -> bool:
    """Whether nothing lies behind the words, and no corner is round."""
    try:
        found: bool = style.kept_bare
    except AttributeError:
        found = style.kept_bare = (
            all((0, "px") in style[name] for name in SQUARE)
            and all(style[name][0] == "none" for name in ("border_image_source", "mask_border_source"))
            and all(kind == "none" for kind, _ in style["background_image"])
            and get_color(style, "background_color").alpha == 0
            and not style["box_shadow"]
        )
    return found


def avoid_collisions(context: Any, box: Any, containing_block: Any, outer: bool = True) -> tuple[Any, ...]:
    """A line, which has no margins, has all the room where nothing floats."""
    if context.excluded_shapes or not isinstance(box, LineBox):
        return tuple(_avoid(context, box, containing_block, outer))
    left = containing_block.content_box_x()
    right = left + containing_block.width
    from_right = containing_block.style["direction"] == "rtl"
    return right if from_right else left, box.position_y, right - left


def rounded_box(box: Any, top: float, right: float, bottom: float, left: float) -> tuple[Any, ...]:
    corners = tuple(getattr(box, name) for name in SQUARE)
    if corners != tuple(SQUARE.values()):
        return tuple(_round(box, top, right, bottom, left))
    width, height = box.border_width() - left - right, box.border_height() - top - bottom
    return box.border_box_x() + left, box.border_box_y() + top, width, height, *corners


def draw_border(stream: Any, box: Any) -> None:
    if _has_border(box.style):
        _draw_border(stream, box)


def _has_border(style: Any) -> bool:
    try:
        found: bool = style.kept_border
    except AttributeError:
        found = style.kept_border = (
            any(style[f"border_{side}_width"] for side in SIDES)
            or style["border_image_source"][0] != "none"
            or (style["column_width"], style["column_count"]) != ("auto", "auto")
        )
    return found


REPLACED = (
    Replaced(percent, "resolve_percentages", _resolve, resolve_percentages),
    Replaced(line_break, "strut", _strut, strut),
    Replaced(Box, "is_in_normal_flow", _in_flow, is_in_normal_flow),
    Replaced(background, "layout_box_backgrounds", _lay_backgrounds, layout_box_backgrounds),
    Replaced(Box, "rounded_box", _round, rounded_box),
    Replaced(border, "draw_border", _draw_border, draw_border),
    Replaced(floating, "avoid_collisions", _avoid, avoid_collisions),
)
