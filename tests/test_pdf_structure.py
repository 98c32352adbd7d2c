"""The printed summary as other programs see it: its tags, its marks, its bookmarks, the record in it, and its hash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
import pytest

import press
from press import print_pages
from screening.pdf import Variant, prepare
from screening.summary import Summary
from tests.summary_cases import LONGEST_PATH, made_summary

FIGURE = "/Figure"
"""Drawn before or after the words around it, and read among them."""
BOTH: tuple[Variant, ...] = ("staff", "patient")
NOT_SHOWN = {
    "channel",
    "findings[0].smallest[0] gone",
    "findings[0].smallest[0][0]",
    "findings[0].clears[0] gone",
    "findings[0].clears[0][0]",
    "scores[0].id",
    "seen.sections[0].answers[0].topic",
    "seen.sections[0].answers[0].note",
}
"""What a summary holds for others than the two prints: ids whose words are printed, and staff's notes to the patient's
own words."""

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@cache
def summary() -> Summary:
    return made_summary(LONGEST_PATH)


@cache
def printed(variant: Variant) -> bytes:
    return print_pages(prepare(summary(), variant).pages).pdf


def marked_content(element: Any, page: Any = None) -> Iterator[tuple[int, int]]:
    """(page's object number, number of the marked content) of all words that the tags hold, in reading order."""
    if isinstance(element, int):
        yield page, element
    elif isinstance(element, pikepdf.Array):
        for child in element:
            yield from marked_content(child, page)
    elif "/K" in element and element.S != FIGURE:
        page = element.Pg.objgen[0] if "/Pg" in element else page
        yield from marked_content(element.K, page)


@pytest.mark.parametrize("variant", BOTH)
def test_reading_order_is_the_order_in_which_the_words_are_drawn(variant: Variant) -> None:
    with pikepdf.open(BytesIO(printed(variant))) as pdf:
        pages = {page.obj.objgen[0]: number for number, page in enumerate(pdf.pages)}
        read = [(pages[page], number) for page, number in marked_content(pdf.Root.StructTreeRoot.K)]
    assert read == sorted(set(read))
    assert {page for page, _ in read} == set(pages.values())


def test_pages_are_found_without_unpacking_the_tags() -> None:
    pdf = printed("staff")
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert pdf.count(b"/Type /Page/") == len(opened.pages)
        assert str(opened.docinfo.Title).encode() in pdf
    assert b"/StructElem" not in pdf


@pytest.mark.parametrize("variant", BOTH)
def test_the_file_says_which_standards_it_keeps_to(variant: Variant) -> None:
    with pikepdf.open(BytesIO(printed(variant))) as pdf:
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "U")
            assert metadata["pdfuaid:part"] == "1"
        [intent] = pdf.Root.OutputIntents
        assert intent.S == "/GTS_PDFA1"
        assert pdf.Root.MarkInfo.Marked and pdf.Root.ViewerPreferences.DisplayDocTitle


def test_bookmarks_lead_to_each_part() -> None:
    with pikepdf.open(BytesIO(printed("staff"))) as pdf, pdf.open_outline() as outline:
        [person] = outline.root
        assert person.title == "Alex Morgan"
        parts = [part.title for part in person.children]
        answers = [part.title for part in person.children[-1].children]
    assert parts[0] == "Same-day review" and parts[-1] == "All answers"
    assert answers == [f"{section.number}. {section.title}" for section in summary().sections]


@pytest.mark.parametrize("variant", BOTH)
def test_the_record_rides_along_for_machines(variant: Variant) -> None:
    with pikepdf.open(BytesIO(printed(variant))) as pdf:
        [(name, file)] = pdf.attachments.items()
        stored = file.get_file()
        record = json.loads(stored.read_bytes())
        assert (name, stored.mime_type) == ("record.json", "application/json")
        assert str(file.obj.AFRelationship) == "/Data"
        assert str(file.obj.EF.F.Params.ModDate) == "D:20270304153000Z"
    sections = summary().sections if variant == "staff" else summary().seen.sections
    assert [(each["question"], each["answer"]) for section in record["sections"] for each in section["answers"]] == [
        (row.question, row.answer) for section in sections for row in section.answers
    ]
    staff_alone = {"tier", "findings", "contradictions", "unanswered"}
    assert staff_alone & set(record) == (staff_alone if variant == "staff" else set())
    assert all(("rules" in each) == (variant == "staff") for each in record["sections"][0]["answers"])


def changes(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value changed there) for everything that a value of plain data holds."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            for where, changed in changes(getattr(value, field.name), f"{path}.{field.name}".strip(".")):
                yield where, replace(value, **{field.name: changed})
    elif isinstance(value, bool):
        yield path, not value
    elif isinstance(value, int | float):
        yield path, value + 1
    elif isinstance(value, str):
        yield path, LONGER.get(path, value + " more")
    elif isinstance(value, tuple) and value:
        if not path.endswith("]"):
            yield f"{path}[0] gone", value[1:]
        for where, changed in changes(value[0], f"{path}[0]"):
            yield where, (changed, *value[1:])


LONGER = {"language": "es", "tier": "EMERGENCY", "clinic.paper": "A4", "findings[0].tier": "EMERGENCY"}
"""Where a text is one of few."""


def test_whatever_a_summary_holds_changes_the_hash_by_which_its_print_is_found() -> None:
    def hashes(shown: Summary) -> tuple[str, ...]:
        return tuple(prepare(shown, variant).content_hash for variant in BOTH)

    before = hashes(summary())
    same = {where for where, changed in changes(summary()) if hashes(changed) == before}
    assert same == NOT_SHOWN
    assert hashes(made_summary(LONGEST_PATH)) == before


def test_styles_and_software_change_the_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = prepare(summary(), "staff")
    before = prepared.pages.content_hash
    for name, value in (("stylesheet", lambda: "p { color: red }"), ("PDF_VARIANT", "pdf/ua-2")):
        monkeypatch.setattr(press, name, value)
        press._setting.cache_clear()
        assert prepared.pages.content_hash != before
        monkeypatch.undo()
        press._setting.cache_clear()
    assert prepared.pages.content_hash == before
