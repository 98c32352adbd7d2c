"""Prints as a person looks at them: like the picture of the same print that a person approved, or not."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageFilter

from press import Pages, print_pages
from screening.pdf import prepare
from tests.pictures import FINER, RESOLUTION, difference, large, picture, reduced
from tests.reference_prints import PICTURES, REFERENCES, printed, summary
from tests.standards import faults

QUARTER_MM = 0.25 / 25.4 * RESOLUTION * FINER
CHANGES: dict[str, tuple[str, str]] = {
    "a block moved by 3 mm": ('<section class="decision"', '<section style="margin-left: 3mm" class="decision"'),
    "a box is lost": ('<section class="decision"', '<section style="border-color: #fff" class="decision"'),
    "a box to tick is lost": ("<span>Same-day visit", '<span style="background: none">Same-day visit'),
    "a word is cut": ("<span>Signature", "<span>Signat"),
    "the code is gone": ('class="qr"', 'class="qr" style="visibility: hidden"'),
    "the figure is gone": ('class="map"', 'class="map" style="visibility: hidden"'),
    "the mark of the tier is gone": ("<h2 style=", "<h2 data-style="),
}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.mark.parametrize("name", REFERENCES)
def test_a_print_looks_as_a_person_saw_it_and_keeps_to_its_standards(name: str, tmp_path: Path) -> None:
    seen = picture(printed(name))
    off = difference(Image.open(PICTURES / f"{name}.png"), seen)
    if not off.alike:
        seen.save(tmp_path / "seen.png")
        off.seen.save(tmp_path / "difference.png")
    assert off.alike, f"look at {tmp_path}; if it is right, take the pictures anew: see tests/reference_prints.py"
    assert not list(faults(printed(name)))


def test_a_file_that_breaks_a_standard_is_found() -> None:
    with pikepdf.open(BytesIO(printed("invitation"))) as pdf:
        del pdf.Root.Lang
        del pdf.Root.OutputIntents
        broken = BytesIO()
        pdf.save(broken)
    found = {fault.split("-")[0] for fault in faults(broken.getvalue())}
    assert found == {"PDFUA1", "PDFA3U"}


def first_page() -> Pages:
    """Of a summary, with nothing after it."""
    whole = prepare(summary({}), "staff").pages
    return replace(whole, html=whole.html.split('<section class="findings">')[0], record="", created="")


def test_pages_changed_on_purpose_are_refused_and_what_nobody_would_see_is_not() -> None:
    pages = first_page()
    pdf = print_pages(pages).pdf
    kept, drawn = picture(pdf), large(pdf)
    refused = set()
    for what, (was, now) in CHANGES.items():
        assert pages.html.count(was) == 1
        changed = print_pages(replace(pages, html=pages.html.replace(was, now))).pdf
        refused |= set() if difference(kept, picture(changed)).alike else {what}
    assert refused == set(CHANGES)
    aside = drawn.transform(drawn.size, Image.Transform.AFFINE, (1, 0, QUARTER_MM, 0, 1, QUARTER_MM), fillcolor=255)
    bolder = drawn.filter(ImageFilter.GaussianBlur(1)).point([int(255 * (shade / 255) ** 1.5) for shade in range(256)])
    for seen in (picture(pdf), picture(pdf, "pdftocairo"), reduced(aside), reduced(bolder)):
        assert difference(kept, seen).alike
    assert not difference(kept, kept.crop((0, 0, kept.width, kept.height - 1))).alike
