"""The printed summary, read back as text, as a tagged file and as bytes."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
import pytest
import tinyhtml5
from flask_babel import gettext
from lxml.html import document_fromstring

from press import print_pages
from press.printing import FETCHER
from rules import Tier
from screening.clinic import Clinic
from screening.config import ROOT
from screening.pdf import Variant, prepare, render
from screening.summary import AnswerSection, Summary
from tests.pdf_pages import all_text, body_pages, flat, furniture_pages, page_sizes
from tests.summary_cases import BASE_URL, LONGEST_PATH, made_summary

CHANGES: dict[str, dict[str, Any]] = {
    "base": {},
    "longest": LONGEST_PATH,
    "emergency": {"rf_saddle": "new_or_worse_2w", "peg_pain": None, "rf_acute": ["not_sure"]},
    "under 18": {"age_years": 16, "pain_duration": "lt_6w"},
}
STRANGE_NAME = "Zoë שרה محمد मीरा สมชาย 王小明 👩‍⚕️"
HOSTILE = (
    "y" * 60 + " \u202eevil\u202c <img src='file:///etc/passwd'> {{ 7*7 }} \x00\x07\x9b & <script>alert(1)</script> "
    "a" + "\u0301" * 200 + " \ue000 " + "w" * 300
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@cache
def summary(case: str) -> Summary:
    return made_summary(CHANGES[case])


@cache
def printed(case: str, variant: Variant = "staff") -> bytes:
    return render(summary(case), variant)


def answers_as_read(shown: Summary, variant: Variant) -> str:
    """The rows as they must come out: every question and its answer, once, in order."""
    words = []
    for section in shown.sections:
        words.append(f"{section.number}.{section.title}")
        for row in section.answers:
            staff = variant == "staff"
            words += [row.question, row.topic if staff else "", row.answer]
            words += list(row.rules) if staff and not row.long else []
            words += [row.note] if staff else []
    return flat("".join(words))


@pytest.mark.parametrize("variant", ["staff", "patient"])
@pytest.mark.parametrize("case", CHANGES)
def test_every_question_and_answer_stands_once_and_in_order(case: str, variant: Variant) -> None:
    body = flat("".join(body_pages(printed(case, variant))))
    after_heading = body.split("Allanswers", 1)[1]
    if variant == "staff":
        after_heading = after_heading.split("standbehindit.", 1)[1]
    assert after_heading.startswith(answers_as_read(summary(case), variant))
    assert len([row for section in summary(case).sections for row in section.answers]) > 55


def test_no_row_splits_and_no_heading_stands_alone_wherever_pages_end() -> None:
    row = summary("base").sections[0].answers[0]
    sections = tuple(
        AnswerSection(
            number,
            f"Heading {number}",
            tuple(
                replace(
                    row,
                    question=f"Question {number}.{part} " + "of some length " * (4 + part * 3),
                    answer=f"Yes{number}",
                )
                for part in range(number % 3 + 1)
            ),
        )
        for number in range(1, 160)
    )
    pages = body_pages(render(replace(summary("base"), sections=sections)))
    assert len(pages) > 12
    for page in pages:
        assert "Heading" not in page.strip().splitlines()[-1]
    for section in sections:
        for row in section.answers:
            assert any(flat(row.question + row.answer) in flat(page) for page in pages), row.question


@pytest.mark.parametrize(("paper", "size"), [("A4", (595, 842)), ("Letter", (612, 792))])
def test_pages_have_the_size_of_the_clinics_paper(paper: str, size: tuple[int, int]) -> None:
    sizes = page_sizes(render(made_summary(clinic=Clinic(paper=paper))))
    assert {(round(width), round(height)) for width, height in sizes} == {size}


def test_every_page_says_whose_it_is_and_which_page_of_how_many() -> None:
    pdf = render(made_summary(LONGEST_PATH, demo=True, clinic=Clinic(name="Riverside Pain Clinic")))
    pages = furniture_pages(pdf)
    shown = summary("longest")
    for number, page in enumerate(pages, start=1):
        for words in (
            "Riverside Pain Clinic",
            "Alex Morgan",
            "born November 5, 1981",
            "K7QM-R4TX",
            f"Page {number} of {len(pages)}",
            f"Rules {shown.ruleset_version} ({shown.ruleset_sha256[:8]})",
            f"Questions {shown.questionnaire_version}",
            "Demo, not a real patient",
            "Rules not yet approved by this clinic",
            "Decision support, not a diagnosis",
        ):
            assert flat(words) in flat(page), (number, words)


def test_marks_of_demo_and_of_rules_not_approved_stand_only_where_they_apply() -> None:
    text = all_text(render(made_summary(approved=True)))
    assert "Demo" not in text
    assert "not yet approved" not in text


def test_the_first_page_tells_who_which_tier_why_what_to_do_and_what_is_unknown() -> None:
    first = flat(body_pages(printed("longest"))[0])
    for words in (
        "Alex Morgan",
        "45 years old",
        "+1 555 010 0199",
        Tier.URGENT.staff_name,
        "Suicide risk: Thoughts of death or self-harm",
        "A clinician looks at this today",
        "Left unanswered (1): Glaucoma",
        "rest on an unknown answer (2)",
        "Ketamine before: No, never – but Allergy to ketamine: Yes",
        "PEG 7.7 of 10",
        "Opioid dose 90 mg morphine equivalent a day for risk screening, never for converting a dose",
        "Signature",
    ):
        assert flat(words) in first, words


def test_an_unanswered_item_leaves_a_score_without_a_number() -> None:
    assert flat("PEG no score: 2 of 3 answered") in flat(all_text(printed("emergency")))


def test_every_finding_shows_its_answers_its_sources_and_what_is_not_verified() -> None:
    text = flat(all_text(printed("longest")))
    body = flat("".join(body_pages(printed("longest"))))
    for finding in summary("longest").findings:
        assert flat(finding.title) in text
        assert flat(finding.physician) in body
        for short, answer in finding.because:
            assert flat(f"{short}: {answer}") in body
    for number, (source, verified) in enumerate(summary("longest").sources, start=1):
        assert flat(f"{number}{source}{'' if verified else 'Not verified'}") in body
    assert not all(verified for _, verified in summary("longest").sources)


def test_a_zero_on_the_item_about_self_harm_never_stands_without_its_note() -> None:
    note = flat("does not rule out risk. In medical inpatients, 63 %")
    assert note in flat(all_text(printed("base")))
    assert note not in flat(all_text(printed("base", "patient")))
    declined = render(made_summary({"phq9_item9": "declined", "si_now": "no"}))
    assert "item9doesnotruleoutrisk" not in flat("".join(body_pages(declined)).split("All answers")[1])


def test_the_patients_copy_holds_the_texts_for_the_patient_and_none_for_staff() -> None:
    text = flat(all_text(printed("longest", "patient")))
    for words in summary("longest").seen.texts:
        assert flat(words) in text
    assert flat("When to get help at once") in text
    assert flat("call 988") in text
    for finding in summary("longest").findings:
        assert finding.rule not in text
        assert finding.tier not in text
        assert flat(finding.physician) not in text
        assert flat(Tier[finding.tier].staff_name) not in text
        assert not any(flat(words) in text for words in (*finding.evidence, *(source for source, _ in finding.sources)))
    for score in summary("longest").scores:
        assert score.name not in text


def test_the_copy_of_an_emergency_begins_with_the_number_to_call() -> None:
    first = flat(body_pages(printed("emergency", "patient"))[0])
    assert first.index("Stopandcall911now") < first.index("Whentogethelp")
    harm = made_summary({"phq9_item9": 2, "si_now": "yes"})
    assert "Stopandcall988now" in flat(all_text(render(harm, "patient")))


def test_only_a_case_with_nothing_open_is_told_the_reassuring_sentence() -> None:
    sentence = flat("Nothing you told us needs urgent attention.")
    assert sentence in flat(all_text(printed("base", "patient")))
    for changes in ({"completed_by": None}, {"hx_eye": "not_sure"}, {"drug_use": "recovery"}):
        assert sentence not in flat(all_text(render(made_summary(changes), "patient")))


def test_the_patients_words_go_through_translation(monkeypatch: pytest.MonkeyPatch) -> None:
    from screening import pdf

    monkeypatch.setattr(pdf, "gettext", lambda text, **_: f"«{gettext(text)}»")
    pdf._environment.cache_clear()
    try:
        html = prepare(summary("longest"), "patient").html
    finally:
        monkeypatch.undo()
        pdf._environment.cache_clear()
    for words in ("Your answers", "When to get help at once", "All answers", "You feel numb when you wipe or sit."):
        assert f"«{words}»" in html


def test_names_in_every_script_and_long_words_are_all_there() -> None:
    words = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
    shown = made_summary({"anything_else": f"{words} {'字' * 200} {'long text ' * 60}"}, name=STRANGE_NAME)
    printed = print_pages(prepare(shown, "staff").pages)
    assert printed.warnings == ()
    text = flat(all_text(printed.pdf))
    for part in ("Zoë", "王小明", "👩‍⚕️", "สมชาย", "שרה", "محمد", words, "字" * 200, flat("long text " * 60)):
        assert part in text


def test_a_letter_that_no_font_has_is_reported_by_its_code_alone() -> None:
    printed = print_pages(prepare(made_summary(name="Smith \N{CYPRO-MINOAN SIGN CM001}"), "staff").pages)
    assert set(printed.warnings) == {"no font has U+12F90"}


def test_hostile_words_are_printed_as_words() -> None:
    shown = made_summary({"anything_else": HOSTILE}, name="<b>Bold</b>\u202enam")
    printed = print_pages(prepare(shown, "staff").pages)
    assert printed.warnings == ()
    text = flat(all_text(printed.pdf))
    assert "<b>Bold</b>nam" in text
    assert flat("evil <img src='file:///etc/passwd'> {{ 7*7 }} & <script>alert(1)</script>") in text
    assert "\u202e" not in text and "w" * 300 in text
    with pikepdf.open(BytesIO(printed.pdf)) as opened:
        assert list(opened.attachments) == ["record.json"]


@pytest.mark.parametrize("variant", ["staff", "patient"])
def test_a_page_is_read_alike_by_the_quick_parser_and_by_one_for_every_page_there_is(variant: Variant) -> None:
    """Whatever people typed; the second is what browsers do."""
    name = f"{STRANGE_NAME} </title> --> ]]> &nbsp; &amp;lt; \N{NO-BREAK SPACE} {HOSTILE}"
    html = prepare(made_summary({**LONGEST_PATH, "anything_else": HOSTILE}, name=name), variant).pages.html
    quick, strict = document_fromstring(html), tinyhtml5.parse(html, namespace_html_elements=False)
    assert quick.findtext("head/title") == strict.findtext("head/title")
    read, expected = ([_as_read(each) for each in page.iterfind("body//")] for page in (quick, strict))
    assert read == expected
    assert len(read) > 200


def _as_read(element: Any) -> tuple[str, dict[str, str], str, str]:
    tail = element.tail or ""
    # Empty lines between sections show nowhere.
    return element.tag, dict(element.attrib), element.text or "", tail.strip() if element.tag == "section" else tail


def test_a_very_long_text_is_cut_with_a_mark_and_soon_done() -> None:
    shown = replace(summary("base"), person=replace(summary("base").person, name="שלום" * 20_000))
    html = prepare(shown, "staff").html
    assert len(html) < 60_000
    assert " […]" in html


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1/", "https://example.org/x", "ftp://x/y"])
def test_nothing_is_fetched_but_data_addresses(url: str) -> None:
    with pytest.raises(ValueError, match="disallowed protocol"):
        FETCHER(url)
    assert FETCHER("data:text/plain,ok").read() == b"ok"


def test_the_qr_code_holds_what_the_print_shows_as_a_mark_and_nothing_of_the_person() -> None:
    base = prepare(summary("base"), "staff")
    renamed = prepare(replace(summary("base"), person=replace(summary("base").person, name="Other")), "staff")
    address = f"{BASE_URL}/staff/prints/K7QM-R4TX/"
    assert address + base.mark in base.pages.html and address + renamed.mark in renamed.pages.html
    codes = {each.pages.html.split('class="qr" src="')[1].split('"')[0] for each in (base, renamed)}
    assert len(codes) == 2 and all(code.startswith("data:image/png") for code in codes)
    assert "\ue000" not in base.pages.html
    assert "/staff/" not in prepare(summary("base"), "patient").pages.html


@pytest.mark.parametrize("variant", ["staff", "patient"])
def test_the_file_is_tagged_for_screen_readers(variant: Variant) -> None:
    with pikepdf.open(BytesIO(printed("longest", variant))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert "K7QM-R4TX" in str(pdf.docinfo["/Title"])
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
        kinds = [str(element.S) for element in structure(pdf)]
        figures = [element for element in structure(pdf) if element.S == "/Figure"]
        assert all(str(figure.Alt).strip() for figure in figures)
        assert any("Low back" in str(figure.Alt) for figure in figures)
    headings = [int(kind[2]) for kind in kinds if kind[:2] == "/H" and kind[2:].isdigit()]
    assert headings[0] == 1 and headings.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(headings))


def structure(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    """All structure elements in reading order."""
    found: list[pikepdf.Object] = []

    def walk(element: pikepdf.Object) -> None:
        if isinstance(element, pikepdf.Dictionary) and "/S" in element:
            found.append(element)
            children = element.get("/K", pikepdf.Array())
            for child in children if isinstance(children, pikepdf.Array) else [children]:
                walk(child)

    for child in pdf.Root.StructTreeRoot.K:
        walk(child)
    return found


SAME_AGAIN = """
import hashlib
from screening.pdf import render
from tests.summary_cases import LONGEST_PATH, made_summary
print(hashlib.sha256(render(made_summary(LONGEST_PATH, name="Zoë 👩‍⚕️ 王"))).hexdigest())
"""


def test_the_same_summary_gives_the_same_bytes_in_any_process() -> None:
    here = hashlib.sha256(render(made_summary(LONGEST_PATH, name="Zoë 👩‍⚕️ 王"))).hexdigest()
    environment = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "PYTHONPATH": str(ROOT)}
    there = subprocess.run(
        [sys.executable, "-c", SAME_AGAIN], env=environment, cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert there.stdout.strip() == here


@pytest.mark.parametrize(
    "changed",
    [
        replace(summary("base"), person=replace(summary("base").person, name="Alex B. Morgan")),
        replace(summary("base"), clinic=replace(summary("base").clinic, paper="A4")),
        replace(summary("base"), clinic=replace(summary("base").clinic, emergency_number="112", name="Other")),
        replace(summary("base"), findings=summary("base").findings[1:]),
        replace(summary("base"), rules_approved=True),
        replace(summary("base"), demo=True),
        made_summary({"pain_regions": ["upper_back"]}),
    ],
)
def test_whatever_a_print_shows_changes_its_hash(changed: Summary) -> None:
    assert prepare(changed, "staff").content_hash != prepare(summary("base"), "staff").content_hash
    assert prepare(summary("base"), "staff").content_hash == prepare(made_summary({}), "staff").content_hash
