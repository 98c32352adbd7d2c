"""How words fall into a line and which letters of which fonts draw it: the same for the same words, set in the same way
into the same width. Most words of a print are those of the questions and rules.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any, NamedTuple

from weasyprint.draw import text as draw_text
from weasyprint.matrix import Matrix
from weasyprint.text import line_break
from weasyprint.text.ffi import ffi
from weasyprint.text.fonts import get_pango_font_key

from press.quicker import Kept, Replaced, hashable

MOST = 4_000
LONGEST = 400
"""Letters. Longer text is free text, which is hardly ever printed twice."""

DECIDES = (
    "direction",
    "font_family",
    "font_feature_settings",
    "font_kerning",
    "font_language_override",
    "font_size",
    "font_stretch",
    "font_style",
    "font_variant_alternates",
    "font_variant_caps",
    "font_variant_east_asian",
    "font_variant_ligatures",
    "font_variant_numeric",
    "font_variant_position",
    "font_variation_settings",
    "font_weight",
    "hyphenate_character",
    "hyphenate_limit_chars",
    "hyphenate_limit_zone",
    "hyphens",
    "lang",
    "letter_spacing",
    "overflow_wrap",
    "tab_size",
    "text_decoration_line",
    "white_space",
    "word_break",
    "word_spacing",
)
"""All of a style that the library looks at in setting words."""


class _Line(NamedTuple):
    layout: dict[str, Any]
    """What the library's layout holds once the line is found."""

    rest: tuple[Any, ...]
    """Its length, where the next one begins, its width, height and baseline."""


class _Letters(NamedTuple):
    """Of one font, in the order in which the line has them."""

    font_key: int
    font: Any
    to_unicode: dict[int, str]
    widths: dict[int, int]


class _Drawn(NamedTuple):
    letters: list[_Letters]
    steps: list[tuple[str, tuple[Any, ...]]]
    """What a stream is told to do, by the name of its method."""


_lines: Kept[tuple[Any, ...], _Line] = Kept(MOST)
_drawn: Kept[tuple[Any, ...], _Drawn] = Kept(MOST)
_fonts_in_use: dict[int, Any] = {}
"""By the address of each font that kept letters are of: a layout that has it, and so keeps it there."""

_all_that_decides = itemgetter(*DECIDES)
_split = line_break.split_first_line
_set_up_again = line_break.Layout.reactivate
_draw = draw_text.draw_first_line


def setting(style: Any) -> tuple[Any, ...]:
    """All of a style that decides how words are set."""
    try:
        found: tuple[Any, ...] = style.kept_setting
    except AttributeError:
        found = style.kept_setting = tuple(map(hashable, _all_that_decides(style)))
    return found


def split_first_line(
    text: str,
    style: Any,
    context: Any,
    max_width: float | None,
    justification_spacing: float,
    is_line_start: bool = True,
    minimum: bool = False,
) -> tuple[Any, ...]:
    key = (text, setting(style), max_width, justification_spacing, is_line_start, minimum)
    if (line := _lines.get(key)) is not None:
        layout = object.__new__(line_break.Layout)
        vars(layout).update(line.layout)
        return layout, *line.rest
    found: tuple[Any, ...]
    layout, *rest = found = _split(text, style, context, max_width, justification_spacing, is_line_start, minimum)
    if len(text) <= LONGEST and _lines.asked_before(key):
        _lines[key] = _Line(dict(vars(layout)), tuple(rest))
    return found


def reactivate(layout: Any, style: Any) -> None:
    """The letters are looked up when they are drawn, if they have to be."""
    layout.style, layout.layout, layout.language = style, None, None


def draw_first_line(stream: Any, box: Any, text_overflow: str, block_ellipsis: Any, matrix: Matrix) -> list[Any]:
    layout = box.pango_layout
    key = (layout.text, setting(box.style), layout.justification_spacing)
    whole = text_overflow != "ellipsis" and block_ellipsis == "none"
    if whole and (drawn := _drawn.get(key)) is not None:
        _draw_again(stream, drawn, matrix)
        return []
    _set_up_again(layout, box.style)
    if not whole or not _drawn.asked_before(key):
        return list(_draw(stream, box, text_overflow, block_ellipsis, matrix))
    with _Watched(stream) as watched:
        emojis: list[Any] = _draw(watched, box, text_overflow, block_ellipsis, matrix)
    # A letter that no font has is to be warned of each time.
    if not emojis and watched.plain:
        for letters in watched.letters:
            _fonts_in_use.setdefault(int(ffi.cast("uintptr_t", letters.font)), layout.layout)
        _drawn[key] = _Drawn(watched.letters, watched.steps)
    return emojis


def _draw_again(stream: Any, drawn: _Drawn, matrix: Matrix) -> None:
    if drawn.steps:
        stream.set_text_matrix(*matrix.values)
    for letters in drawn.letters:
        font = stream._fonts.get(letters.font_key) or stream.add_font(letters.font)[0]
        _add(font, letters.to_unicode, letters.widths)
    for name, given in drawn.steps:
        getattr(stream, name)(*given)


def _add(font: Any, to_unicode: dict[int, str], widths: dict[int, int]) -> None:
    """What was known of a letter first, stays."""
    for letter, words in to_unicode.items():
        font.to_unicode.setdefault(letter, words)
    for letter, width in widths.items():
        font.widths.setdefault(letter, width)


class _Watched:
    """A stream that notes what it is told, and which letters a line takes of a font that may have others already."""

    def __init__(self, stream: Any) -> None:
        self.stream, self.ink_rect, self.logical_rect = stream, stream.ink_rect, stream.logical_rect
        self.steps: list[tuple[str, tuple[Any, ...]]] = []
        self.letters: list[_Letters] = []
        self._fonts: list[tuple[Any, dict[int, str], dict[int, int]]] = []

    @property
    def plain(self) -> bool:
        return not any(font.missing or font.png or font.svg or font.colr for font, *_ in self._fonts)

    def __enter__(self) -> _Watched:
        return self

    def __exit__(self, *_: object) -> None:
        for letters, (font, to_unicode, widths) in zip(self.letters, self._fonts, strict=True):
            font.to_unicode, font.widths = to_unicode, widths
            _add(font, letters.to_unicode, letters.widths)

    def add_font(self, pango_font: Any) -> tuple[Any, float]:
        font, size = self.stream.add_font(pango_font)
        if all(font is not known for known, *_ in self._fonts):
            self._fonts.append((font, font.to_unicode, font.widths))
            font.to_unicode, font.widths = {}, {}
            self.letters.append(_Letters(get_pango_font_key(pango_font)[0], pango_font, font.to_unicode, font.widths))
        return font, size

    def set_text_matrix(self, *values: float) -> None:
        self.stream.set_text_matrix(*values)

    def set_font_size(self, *given: Any) -> None:
        self._told("set_font_size", given)

    def set_text_rise(self, *given: Any) -> None:
        self._told("set_text_rise", given)

    def show_text(self, *given: Any) -> None:
        self._told("show_text", given)

    def _told(self, name: str, given: tuple[Any, ...]) -> None:
        self.steps.append((name, given))
        getattr(self.stream, name)(*given)


REPLACED = (
    Replaced(line_break, "split_first_line", _split, split_first_line),
    Replaced(line_break.Layout, "reactivate", _set_up_again, reactivate),
    Replaced(draw_text, "draw_first_line", _draw, draw_first_line),
)
