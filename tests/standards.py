"""What prints keep to, beside their looks: PDF/UA-1, PDF/A-3u, and the grammar of a PDF itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from io import BytesIO

import page
import pikepdf

STANDARDS = ("ua1", "3u")
"""PDF/UA-1 and PDF/A-3u, as the validator calls them."""
NOT_FAULTS = {"PDFA3U-METADATA-FILTER-001", "PDFA3U-STREAM-LENGTH-001"}
"""PDF/A-1 alone has no compressed metadata. Of a stream that happens to end with a carriage return, the validator takes
that for the end of a line; lengths are checked by another program, see faults()."""


def faults(pdf: bytes, standards: Collection[str] = STANDARDS) -> Iterator[str]:
    """What validators find of the standards, and of the file itself."""
    for standard in standards:
        report = page.validate_pdf_bytes(pdf, profile=standard)
        assert report.rules.total > 100
        yield from {failure.rule_id for failure in report.failures} - NOT_FAULTS
    with pikepdf.open(BytesIO(pdf)) as opened:
        yield from opened.check_pdf_syntax()
