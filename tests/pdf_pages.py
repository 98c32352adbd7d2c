"""Reads printed summaries back, as a reader of the paper or of the file would."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from io import BytesIO

import pikepdf

TOP, BOTTOM, RESOLUTION = 20, 15, 72
"""Millimetres of furniture at the top and foot of a page, and the points that pdftotext counts an inch as."""
LARGEST = 10_000


@cache
def all_text(pdf: bytes) -> str:
    return _pdftotext(pdf)


@cache
def body_pages(pdf: bytes) -> tuple[str, ...]:
    """The text of each page in the order in which it was drawn, without the furniture at its top and foot."""
    pages = []
    for number, (_, height) in enumerate(page_sizes(pdf), start=1):
        top = round(TOP / 25.4 * RESOLUTION)
        kept = height - top - round(BOTTOM / 25.4 * RESOLUTION)
        crop = ("-r", RESOLUTION, "-x", 0, "-y", top, "-W", LARGEST, "-H", round(kept))
        pages.append(_pdftotext(pdf, "-f", number, "-l", number, *crop))
    return tuple(pages)


@cache
def furniture_pages(pdf: bytes) -> tuple[str, ...]:
    """All the text of each page."""
    return tuple(_pdftotext(pdf).split("\f")[:-1])


@cache
def page_sizes(pdf: bytes) -> tuple[tuple[float, float], ...]:
    """Width and height of each page in points."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return tuple((float(page.mediabox[2]), float(page.mediabox[3])) for page in opened.pages)


def flat(text: str) -> str:
    """Text without white space: where lines end is the layout's affair."""
    return re.sub(r"\s+", "", text)


def _pdftotext(pdf: bytes, *options: object) -> str:
    command = ["pdftotext", "-raw", "-enc", "UTF-8", *(str(option) for option in options), "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()
