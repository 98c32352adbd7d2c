"""What to ask to settle a tier, for whom, and the smallest cause of a finding: on staff pages and on the PDF."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from screening.access import Role
from screening.actions import assessing
from screening.actions import submit as submission
from screening.call_list import CallList
from screening.models import Case, db
from screening.pdf import render
from screening.questions import QUESTIONS
from tests.conftest import SignIn
from tests.factories import submit_case
from tests.pdf_pages import all_text, flat
from tests.staff.test_review import text_of
from tests.summary_cases import made_summary

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
UNSURE: dict[str, Any] = {"meds_list": ["not_sure"], "tx_opioid": "helped", "suicide_attempt": "not_sure"}
"""Leaves a question for the front desk and one for a clinician open."""

FRONT_DESK, CLINICIAN = str(QUESTIONS["meds_list"].text), str(QUESTIONS["suicide_attempt"].text)
MANY: dict[str, Any] = {
    "pain_limits": "most_days", "peg_pain": 8, "peg_enjoyment": 7, "peg_activity": 8,
    "tx_nsaid": "no_help", "tx_nerve_med": "stopped_side_effects", "tx_physio": "helped_some",
}  # fmt: skip
"""More answers than A04 needs."""

A04_ENOUGH = (
    "Enough together: Where the pain is (Low back); How long the pain has lasted (More than 1 year); "
    "How often pain limits life (On most days); Anti-inflammatory medicines (Yes, but it did not help); "
    "Nerve pain medicines (I stopped it because of side effects)"
)


def panel(page: str, region: str) -> str:
    found = re.search(rf'<section [^>]*aria-labelledby="{region}-heading".*?</section>', page, re.DOTALL)
    return text_of(found[0]) if found else ""


def finding(page: str, rule: str) -> str:
    found = re.search(rf'<article [^>]*aria-labelledby="finding-{rule}".*?</article>', page, re.DOTALL)
    assert found
    return text_of(found[0])


def test_the_queue_says_how_many_questions_to_ask(sign_in: SignIn) -> None:
    submit_case(**UNSURE)
    submit_case(suicide_attempt="not_sure")
    page = text_of(sign_in(Role.PHYSICIAN).get("/staff/queue").text)
    assert "Cannot tell: ask 2 questions" in page
    assert "Cannot tell: ask 1 question" in page.replace("ask 2 questions", "")


def test_a_physician_sees_both_lists_and_who_may_ask(sign_in: SignIn) -> None:
    case = submit_case(**UNSURE)
    shown = panel(sign_in(Role.PHYSICIAN).get(f"/staff/queue/{case.reference}").text, "open")
    assert f"the front desk may ask: {FRONT_DESK}" in shown
    assert f"only a clinician may ask: {CLINICIAN}" in shown


def test_the_front_desk_sees_its_own_questions_and_how_many_others(sign_in: SignIn) -> None:
    case = submit_case(**UNSURE)
    shown = panel(sign_in(Role.FRONT_DESK).get(f"/staff/cases/{case.reference}").text, "to-ask")
    assert FRONT_DESK in shown
    assert "A clinician has 1 question to ask." in shown
    assert CLINICIAN not in shown


@ON_SQLITE
def test_nothing_to_ask_is_not_mentioned(sign_in: SignIn) -> None:
    case = submit_case(suicide_attempt="past")
    assert not CallList.of(case.assessment)
    sign_in(Role.PHYSICIAN)
    assert panel(sign_in(Role.FRONT_DESK).get(f"/staff/cases/{case.reference}").text, "to-ask") == ""


def test_the_pdf_has_the_questions_beside_what_is_unknown() -> None:
    text = flat(all_text(render(made_summary(UNSURE))))
    assert flat(f"the front desk may ask: • {FRONT_DESK}") in text
    assert flat(f"only a clinician may ask: • {CLINICIAN}") in text
    assert flat("Ask to settle") not in flat(all_text(render(made_summary(UNSURE), "patient")))
    assert flat("Ask to settle") not in flat(all_text(render(made_summary())))


def test_a_finding_names_its_smallest_cause_and_what_would_clear_it(sign_in: SignIn) -> None:
    case = submit_case(**MANY)
    page = sign_in(Role.PHYSICIAN).get(f"/staff/queue/{case.reference}").text
    assert A04_ENOUGH in finding(page, "A04")
    assert "Not at this tier without: Where the pain is (Low back)" in finding(page, "A04")
    assert "Enough" not in finding(page, "A01") and "without" not in finding(page, "A01")
    assert "Enough alone: Nerve pain medicines (I stopped it because of side effects)" not in finding(page, "A04")


def test_the_pdf_names_the_smallest_cause() -> None:
    text = flat(all_text(render(made_summary(MANY))))
    assert flat(A04_ENOUGH.replace(" (", ": ").replace(")", "")) in text
    assert flat("Not at this tier without: Where the pain is: Low back") in text


def test_a_case_from_before_is_shown_as_it_was(app: Flask, sign_in: SignIn) -> None:
    case = submit_case(**UNSURE, **MANY)
    _forget(case)
    physician = sign_in(Role.PHYSICIAN)
    assert "Cannot tell" in physician.get("/staff/queue").text
    page = physician.get(f"/staff/queue/{case.reference}")
    assert page.status_code == 200 and "Enough" not in page.text and "may ask" not in page.text
    desk = sign_in(Role.FRONT_DESK)
    assert desk.get(f"/staff/cases/{case.reference}").status_code == 200
    printed = desk.send(f"/staff/cases/{case.reference}/summary", page=f"/staff/cases/{case.reference}")
    assert printed.data.startswith(b"%PDF")
    assert flat("Enough together") not in flat(all_text(printed.data))


def _forget(case: Case) -> None:
    """As a case was stored before there were call lists and causes."""
    case.assessment = {name: part for name, part in case.assessment.items() if name != "call_list"}
    for found in case.findings:
        found.detail = {name: part for name, part in found.detail.items() if name not in ("smallest", "clears")}
    db.session.commit()


@ON_SQLITE
def test_the_search_for_questions_holds_up_no_other_write(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def searched(*_args: object) -> CallList:
        assert not db.session.connection().get_execution_options().get("write")
        return CallList()

    monkeypatch.setattr(assessing, "call_list", searched)
    assert CallList.of(submit_case(**UNSURE).assessment) == CallList()


@ON_SQLITE
def test_answers_that_changed_meanwhile_are_searched_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    foresee = submission._foresee

    def of_other_answers(draft: int) -> Any:
        foreseen = foresee(draft)
        assert foreseen
        return replace(foreseen, answers={**foreseen.answers, "suicide_attempt": "no"}, calls=CallList())

    monkeypatch.setattr(submission, "_foresee", of_other_answers)
    assert len(CallList.of(submit_case(**UNSURE).assessment)) == 2
