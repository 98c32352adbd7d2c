"""Many summaries as one file to print: each begins on a sheet of its own, also where both sides are printed on.

The file is for the printer. Its pages carry no tags: a tree of all would hold hundreds of thousands of elements. Who
reads with a screen reader opens a summary by itself. What is left of the standards that a summary keeps to is PDF/A-3u.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import pikepdf
from pikepdf import Dictionary, Name, OutlineItem, String

TITLE = "Screening summaries"
OF_TAGS = (Name.StructParents, Name.Tabs)
"""What a page says of the tags that it leaves behind."""


def one_file(pdfs: Iterable[bytes]) -> bytes:
    """One PDF of all, with a bookmark for each. A summary with an odd number of pages gets a blank one at its end."""
    whole = pikepdf.Pdf.new()
    bookmarks = []
    for pdf in pdfs:
        # Closed at once: what is left open is looked through again with every page that is added.
        with pikepdf.Pdf.open(BytesIO(pdf)) as part:
            bookmarks.append(OutlineItem(str(part.docinfo.get(Name.Title, "")), len(whole.pages)))
            if Name.OutputIntents not in whole.Root:
                # What colours mean, which all summaries say alike.
                whole.Root.OutputIntents = whole.copy_foreign(part.make_indirect(part.Root.OutputIntents))
            for page in part.pages:
                for name in OF_TAGS:
                    if name in page.obj:
                        del page.obj[name]
            whole.pages.extend(part.pages)
            if len(part.pages) % 2:
                last = part.pages[-1].mediabox
                whole.add_blank_page(page_size=(float(last[2]), float(last[3])))
    with whole.open_outline() as outline:
        outline.root.extend(bookmarks)
    _describe(whole)
    made = BytesIO()
    whole.save(made, min_version="1.7", deterministic_id=True)
    return made.getvalue()


def _describe(whole: pikepdf.Pdf) -> None:
    whole.Root.Lang = String("en")
    whole.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    with whole.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata.update({"dc:title": TITLE, "pdfaid:part": "3", "pdfaid:conformance": "U"})
