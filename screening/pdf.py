"""The printed summary: all that it shows as plain data, and that data as a tagged PDF."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from io import BytesIO
from typing import Any, Literal

import segno
from babel import Locale
from flask_babel import force_locale, gettext, ngettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from press import Pages
from rules import Tier
from screening import rendering
from screening.bodymap import body_map, described, regions_drawn
from screening.config import ROOT
from screening.printable import printable, shortened
from screening.summary import Summary, summary_of
from screening.summary_json import record_json

__all__ = ["SECTIONS", "Prepared", "Summary", "Variant", "prepare", "render", "summary_of"]

Variant = Literal["staff", "patient"]

SECTIONS: dict[Variant, tuple[str, ...]] = {
    "staff": ("head", "tier", "unknown", "figures", "decision", "findings", "answers", "statement"),
    "patient": ("patient_head", "patient_now", "patient_help", "patient_told", "answers", "patient_map"),
}
"""What each variant shows, in order. Each name is a partial in templates/pdf/."""

TEMPLATES = ROOT / "templates"
FURNITURE_NAME_LENGTH = 60
"""Of a name at the top of every page. The whole name stands on the first page."""

MARK_LENGTH = 16
QR_DOTS = 4
"""Along the edge of each of a QR code's squares: enough to stay sharp where a printer smooths."""

QR_IMAGE, QR_ADDRESS = Markup("\ue000image\ue000"), Markup("\ue000address\ue000")
"""Where the QR code goes, which holds the mark of all else. Private characters: no text that is printed has them."""


@dataclass(frozen=True)
class Prepared:
    """Pages ready for the press. Equal content hashes mean equal pages.

    `link` begins the address in the print's own QR code, which ends with the mark of what the pages show; empty where
    the pages have no place for it. `record` and `created`: see press.Pages.
    """

    html: str
    paper: str
    record: str = ""
    created: str = ""
    link: str = ""

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over everything that decides what the pages show, as hex."""
        pages = Pages(self.html, self.paper, self.record, self.created)
        return hashlib.sha256(f"{pages.content_hash}\x00{self.link}".encode()).hexdigest()

    @property
    def mark(self) -> str:
        """What a print carries in its QR code to be told from one that shows something else."""
        return mark_of(self.content_hash)

    @property
    def pages(self) -> Pages:
        html = self.html
        if self.link:
            address = f"{self.link}/{self.mark}"
            image = _qr_image(address, _mask(self.link.rpartition("/")[0], len(address)))
            html = html.replace(QR_IMAGE, image).replace(QR_ADDRESS, escape(address))
        return Pages(html, self.paper, self.record, self.created)

    def to_pdf(self, wait: float | None = None) -> bytes:
        """The PDF, made in a process of its own. Raises NotPrinted, or TimeoutError if it is not done in `wait` s."""
        return rendering.once(self.content_hash, self.pages, wait)

    def begin(self) -> bool:
        """Have the PDF made while nobody waits. Whether it is done."""
        return rendering.begin_once(self.content_hash, self.pages).done()


def mark_of(content_hash: str) -> str:
    return content_hash[:MARK_LENGTH]


def prepare(summary: Summary, variant: Variant) -> Prepared:
    """The pages as HTML, in English for staff and in the patient's own language for the patient."""
    language = summary.language if variant == "patient" else "en"
    with force_locale(language):
        image = _body_map_image(summary, variant)
    values = {
        "summary": summary,
        "variant": variant,
        "sections": SECTIONS[variant],
        "body_map_image": image,
        "qr_code": QR_IMAGE,
        "qr_address": QR_ADDRESS,
    }
    laid = laid_out("pdf/summary.html", language, summary.clinic.paper, values)
    link = summary.link if variant == "staff" else ""
    return replace(laid, record=record_json(summary, variant), created=summary.created, link=link)


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
    environment.filters.update(furniture=_furniture, whole=_whole)
    return environment


def _printed(value: Any) -> Any:
    """Every value that a template prints goes through here, so that no field can be forgotten."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return printable(value)


def _furniture(name: str) -> str:
    name = " ".join(printable(name).split())
    return name if len(name) <= FURNITURE_NAME_LENGTH else shortened(name, FURNITURE_NAME_LENGTH) + "…"


def _whole(words: str) -> str:
    """Words that stay on one line."""
    return printable(words).replace(" ", "\N{NO-BREAK SPACE}")


@lru_cache(maxsize=64)
def _qr_image(link: str, mask: int | None = None) -> Markup:
    """A QR code as a data: address. It holds a link to a page for staff, and nothing of a person."""
    drawing = BytesIO()
    # As dots: the press takes ten times as long over the many strokes of a drawing.
    segno.make(link, error="m", micro=False, mask=mask).save(drawing, kind="png", border=0, scale=QR_DOTS)
    return data_address(drawing.getvalue(), "png")


@cache
def _mask(site: str, length: int) -> int:
    """Which of eight patterns lies over the squares of codes for this site's prints, all of one length.

    To find the one that suits a code best takes longer than all else about the code. These codes differ in few letters:
    what suits another of them, of this site and invented, suits them about as well.
    """
    invented = hashlib.sha512(site.encode()).hexdigest()
    return int(segno.make(f"{site}/{invented}"[:length], error="m", micro=False).mask)


def _body_map_image(summary: Summary, variant: Variant) -> Markup:
    """The figure as a data: address, or nothing where no region that it has was marked."""
    if regions_drawn().isdisjoint(summary.regions):
        return Markup()
    staff = variant == "staff"
    worded = summary.regions_worded if staff else summary.seen.regions_worded
    return _drawn(summary.regions, printable(worded), "en" if staff else summary.language)


@lru_cache(maxsize=256)
def _drawn(regions: tuple[str, ...], worded: str, _language: str) -> Markup:
    return data_address(body_map(regions, described(worded)).encode())


def data_address(drawing: bytes, kind: str = "svg+xml") -> Markup:
    """A drawing as an address: a print fetches nothing from elsewhere."""
    return Markup("data:image/{};base64,{}").format(kind, b64encode(drawing).decode())
