"""Signs PDFs with the clinic's certificate, where it has one, so that whoever gets one sees if it was changed."""

from __future__ import annotations

from datetime import datetime

from flask import Flask, current_app

from screening.config import ConfigError, Settings


def init_sealing(app: Flask, settings: Settings) -> None:
    """Raises ConfigError where the certificate cannot be read."""
    app.extensions["seal"] = None
    if settings.pdf_signing_cert is not None:
        # It takes a second to import, which a clinic without a certificate need not wait.
        from screening.seal import Seal

        try:
            app.extensions["seal"] = Seal(settings.pdf_signing_cert, settings.pdf_signing_password_file)
        except (OSError, ValueError) as fault:
            raise ConfigError(f"PDF_SIGNING_CERT or PDF_SIGNING_PASSWORD_FILE cannot be used: {fault}") from fault


def sealed(pdf: bytes, at: datetime) -> bytes:
    """The PDF, signed as at that moment; as it is where the clinic has no certificate. The last thing done to it."""
    seal = current_app.extensions["seal"]
    signed: bytes = pdf if seal is None else seal.sign(pdf, at)
    return signed
