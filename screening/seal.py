"""The clinic's certificate, and a signature with it in a PDF: invisible, and added behind all that the file has."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter

FIELD = "ClinicSignature"
# Untagged, so outside of the page, as PDF/UA asks; not hidden, as PDF/A asks.
UNSEEN = InvisSigSettings(box_out_of_bounds=True)


class Seal:
    """A certificate with its key, read once. Raises OSError, or ValueError where the file or its password is wrong."""

    def __init__(self, certificate: Path, password_file: Path | None) -> None:
        password = password_file.read_bytes().strip() if password_file else None
        self._signer = SimpleSigner.load_pkcs12_data(certificate.read_bytes(), [], password or None)
        self._signer.prefer_pss = True

    def sign(self, pdf: bytes, at: datetime) -> bytes:
        """The PDF with a signature of that moment. What it was stays as it is, to the byte."""
        metadata = PdfSignatureMetadata(field_name=FIELD, subfilter=SigSeedSubFilter.PADES)
        signer = _SignerOfThen(metadata, self._signer, at)
        signed = BytesIO()
        signer.sign_pdf(_SameMetadata(BytesIO(pdf)), output=signed)
        return signed.getvalue()


class _SameMetadata(IncrementalPdfFileWriter):
    def _update_meta(self) -> None:
        """Leaves what the file says of itself: the library would write it anew, in a form that breaks PDF/A."""


class _SignerOfThen(PdfSigner):
    """Signs as at a given moment: the library would look at the clock itself."""

    def __init__(self, metadata: PdfSignatureMetadata, signer: SimpleSigner, at: datetime) -> None:
        super().__init__(metadata, signer, new_field_spec=SigFieldSpec(FIELD, invis_sig_settings=UNSEEN))
        self._at = at

    def init_signing_session(self, *args: Any, **options: Any) -> Any:
        session = super().init_signing_session(*args, **options)
        session.system_time = self._at
        return session
