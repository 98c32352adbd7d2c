"""The same summary by other means: WeasyPrint used plainly, Chromium, ReportLab and Typst.

The last two know no HTML: they get the same words as blocks, set in the same fonts.
"""

from __future__ import annotations

import itertools
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import reportlab.platypus as platypus
import segno
import typst
import weasyprint
from jinja2 import ChoiceLoader, FileSystemLoader
from markupsafe import Markup
from playwright.sync_api import Page, sync_playwright
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from rules import Tier
from screening import pdf
from screening.bodymap import body_map
from screening.summary import Summary

NAIVE = Path(__file__).parent / "naive"
FONTS = Path("/usr/share/fonts/truetype/noto")
CHROMIUM = "/usr/bin/chromium-headless-shell"

Block = tuple[str, ...]
"""A kind ("h1", "h2", "h3", "p" or "row") and its words."""


def naive_html(summary: Summary) -> str:
    """The summary as a first attempt would have it. Its record rides along too."""
    folders = ChoiceLoader([FileSystemLoader(NAIVE), FileSystemLoader(pdf.TEMPLATES)])
    code = BytesIO()
    segno.make(summary.link, error="m", micro=False).save(code, kind="svg", border=0, xmldecl=False)
    template = pdf._environment().overlay(loader=folders).get_template("summary.html")
    return template.render(
        summary=summary,
        styles=Markup((NAIVE / "print.css").read_text(encoding="utf-8")),  # noqa: S704
        qr_drawing=Markup(code.getvalue().decode()),  # noqa: S704
        map_drawing=body_map(summary.regions, summary.regions_worded),
    )


def naive(html: str, record: str) -> bytes:
    made: bytes = weasyprint.HTML(string=html).write_pdf(
        pdf_variant="pdf/a-3u",
        pdf_tags=True,
        attachments=[weasyprint.Attachment(string=record, name="record.json", relationship="Data")],
    )
    return made


class Chromium:
    """One browser that stays open, and one page in it."""

    def __enter__(self) -> Callable[[str], bytes]:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = self._browser.new_page()
        return lambda html: self._print(page, html)

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._playwright.stop()

    @staticmethod
    def _print(page: Page, html: str) -> bytes:
        page.set_content(html)
        return page.pdf(format="Letter", tagged=True, outline=True)


def blocks(summary: Summary) -> Iterator[Block]:
    """The words of the summary in order."""
    yield "h1", summary.person.name
    yield "p", f"Born {summary.person.born}. Submitted {summary.submitted}, {summary.origin}. {summary.reference}"
    yield "h2", Tier[summary.tier].staff_name
    yield from (("p", finding.title) for finding in summary.deciding)
    yield "h2", "Unknown or contradictory"
    yield "p", "; ".join(summary.unanswered)
    yield from (("p", f"{one} – but {other}") for one, other in summary.contradictions)
    yield "h2", "Scores"
    yield from (("row", score.name, f"{score.text} {score.note}", "") for score in summary.scores)
    yield "h2", "Findings"
    for finding in summary.findings:
        yield "h3", finding.title
        for words, pairs in (("Because", finding.because), ("Enough", finding.enough), ("Needed", finding.needed)):
            yield "p", f"{words}: " + "; ".join(f"{short}: {answer}" for short, answer in pairs)
        yield "p", finding.physician
        yield "p", finding.patient
    yield from (("p", note) for note in summary.evidence)
    yield from (("p", source) for source, _verified in summary.sources)
    yield "h2", "All answers"
    for section in summary.sections:
        yield "h3", f"{section.number}. {section.title}"
        yield from (("row", f"{row.question} {row.topic}", row.answer, " ".join(row.rules)) for row in section.answers)


@cache
def _styles() -> dict[str, ParagraphStyle]:
    pdfmetrics.registerFont(TTFont("Noto", FONTS / "NotoSans-Regular.ttf"))
    pdfmetrics.registerFont(TTFont("Noto-Bold", FONTS / "NotoSans-Bold.ttf"))
    body = ParagraphStyle("body", fontName="Noto", fontSize=9.5, leading=13)
    sizes = {"h1": 19, "h2": 12.5, "h3": 10.5}
    heads = {
        kind: ParagraphStyle(kind, body, fontName="Noto-Bold", fontSize=size, leading=size * 1.25, keepWithNext=1)
        for kind, size in sizes.items()
    }
    return {"p": body, "answer": ParagraphStyle("answer", body, fontName="Noto-Bold"), **heads}


def reportlab(summary: Summary) -> bytes:
    styles, story, output = _styles(), [], BytesIO()
    for kind, *words in blocks(summary):
        safe = [word.replace("&", "&amp;").replace("<", "&lt;") for word in words]
        if kind == "row":
            cells = [platypus.Paragraph(word, styles["answer" if at == 1 else "p"]) for at, word in enumerate(safe)]
            story.append(platypus.Table([cells], colWidths=[280, 150, 70]))
        else:
            story.append(platypus.Paragraph(safe[0], styles[kind]))
    platypus.SimpleDocTemplate(output, pagesize=LETTER, title="Screening summary").build(story)
    return output.getvalue()


TYPST = """
#set document(title: "Screening summary")
#set page(paper: "us-letter", margin: (x: 17mm, top: 23mm, bottom: 18mm), numbering: "1 of 1")
#set text(font: "Noto Sans", size: 9.5pt, lang: "en")
#for block in json(bytes(sys.inputs.blocks)) {
  let kind = block.at(0)
  if kind == "row" {
    grid(columns: (57%, 31%, 12%), block.at(1), strong(block.at(2)), block.at(3))
  } else if kind == "p" {
    par(block.at(1))
  } else {
    heading(level: int(kind.at(1)), block.at(1))
  }
}
"""


@cache
def _typst_compiler() -> Any:
    folder = Path(tempfile.mkdtemp(prefix="typst-", dir=os.environ.get("TMPDIR")))
    source = folder / "summary.typ"
    source.write_text(TYPST, encoding="utf-8")
    return typst.Compiler(str(source), font_paths=[str(FONTS)])


_SUMMARIES = itertools.count(1)


def by_typst(summary: Summary) -> bytes:
    """Each time with other words: it keeps every block that it has set once."""
    number = next(_SUMMARIES)
    words = [(kind, f"{first} {number}", *others) for kind, first, *others in blocks(summary)]
    inputs = {"blocks": json.dumps(words)}
    made: bytes = _typst_compiler().compile(format="pdf", sys_inputs=inputs, pdf_standards="ua-1")
    return made
