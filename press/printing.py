"""How pages are put on paper, in a process that does little else.

What is dear is kept from one print to the next: the fonts found, and the styles parsed. Fonts that threads share
corrupt memory, so a process prints one thing at a time.
"""

from __future__ import annotations

import gc
import logging
import os
import re
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import cssselect2
import pydyf
import weasyprint
from lxml.html import document_fromstring
from weasyprint.css import ColorProfile
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from press import ELEMENTS, PDF_VARIANT, Pages, Printed, quicker, stylesheet
from press.quicker.styles import Rules

PAPERS = ("A4", "Letter")
COLOURS, PROFILE = "press", "sRGB2014.icc"
RECORD_NAME = "record.json"
RECORD_TITLE = "The printed record, for machines"

FETCHER = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
_ONE_AT_A_TIME = threading.Lock()

PACKED = 6
"""How tightly, of 9: the last three take as long again and more, for hardly more than a hundredth of the bytes."""

TAGS = ("/StructElem", "/StructTreeRoot")

LETTER = re.compile(r"U\+[0-9A-F]+")

RDF_END = b"</rdf:RDF>"
PDF_UA = b"""<rdf:Description rdf:about="" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 that this file follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
"""PDF/UA-1, and what PDF/A asks to be said about a schema that it does not know itself."""


def put_on_paper(pages: Pages) -> Printed:
    """See press.print_pages."""
    with _ONE_AT_A_TIME, _Listening() as heard, _collected_at_the_end():
        return Printed(_press().print(pages), tuple(heard.messages))


@contextmanager
def _collected_at_the_end() -> Iterator[None]:
    """Python's collector looks at what a print leaves behind once, and not again and again while it is in use."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        # All of it is young: nothing was looked at meanwhile.
        gc.collect(0)


class _Page(weasyprint.HTML):  # type: ignore[misc]
    """A page of our own templates, which any parser reads alike, so that the quickest may. It stands under a short
    list of what elements are by themselves: the library's own list has hundreds of rules."""

    def __init__(self, html: str) -> None:
        self.base_url = None
        self.url_fetcher = FETCHER
        self.media_type = "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(document_fromstring(html))
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[weasyprint.CSS]:
        return [_press().elements]


class _Profile(ColorProfile):  # type: ignore[misc]
    """A profile that is written as it was read: once asked for its name, the library writes it in other bytes."""

    content = b""

    def __init__(self, content: bytes) -> None:
        super().__init__(BytesIO(content), PROFILE, "relative-colorimetric", ("r", "g", "b"))
        self.content = content


class _Press:
    def __init__(self) -> None:
        # Fonts that are rewritten on the way, emoji above all, carry a date: without this one, that of the moment.
        os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
        pydyf.zlib = SimpleNamespace(compress=zlib.compress, compressobj=lambda level: zlib.compressobj(PACKED))
        self.fonts = FontConfiguration()
        # The library opens its own copy of the same profile anew for each print, and leaves it open.
        self.colours = {COLOURS: _Profile((files("weasyprint.pdf") / PROFILE).read_bytes())}
        self.elements = self._css(ELEMENTS.read_text(encoding="utf-8"))
        self.style = self._css(stylesheet())
        self.papers = {paper: self._css(f"@page {{ size: {paper} }}") for paper in PAPERS}

    def _css(self, text: str) -> weasyprint.CSS:
        css = weasyprint.CSS(string=text, font_config=self.fonts, url_fetcher=FETCHER)
        css.matcher = Rules(css.matcher)
        return css

    def print(self, pages: Pages) -> bytes:
        pdf: bytes = _Page(pages.html).write_pdf(
            font_config=self.fonts,
            stylesheets=[self.style, self.papers[pages.paper]],
            pdf_variant=PDF_VARIANT,
            pdf_tags=True,
            color_profiles=self.colours,
            output_intent=COLOURS,
            attachments=_attachments(pages),
            finisher=_finish,
        )
        return pdf


@cache
def _press() -> _Press:
    press = _Press()
    quicker.put_in_place()
    # All that was loaded by now stays for every print: the collector need not look through it in the middle of each.
    gc.collect()
    gc.freeze()
    return press


def _attachments(pages: Pages) -> list[weasyprint.Attachment]:
    if not pages.record:
        return []
    made = datetime.strptime(pages.created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    record = weasyprint.Attachment(
        string=pages.record,
        name=RECORD_NAME,
        description=RECORD_TITLE,
        created=made,
        modified=made,
        relationship="Data",
        url_fetcher=FETCHER,
    )
    return [record]


def _finish(_document: Any, pdf: pydyf.PDF) -> None:
    _claim_accessibility(pdf)
    pdf.objects = [each if each.free == "f" else _Written(each) for each in pdf.objects]
    pdf.info = _Apart(pdf.info)


class _Apart(pydyf.Dictionary):  # type: ignore[misc]
    compressible = False


def _leads_to_pages(of: pydyf.Object) -> bool:
    return not isinstance(of, pydyf.Dictionary) or (of.get("Type") not in TAGS and "Dest" not in of)


class _Written(pydyf.Object):  # type: ignore[misc]
    """An object as its bytes. The library asks for each twice: for the file, and for the mark that the file carries.

    What leads to pages stands apart from tags and bookmarks, which are packed as one: who takes the pages alone, to
    put many summaries into one file, need not read through all the tags.
    """

    def __init__(self, of: pydyf.Object) -> None:
        super().__init__()
        self.number, self.generation = of.number, of.generation
        self._data: bytes = of.data
        self._compressible: bool = of.compressible and not _leads_to_pages(of)

    @property
    def data(self) -> bytes:
        return self._data

    @property
    def compressible(self) -> bool:
        return self._compressible


def _claim_accessibility(pdf: pydyf.PDF) -> None:
    """The library writes the mark of one standard; these pages keep to two."""
    [metadata] = (each for each in pdf.objects if getattr(each, "extra", {}).get("Type") == "/Metadata")
    [text] = metadata.stream
    metadata.stream = [text.replace(RDF_END, PDF_UA + RDF_END)]


class _Listening(logging.Handler):
    """Collects the library's warnings of one print, for the process that asked for it.

    The library quotes what it prints: kept are the code of a letter, or else where in the library it was said.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        letters = LETTER.findall(record.getMessage())
        self.messages += [f"no font has {letter}" for letter in letters] or [f"{record.module}, line {record.lineno}"]

    def __enter__(self) -> _Listening:
        logging.getLogger("weasyprint").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("weasyprint").removeHandler(self)
