"""A letter on paper: what the window of its envelope shows, on both papers, and what the certificate guards."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID
from flask import Flask
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from press import print_pages
from screening.clinic import Clinic
from screening.config import ConfigError
from screening.letter import Letter, blocks, prepare_letter
from screening.letter_words import DEFAULT_TEMPLATE, EXAMPLE, filled_in
from screening.seal import Seal
from screening.sealing import init_sealing, sealed
from tests.databases import settings_for
from tests.pdf_pages import all_text, flat, page_sizes
from tests.standards import faults
from tests.summary_cases import RECIPIENT, made_summary

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

MM = 72 / 25.4
NAME = "Alex Morgan"
"""As in tests/summary_cases.py."""
# As screening/letter.py works out: (left, top, right, bottom) in millimetres.
MAY_SHOW = {"A4": (10, 45, 110, 95), "Letter": (0, 60.3, 136.5, 92.1)}
ALWAYS_SHOWS = {"A4": (20, 50, 100, 90), "Letter": (22.2, 63.5, 111.1, 88.9)}
CLINIC = Clinic(name="Harbor Street Pain Clinic", address="12 Harbor Street, Springfield, IL 62704", phone="555-0100")
SIGNED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def printed(paper: str, text: str = "") -> bytes:
    clinic = Clinic(name=CLINIC.name, address=CLINIC.address, phone=CLINIC.phone, paper=paper)
    facts = {"patient_name": NAME, "date_of_birth": "November 5, 1981", "clinic_phone": CLINIC.phone}
    words = text or filled_in(DEFAULT_TEMPLATE, {**EXAMPLE, **facts, "clinic_name": CLINIC.name})
    letter = Letter(RECIPIENT, words, NAME, "1981-11-05", "November 22, 2026", "Dr. Sam Example")
    result = print_pages(prepare_letter(letter, made_summary(clinic=clinic), "2026-11-22T12:00:00Z").pages)
    assert result.warnings == ()
    return result.pdf


def words_within(pdf: bytes, box: tuple[float, float, float, float], *, whole: bool) -> str:
    """The words of the first page that lie in a box, wholly or in part, without white space."""
    command = ["pdftotext", "-bbox", "-l", "1", "-", "-"]
    page = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()
    found = re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>', page)
    left, top, right, bottom = (edge * MM for edge in box)
    kept = []
    for *edges, word in found:
        x1, y1, x2, y2 = map(float, edges)
        inside = left <= x1 and x2 <= right and top <= y1 and y2 <= bottom
        touches = x1 < right and x2 > left and y1 < bottom and y2 > top
        if inside if whole else touches:
            kept.append(unescape(word))
    return "".join(kept)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_window_shows_the_whole_address_and_nothing_of_the_person(paper: str) -> None:
    pdf = printed(paper)
    assert page_sizes(pdf)[0] == pytest.approx((595.28, 841.89) if paper == "A4" else (612, 792), abs=0.1)
    to = flat("".join(RECIPIENT))
    assert words_within(pdf, ALWAYS_SHOWS[paper], whole=True).endswith(to)
    sender = flat(f"{CLINIC.name}, {CLINIC.address}") if paper == "A4" else ""
    assert words_within(pdf, MAY_SHOW[paper], whole=False) == sender + to
    said = flat(all_text(pdf))
    for part in (f"About {NAME}", "my decision: Refer to a pain specialist", "Signed in the clinic's system"):
        assert flat(part) in said
    assert printed(paper) == pdf


def test_a_long_letter_goes_on_with_nothing_cut_and_no_name_in_braces_is_read_twice() -> None:
    sentences = [f"{number} {'Words of a paragraph that goes on.' * 9}" for number in range(30)]
    pdf = printed("A4", "\n\n".join(sentences))
    assert len(page_sizes(pdf)) >= 3
    said = flat(all_text(pdf))
    assert all(f"{number}Wordsofaparagraph" in said for number in range(30))
    assert filled_in("{patient_name}", {**EXAMPLE, "patient_name": "{reference}{{7*7}}"}) == "{reference}{{7*7}}"
    assert [block.is_list for block in blocks("One\nline\n- a\n- b\n\nLast")] == [False, True, False]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_sealed_letter_tells_that_it_was_changed(tmp_path: Path) -> None:
    certificate, password = tmp_path / "clinic.p12", tmp_path / "password"
    password.write_text("of the tests\n")
    root = make_certificate(certificate, password)
    plain = printed("A4")
    signed = Seal(certificate, password).sign(plain, SIGNED)
    assert signed.startswith(plain) and all_text(signed) == all_text(plain)
    assert not list(faults(signed))
    trusted = ValidationContext(trust_roots=[asn1_x509.Certificate.load(root)], moment=SIGNED)

    def holds(pdf: bytes) -> bool:
        (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
        status = validate_pdf_signature(signature, trusted)
        assert status.signer_reported_dt == SIGNED
        return bool(status.bottom_line)

    assert holds(signed)
    with pikepdf.open(BytesIO(signed)) as pdf:
        assert pdf.Root.MarkInfo.Marked and pdf.open_metadata()["pdfuaid:part"] == "1"
    changed = bytearray(signed)
    changed[len(plain) // 2] ^= 1
    assert not holds(bytes(changed))


def test_letters_are_sealed_where_the_clinic_has_a_certificate_and_a_wrong_one_stops_the_start(tmp_path: Path) -> None:
    certificate, password = tmp_path / "clinic.p12", tmp_path / "password"
    password.write_text("of the tests")
    make_certificate(certificate, password)
    settings = settings_for("sqlite://", tmp_path)
    app, pdf = Flask("letters"), printed("Letter")
    with app.app_context():
        init_sealing(app, settings)
        assert sealed(b"as it is", SIGNED) == b"as it is"
        init_sealing(app, replace(settings, pdf_signing_cert=certificate, pdf_signing_password_file=password))
        assert sealed(pdf, SIGNED).startswith(pdf) and b"/ByteRange" in sealed(pdf, SIGNED)
    for wrong in (certificate, tmp_path / "missing"):
        with pytest.raises(ConfigError, match="PDF_SIGNING_CERT"):
            init_sealing(app, replace(settings, pdf_signing_cert=wrong))


def make_certificate(path: Path, password: Path) -> bytes:
    """A PKCS#12 file with a certificate that signs itself. Returns the certificate as DER."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Harbor Street Pain Clinic")])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(SIGNED - timedelta(days=1))
        .not_valid_after(SIGNED + timedelta(days=1))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = BestAvailableEncryption(password.read_bytes().strip())
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"clinic", key, certificate, None, secret))
    return certificate.public_bytes(Encoding.DER)
