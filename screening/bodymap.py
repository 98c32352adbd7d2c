"""The body map: a figure from the front and from the back with the painful regions marked, drawn as SVG from data.

Marked regions carry a shade, hatching and an outline, so that they read without colour. Left and right are the
person's own: in the front view their left is on the viewer's right. On paper the marked regions alone are drawn; on a
page to tap all are, and the style sheet shows which are marked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import pgettext
from markupsafe import Markup

Point = tuple[float, float]
NOTHING = Markup()
MARKED = Markup(" data-marked")

START, WIDTH, HEIGHT = 5, 182, 268
"""The left edge, width and height of the drawing."""
FIGURE_WIDTH = 100
BACK_OFFSET = 92
MIDDLE = 50
HATCH_STEP = 4.5

INK = "#1c2b2d"
SKIN = "#f4f1ea"
SHADE = "#b9cfcc"

HEAD = (50, 17, 10.5, 13.5)
"""Centre x and y, radius across and down."""

BODY_HALF: tuple[Point, ...] = (
    (50, 27), (55, 29), (55.6, 36), (60, 40.5), (68, 43.5), (73.5, 48), (74.5, 56), (71, 66), (68.5, 80), (67.5, 93),
    (70, 106), (71.5, 120), (70.5, 140), (67, 160), (65.5, 172), (66.5, 186), (63, 206), (60.5, 219), (62.5, 227),
    (65.5, 233), (62, 236), (55.5, 234.5), (54, 226), (54.6, 214), (54.2, 196), (54, 180), (53.6, 166), (53, 150),
    (51.6, 134), (50, 127),
)  # fmt: skip
"""The outline of neck, trunk and one leg, on the viewer's right, from the top to the crotch."""

ARM: tuple[Point, ...] = (
    (66, 45), (75, 46.5), (80.5, 54), (82, 68), (84, 82), (88, 98), (91, 114), (94, 124), (93.5, 135), (90, 141),
    (86.5, 136), (86, 126), (84.5, 115), (80, 100), (76, 85), (73, 70), (70, 58),
)  # fmt: skip


@dataclass(frozen=True)
class Band:
    """Where a region lies: a band of the body across `left` to `right` and down from `top` to `bottom`."""

    left: float
    right: float
    top: float
    bottom: float

    def mirrored(self) -> Band:
        return Band(2 * MIDDLE - self.right, 2 * MIDDLE - self.left, self.top, self.bottom)

    def within(self, left: float, right: float) -> Band:
        return Band(max(self.left, left), min(self.right, right), self.top, self.bottom)


RIGHT_OF_MIDDLE = (MIDDLE, FIGURE_WIDTH)

TRUNK = {
    "neck": Band(36, 64, 29, 44),
    "upper_back": Band(0, FIGURE_WIDTH, 44, 76),
    "low_back": Band(0, FIGURE_WIDTH, 76, 104),
}
LIMBS = {
    "buttock": Band(*RIGHT_OF_MIDDLE, 104, 132),
    "thigh": Band(*RIGHT_OF_MIDDLE, 132, 165),
    "calf": Band(*RIGHT_OF_MIDDLE, 169, 213),
    "foot": Band(*RIGHT_OF_MIDDLE, 213, 241),
}
SEEN_FROM_FRONT = ("thigh", "calf", "foot")


def _back_bands() -> dict[str, Band]:
    sided = {f"{name}_r": band for name, band in LIMBS.items()}
    return {**TRUNK, **sided, **{f"{name}_l": band.mirrored() for name, band in LIMBS.items()}}


def _front_bands() -> dict[str, Band]:
    sided = {f"{name}_l": LIMBS[name] for name in SEEN_FROM_FRONT}
    return {**sided, **{f"{name}_r": LIMBS[name].mirrored() for name in SEEN_FROM_FRONT}}


BACK = _back_bands()
FRONT = _front_bands()

REACH = 28
"""How far from the middle a tap counts: as wide as the trunk, and not on the hands."""

NECK_REACH = Band(MIDDLE - REACH, MIDDLE + REACH, 16, 44)
"""The neck is smaller than a fingertip, so it also takes taps on the jaw and beside it, where no other region is."""


def regions_drawn() -> frozenset[str]:
    """The regions that have a place on the figure; "other" and "none" have none."""
    return frozenset(BACK) | frozenset(FRONT)


def body_map(regions: Collection[str], description: str, id_prefix: str = "body-map") -> Markup:
    """The figure with `regions` (codes of pain_regions) marked, as one <svg> element.

    `description` says in words what is marked. `id_prefix` keeps ids apart where a page has two figures.
    """
    parts = (
        _view("front", pgettext("seen from", "Front"), 0, _marks(FRONT, regions), id_prefix),
        _view("back", pgettext("seen from", "Back"), BACK_OFFSET, _marks(BACK, regions), id_prefix),
    )
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="{start} 0 {width} {height}" width="{width}"'
        ' height="{height}" role="img" aria-labelledby="{prefix}-title {prefix}-description">'
        '<title id="{prefix}-title">{title}</title><desc id="{prefix}-description">{description}</desc>{parts}</svg>'
    ).format(
        start=START,
        width=WIDTH,
        height=HEIGHT,
        prefix=id_prefix,
        title=_("Body map"),
        description=description,
        parts=NOTHING.join(parts),
    )


def tap_map(regions: Collection[str], id_prefix: str) -> Markup:
    """The figure to tap, as one <svg> element for a page, with `regions` marked. It says nothing to a screen reader:
    it stands beside a list of the same regions.

    Every region has data-region, and data-marked where it is marked; what takes its taps has data-tap.
    """
    parts = (
        _view("front", pgettext("seen from", "Front"), 0, _every(FRONT, regions), id_prefix, _targets(FRONT)),
        _view("back", pgettext("seen from", "Back"), BACK_OFFSET, _every(BACK, regions), id_prefix, _targets(BACK)),
    )
    return Markup(
        '<svg class="app-map__figure" viewBox="{} 0 {} {}" aria-hidden="true" focusable="false">{}</svg>'
    ).format(START, WIDTH, HEIGHT, NOTHING.join(parts))


def _marks(bands: dict[str, Band], regions: Collection[str]) -> Markup:
    return NOTHING.join(_mark(region, band) for region, band in bands.items() if region in regions)


def _every(bands: dict[str, Band], regions: Collection[str]) -> Markup:
    return NOTHING.join(_mark(region, band, MARKED if region in regions else "") for region, band in bands.items())


def _targets(bands: dict[str, Band]) -> Markup:
    return NOTHING.join(
        Markup('<rect class="app-map__target" data-tap="{}" {} fill="none" pointer-events="all"/>').format(
            region, _box(NECK_REACH if region == "neck" else band.within(MIDDLE - REACH, MIDDLE + REACH))
        )
        for region, band in bands.items()
    )


def _view(view: str, title: str, offset: float, marks: Markup, prefix: str, targets: Markup = NOTHING) -> Markup:
    body = smooth(mirror_closed(BODY_HALF))
    arm, other_arm = smooth(ARM), smooth([(2 * MIDDLE - x, y) for x, y in ARM])
    head = Markup('<ellipse cx="{}" cy="{}" rx="{}" ry="{}"{}/>').format(*HEAD, _line(SKIN))
    limbs = Markup('<path d="{}"{line}/><path d="{}"{line}/>').format(arm, other_arm, line=_line(SKIN))
    return Markup('<g transform="translate({} 0)">{}{}{}{}{}{}</g>').format(
        offset,
        limbs,
        _trunk(body, marks, f"{prefix}-{view}"),
        head,
        _sides(view),
        _label(title, MIDDLE, HEIGHT - 3, 11),
        targets,
    )


def _trunk(body: str, marks: Markup, clip: str) -> Markup:
    """The body with its marks inside. Without any it is one path, which a print draws in a fraction of the time."""
    if not marks:
        return Markup('<path d="{}"{}/>').format(body, _line(SKIN))
    return Markup(
        '<defs><clipPath id="{clip}"><path d="{body}"/></clipPath></defs><path class="app-map__skin" d="{body}"'
        ' fill="{skin}"/><g clip-path="url(#{clip})">{marks}</g><path d="{body}"{line}/>'
    ).format(body=body, clip=clip, marks=marks, skin=SKIN, line=_line("none"))


def _sides(view: str) -> Markup:
    at_left, at_right = (_("Right"), _("Left")) if view == "front" else (_("Left"), _("Right"))
    return _label(at_left, 27, 249, 10) + _label(at_right, FIGURE_WIDTH - 27, 249, 10)


def _label(text: str, x: float, y: float, size: float) -> Markup:
    return Markup(
        '<text x="{}" y="{}" font-size="{}" font-family="Noto Sans, sans-serif" text-anchor="middle"'
        ' fill="{}">{}</text>'
    ).format(x, y, size, INK, text)


def _line(fill: str) -> Markup:
    return Markup(' class="app-map__{}" fill="{}" stroke="{}" stroke-width="1.1" stroke-linejoin="round"').format(
        "outline" if fill == "none" else "skin", fill, INK
    )


def _mark(region: str, band: Band, state: str = "") -> Markup:
    """One region: shaded, hatched and outlined. It is drawn wider than the body and cut to it."""
    return Markup(
        '<g class="app-map__region" data-region="{region}"{state}>'
        '<rect class="app-map__shade" {box} fill="{shade}"/>'
        '<path class="app-map__hatching" d="{hatching}" fill="none" stroke="{ink}" stroke-width="0.8"/>'
        '<rect class="app-map__edge" {box} fill="none" stroke="{ink}" stroke-width="1.2"/></g>'
    ).format(region=region, state=state, box=_box(band), shade=SHADE, hatching=_hatching(band), ink=INK)


def _box(band: Band) -> Markup:
    return Markup('x="{}" y="{}" width="{}" height="{}"').format(
        band.left, band.top, band.right - band.left, band.bottom - band.top
    )


def _hatching(band: Band) -> str:
    """Slanting lines, each cut to the band."""
    lines = []
    start = band.left - (band.bottom - band.top)
    while (start := start + HATCH_STEP) < band.right:
        first = max(start, band.left)
        last = min(start + band.bottom - band.top, band.right)
        lines.append(f"M{_n(first)} {_n(band.bottom - (first - start))}L{_n(last)} {_n(band.bottom - (last - start))}")
    return "".join(lines)


def mirror_closed(half: Sequence[Point]) -> list[Point]:
    """A closed outline from its half on the viewer's right; the ends of the half lie on the middle."""
    return [*half, *((2 * MIDDLE - x, y) for x, y in reversed(half[1:-1]))]


def smooth(points: Sequence[Point]) -> str:
    """A closed path through the points: a Catmull-Rom spline as Bezier curves."""
    count = len(points)
    curves = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for index in range(count):
        before, start, end, after = (points[(index + step) % count] for step in (-1, 0, 1, 2))
        controls = (
            (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6),
            (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6),
        )
        curves.append("C" + " ".join(f"{_n(x)} {_n(y)}" for x, y in (*controls, end)))
    return "".join(curves) + "Z"


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def described(answer: str) -> str:
    """The figure in words, for those who do not see it. `answer` is the list of regions as worded."""
    return str(_("Marked: %(regions)s. Left and right are the person's own.", regions=answer))
