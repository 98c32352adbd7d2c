"""Makes the pictures of docs/pdf.md anew: `PYTHONPATH=. .venv/bin/python docs/pictures/pdf/make.py [dpi] [folder]`.

The first two pages of each print; with a folder, every page of every print, so that a person can look through them.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from flask_babel import Babel
from PIL import Image, ImageOps

from press import print_pages
from screening.clinic import Clinic
from screening.invitation_sheet import invitation_sheet
from screening.models import Invitation
from screening.paper_form import blank_form
from screening.pdf import Prepared, prepare
from tests.summary_cases import LONGEST_PATH, SUBMITTED, made_summary, ruleset

HERE = Path(__file__).parent
RESOLUTION, SHOWN = 60, 2
CLINIC = Clinic(name="Riverside Pain Clinic", phone="555 0100")


def prints(paper: str) -> dict[str, Prepared]:
    clinic = Clinic(name=CLINIC.name, phone=CLINIC.phone, paper=paper)
    summary = made_summary(LONGEST_PATH, clinic=clinic, demo=True)
    invited = Invitation(identity={"full_name": "Alex Morgan"}, language="en", created_at=SUBMITTED)
    sheet = invitation_sheet(
        invited,
        code="K7Q-M4T-X2P",
        until=SUBMITTED + timedelta(days=30),
        clinic=clinic,
        come_back="https://screening.example.org/come-back",
    )
    return {
        "summary": prepare(summary, "staff"),
        "patient-copy": prepare(summary, "patient"),
        "blank-form": blank_form(ruleset(), clinic, "en"),
        "invitation": sheet,
    }


def pages(pdf: bytes, resolution: int, last: int) -> list[Image.Image]:
    """The pages in grey, as an office printer has them."""
    with TemporaryDirectory() as folder:
        command = ["pdftoppm", "-gray", "-png", "-r", str(resolution), "-l", str(last), "-", f"{folder}/page"]
        subprocess.run(command, input=pdf, check=True)  # noqa: S603 - a command of our own
        return [Image.open(BytesIO(path.read_bytes())) for path in sorted(Path(folder).iterdir())]


def side_by_side(shown: list[Image.Image]) -> Image.Image:
    framed = [ImageOps.expand(page, border=1, fill=128) for page in shown]
    whole = Image.new("L", (sum(page.width for page in framed), max(page.height for page in framed)), 255)
    at = 0
    for page in framed:
        whole.paste(page, (at, 0))
        at += page.width
    return whole


def main() -> None:
    resolution = int(sys.argv[1]) if len(sys.argv) > 1 else RESOLUTION
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    app = Flask("pictures")
    Babel(app)
    with app.app_context():
        for name, prepared in prints("Letter").items():
            shown = pages(print_pages(prepared.pages).pdf, resolution, SHOWN)
            side_by_side(shown).quantize(16).save((folder or HERE) / f"{name}.png", optimize=True)
        if folder:
            for name, prepared in prints("A4").items():
                for number, page in enumerate(pages(print_pages(prepared.pages).pdf, resolution, 99), start=1):
                    page.save(folder / f"{name}-A4-{number:02}.png")


if __name__ == "__main__":
    main()
