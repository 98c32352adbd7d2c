"""Makes the pictures of docs/pdf.md anew: `PYTHONPATH=. .venv/bin/python docs/pictures/pdf/make.py [dpi] [folder]`.

The first two pages of each print; with a folder, every page of every print on both papers, so that a person can look
through them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageOps

from press import print_pages
from screening.paper_form import blank_form
from screening.pdf import Prepared, prepare
from tests.reference_prints import EMERGENCY, clinic, in_spanish, invitation, languages, letter, summary
from tests.summary_cases import LONGEST_PATH, ruleset

HERE = Path(__file__).parent
RESOLUTION, SHOWN = 60, 2
PAPERS = ("A4", "Letter")


def prints(paper: str) -> dict[str, Prepared]:
    return {
        "summary": prepare(summary(LONGEST_PATH, paper, demo=True), "staff"),
        "summary-emergency": prepare(summary(EMERGENCY, paper, demo=True), "staff"),
        "summary-routine": prepare(summary({}, paper, approved=True), "staff"),
        "patient-copy": prepare(summary(LONGEST_PATH, paper, demo=True), "patient"),
        "patient-copy-es": prepare(in_spanish(EMERGENCY, paper), "patient"),
        "blank-form": blank_form(ruleset(), clinic(paper), "en"),
        "blank-form-es": blank_form(ruleset(), clinic(paper), "es"),
        "invitation": invitation(paper),
        "letter": letter(paper),
    }


def pages(prepared: Prepared, resolution: int, last: int) -> list[Image.Image]:
    """The pages in grey, as an office printer has them."""
    with TemporaryDirectory() as folder:
        command = ["pdftoppm", "-gray", "-png", "-r", str(resolution), "-l", str(last), "-", f"{folder}/page"]
        subprocess.run(command, input=print_pages(prepared.pages).pdf, check=True)  # noqa: S603 - a command of our own
        return [Image.open(BytesIO(path.read_bytes())) for path in sorted(Path(folder).iterdir())]


def side_by_side(shown: Sequence[Image.Image]) -> Image.Image:
    framed = [ImageOps.expand(page, border=1, fill=128) for page in shown]
    whole = Image.new("L", (sum(page.width for page in framed), max(page.height for page in framed)), 255)
    at = 0
    for page in framed:
        whole.paste(page, (at, 0))
        at += page.width
    return whole


def main() -> None:
    resolution = int(sys.argv[1]) if len(sys.argv) > 1 else RESOLUTION
    with languages():
        if len(sys.argv) > 2:
            every_page(resolution, Path(sys.argv[2]))
        else:
            for name, prepared in prints("Letter").items():
                shown = pages(prepared, resolution, SHOWN)
                # A letter has one page, and two papers that lay it out each in its own way.
                shown += pages(letter("A4"), resolution, 1) if name == "letter" else []
                side_by_side(shown).quantize(16).save(HERE / f"{name}.png", optimize=True)


def every_page(resolution: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for paper in PAPERS:
        for name, prepared in prints(paper).items():
            for number, page in enumerate(pages(prepared, resolution, 99), start=1):
                page.save(folder / f"{name}-{paper}-{number:02}.png")


if __name__ == "__main__":
    main()
