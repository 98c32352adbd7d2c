"""Pictures of pages, and whether two of them look alike to a person.

A change of one pixel's width is let pass, and so is how the edge of a letter is drawn: the next version of a font or
of the program that draws differs by that much. Whatever is larger is not.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageChops, ImageFilter

RESOLUTION = 60
"""Dots an inch: a pixel is 0.42 mm."""
FINER = 3
GREYS = 16
PROGRAMS = {"pdftoppm": ("-",), "pdftocairo": ("-png", "-", "-")}
"""Each with what it needs to write to its output; PNG takes longer than all else."""
AROUND = 3
"""Pixels along the edge of the square in which a shade may lie elsewhere."""
SHADES = 48
"""By how many of 255 shades a blurred pixel may be off."""
PIXELS = 4
"""How many pixels may be off by more."""


def picture(pdf: bytes, program: str = "pdftoppm") -> Image.Image:
    """The first page in grey, in few shades so that it is small when kept."""
    return reduced(large(pdf, program))


def large(pdf: bytes, program: str = "pdftoppm") -> Image.Image:
    """The first page at FINER times the resolution, where a thin line is as wide as it is."""
    size = str(RESOLUTION * FINER)
    command = [program, "-gray", "-r", size, "-f", "1", "-l", "1", "-singlefile", *PROGRAMS[program]]
    drawn = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
    return Image.open(BytesIO(drawn)).convert("L")


def reduced(page: Image.Image) -> Image.Image:
    step = 255 / (GREYS - 1)
    return page.reduce(FINER).point([round(round(shade / step) * step) for shade in range(256)])


@dataclass(frozen=True)
class Difference:
    """What is off between two pictures: white where it is."""

    seen: Image.Image

    @property
    def pixels(self) -> int:
        return self.seen.histogram()[255]

    @property
    def alike(self) -> bool:
        return self.pixels <= PIXELS


def difference(one: Image.Image, other: Image.Image) -> Difference:
    if one.size != other.size:
        return Difference(Image.new("L", one.size, 255))
    one, other = (each.filter(ImageFilter.GaussianBlur(0.7)) for each in (one, other))
    missing = ImageChops.lighter(_out_of_range(one, other), _out_of_range(other, one))
    return Difference(missing.point([255 if shade > SHADES else 0 for shade in range(256)]))


def _out_of_range(one: Image.Image, other: Image.Image) -> Image.Image:
    """By how much each shade of one is darker or lighter than all that the other has around there."""
    darkest, lightest = other.filter(ImageFilter.MinFilter(AROUND)), other.filter(ImageFilter.MaxFilter(AROUND))
    return ImageChops.lighter(ImageChops.subtract(darkest, one), ImageChops.subtract(one, lightest))
