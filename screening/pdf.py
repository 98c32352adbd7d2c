"""The printed summary: all that it shows as plain data, and that data as a tagged PDF."""

from __future__ import annotations

import hashlib
import os
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from typing import Any, Literal

import segno
import weasyprint
from babel import Locale
from flask_babel import force_locale, gettext, ngettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from rules import Tier
from screening.bodymap import body_map, described, regions_drawn
from screening.config import ROOT
from screening.printable import printable, shortened
from screening.summary import Summary, summary_of

__all__ = ["SECTIONS", "Prepared", "Summary", "Variant", "prepare", "render", "summary_of"]

Variant = Literal["staff", "patient"]

SECTIONS: dict[Variant, tuple[str, ...]] = {
    "staff": ("head", "tier", "unknown", "figures", "decision", "findings", "answers", "statement"),
    "patient": ("patient_head", "patient_now", "patient_help", "patient_told", "answers", "patient_map"),
}
"""What each variant shows, in order. Each name is a partial in templates/pdf/."""

TEMPLATES = ROOT / "templates"
PDF_VARIANT = "pdf/ua-1"
FURNITURE_NAME_LENGTH = 60
"""Of a name at the top of every page. The whole name stands on the first page."""

FETCHER = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
_PRESS_LOCK = threading.Lock()


@dataclass(frozen=True)
class Prepared:
    """A summary ready for the press. Equal content hashes mean equal pages."""

    html: str
    paper: str

    @property
    def content_hash(self) -> str:
        """SHA-256 over everything that decides what the pages show, as hex."""
        parts = (self.html, stylesheet(), self.paper, weasyprint.VERSION, PDF_VARIANT)
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()

    def to_pdf(self) -> bytes:
        """The PDF. Fonts are shared within a process, and shared by threads they corrupt memory: hence the lock."""
        with _PRESS_LOCK:
            press = _press()
            return press.print(self)


class _Press:
    """What is kept from one summary to the next: the fonts found and the styles parsed."""

    def __init__(self) -> None:
        # Fonts that are rewritten on the way, emoji above all, carry a date: without this one, that of the moment.
        os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
        self.fonts = FontConfiguration()
        self.style = self._css(stylesheet())
        self.papers = {paper: self._css(f"@page {{ size: {paper} }}") for paper in ("A4", "Letter")}

    def _css(self, text: str) -> weasyprint.CSS:
        return weasyprint.CSS(string=text, font_config=self.fonts, url_fetcher=FETCHER)

    def print(self, prepared: Prepared) -> bytes:
        pdf: bytes = weasyprint.HTML(string=prepared.html, url_fetcher=FETCHER).write_pdf(
            font_config=self.fonts,
            stylesheets=[self.style, self.papers[prepared.paper]],
            pdf_variant=PDF_VARIANT,
        )
        return pdf


@cache
def _press() -> _Press:
    return _Press()


@cache
def stylesheet() -> str:
    """The print styles, but for the size of the paper."""
    return (TEMPLATES / "pdf" / "print.css").read_text(encoding="utf-8")


def prepare(summary: Summary, variant: Variant) -> Prepared:
    """The pages as HTML, in English for staff and in the patient's own language for the patient."""
    language = summary.language if variant == "patient" else "en"
    with force_locale(language):
        image = _body_map_image(summary, variant)
    values = {"summary": summary, "variant": variant, "sections": SECTIONS[variant], "body_map_image": image}
    return laid_out("pdf/summary.html", language, summary.clinic.paper, values)


def laid_out(template: str, language: str, paper: str, values: Mapping[str, Any]) -> Prepared:
    """A template of templates/pdf with its values, in a language, for a paper: "A4" or "Letter"."""
    direction = Locale.parse(language).text_direction
    with force_locale(language):
        html = _environment().get_template(template).render(language=language, direction=direction, **values)
    return Prepared(html, paper)


def render(summary: Summary, variant: Variant = "staff") -> bytes:
    """The summary as a PDF. The same summary gives the same bytes."""
    return prepare(summary, variant).to_pdf()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printed,
        extensions=["jinja2.ext.i18n"],
    )
    translate: Callable[..., Any] = environment.install_gettext_callables  # type: ignore[attr-defined]
    translate(gettext, ngettext, newstyle=True)
    environment.globals.update(Tier=Tier, qr_image=_qr_image)
    environment.filters["furniture"] = _furniture
    return environment


def _printed(value: Any) -> Any:
    """Every value that a template prints goes through here, so that no field can be forgotten."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return printable(value)


def _furniture(name: str) -> str:
    name = " ".join(printable(name).split())
    return name if len(name) <= FURNITURE_NAME_LENGTH else shortened(name, FURNITURE_NAME_LENGTH) + "…"


@lru_cache(maxsize=64)
def _qr_image(link: str) -> Markup:
    """A QR code as a data: address. It holds a link to a page for staff, and nothing of a person."""
    drawing = BytesIO()
    segno.make(link, error="m", micro=False).save(drawing, kind="svg", border=0, xmldecl=False)
    return data_address(drawing.getvalue())


def _body_map_image(summary: Summary, variant: Variant) -> Markup:
    """The figure as a data: address, or nothing where no region that it has was marked."""
    if regions_drawn().isdisjoint(summary.regions):
        return Markup()
    worded = summary.regions_worded if variant == "staff" else summary.seen.regions_worded
    return data_address(body_map(summary.regions, described(printable(worded))).encode())


def data_address(drawing: bytes) -> Markup:
    """An SVG drawing as an address: a print fetches nothing from elsewhere."""
    return Markup("data:image/svg+xml;base64,{}").format(b64encode(drawing).decode())
