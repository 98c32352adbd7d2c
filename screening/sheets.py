"""Many summaries as one file to print: each begins on a sheet of its own, also where both sides are printed on."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import pikepdf


def one_file(pdfs: Iterable[bytes]) -> bytes:
    """One PDF of all. A summary with an odd number of pages gets a blank one at its end."""
    whole = pikepdf.Pdf.new()
    for pdf in pdfs:
        with pikepdf.Pdf.open(BytesIO(pdf)) as part:
            whole.pages.extend(part.pages)
            if len(part.pages) % 2:
                last = part.pages[-1].mediabox
                whole.add_blank_page(page_size=(float(last[2]), float(last[3])))
    made = BytesIO()
    whole.save(made)
    return made.getvalue()
