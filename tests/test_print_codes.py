"""The QR code on paper, read from a picture of the page as a phone reads it."""

from __future__ import annotations

import re
from base64 import b64decode
from io import BytesIO
from urllib.parse import urlsplit

import pytest
import zxingcpp
from flask import Flask
from PIL import Image, ImageFilter, ImageOps

from screening.access import Role
from screening.actions.unit import SYSTEM, unit_of_work
from screening.models import Case
from screening.pdf import QR_ADDRESS, QR_IMAGE, Prepared
from tests.conftest import Browser, SignIn
from tests.pictures import large
from tests.reference_prints import printed
from tests.summary_cases import BASE_URL
from tests.test_summaries import stored_case

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def code_on(pdf: bytes) -> str:
    """What the one code on the first page says, of a picture that is not quite sharp."""
    [code] = zxingcpp.read_barcodes(large(pdf).filter(ImageFilter.GaussianBlur(1)))
    assert code.format == zxingcpp.BarcodeFormat.QRCode
    return code.text


def printed_by(desk: Browser, case: Case) -> str:
    """The address, on this server, that the code on a fresh print of the case opens."""
    url = f"/staff/cases/{case.reference}"
    address = urlsplit(code_on(desk.send(f"{url}/summary", page=url).data))
    assert (address.netloc, address.query) == ("localhost", "")
    return address.path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_code_on_paper_opens_a_page_that_says_whether_the_paper_is_current(
    app: Flask, sign_in: SignIn, client: Browser
) -> None:
    case, desk = stored_case(), sign_in(Role.FRONT_DESK)
    paper = printed_by(desk, case)
    assert "This print is current" in desk.get(paper).text
    stranger = client.get(paper)
    assert stranger.status_code == 302 and "/staff/sign-in" in stranger.location

    with unit_of_work(SYSTEM) as unit:
        patient = unit.lock(Case, case.id).patient
        patient.identity = {**patient.identity, "full_name": "Alexandra Morgan"}
    changed = desk.get(paper).text
    assert "This print is out of date" in changed and "Do not rely on this paper." in changed
    assert "The summary that replaces it has not been printed yet." in changed

    newer = printed_by(desk, case)
    assert newer != paper and "This print is current" in desk.get(newer).text
    replaced = desk.get(paper).text
    assert "This print is out of date" in replaced
    assert f"by Sam {Role.FRONT_DESK.title}." in replaced.split("It is replaced by the print of ", 1)[1][:80]


def test_the_codes_of_a_letter_and_of_an_invitation_are_read_too() -> None:
    assert code_on(printed("letter-A4")).startswith(f"{BASE_URL}/staff/prints/K7QM-R4TX/")
    assert code_on(printed("invitation")) == f"{BASE_URL}/come-back"


def test_the_codes_of_many_prints_are_read_where_they_are_a_little_blurred() -> None:
    for number in range(20):
        link = f"{BASE_URL}/staff/prints/K7Q{number}"
        pages = Prepared(f"<img src='{QR_IMAGE}'><p>{QR_ADDRESS} {number}", "A4", link=link)
        image, address = re.findall(r"base64,([^']+)'><p>(\S+) ", pages.pages.html)[0]
        code = ImageOps.expand(Image.open(BytesIO(b64decode(image))).convert("L"), border=16, fill=255)
        [read] = zxingcpp.read_barcodes(code.filter(ImageFilter.GaussianBlur(1)))
        assert read.text == address == f"{link}/{pages.mark}"
