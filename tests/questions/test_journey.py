"""The way through the pages: branches open and close, and nothing is skipped."""

from __future__ import annotations

from typing import Any

import pytest

import rules
from screening import journey
from screening.questions import PAGES

NAMED = {"full_name": "Ada Lovelace", "no_phone": True}
BRANCHES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "with-patient": ({"completed_by": "self"}, {"completed_by": "carer"}),
    "pregnancy": ({"sex_at_birth": "male"}, {"sex_at_birth": "female"}),
    "ketamine-courses": ({"tx_ketamine": "never"}, {"tx_ketamine": "not_sure"}),
    "opioids": ({"meds_list": ["none"]}, {"meds_list": ["opioid"]}),
    "opioid-use": ({"meds_list": ["stimulant"]}, {"meds_list": ["opioid", "stimulant"]}),
    "safe-now": ({"phq9_item9": 0}, {"phq9_item9": "declined"}),
    "ketamine-plans": ({"considering_ketamine": "no"}, {"considering_ketamine": "not_sure"}),
    "ketamine": ({"age_years": 17}, {"age_years": 18}),
}


def complete(ruleset: rules.RuleSet, **changes: Any) -> dict[str, Any]:
    """A person who has been through every page."""
    given = {**ruleset.base_person, **changes}
    return {**dict.fromkeys(ruleset.asked(given)), **given}


def ids(pages: tuple[Any, ...]) -> list[str]:
    return [page.id for page in pages]


@pytest.mark.parametrize("page_id", BRANCHES)
def test_a_branch_closes_and_opens(ruleset: rules.RuleSet, page_id: str) -> None:
    closed, opened = BRANCHES[page_id]
    assert page_id not in ids(journey.pages_on_path(ruleset, complete(ruleset, **closed)))
    assert page_id in ids(journey.pages_on_path(ruleset, complete(ruleset, **opened)))


def test_all_other_pages_are_for_everyone(ruleset: rules.RuleSet) -> None:
    closed = {key: value for no, _ in BRANCHES.values() for key, value in no.items()}
    assert set(ids(journey.pages_on_path(ruleset, complete(ruleset, **closed)))) == set(PAGES) - set(BRANCHES)


def test_a_usual_person_has_about_thirty_pages(ruleset: rules.RuleSet) -> None:
    assert len(journey.pages_on_path(ruleset, complete(ruleset))) <= 31


def test_next_and_previous_walk_the_same_way(ruleset: rules.RuleSet) -> None:
    answers = complete(ruleset)
    pages = journey.pages_on_path(ruleset, answers)
    assert [journey.next_page(ruleset, page, answers) for page in pages] == [*pages[1:], None]
    assert [journey.previous_page(ruleset, page, answers) for page in pages] == [None, *pages[:-1]]


def test_the_next_page_of_one_that_is_off_the_path(ruleset: rules.RuleSet) -> None:
    answers = complete(ruleset, sex_at_birth="male")
    following = journey.next_page(ruleset, PAGES["pregnancy"], answers)
    assert following is PAGES["pain-where"]
    assert journey.previous_page(ruleset, PAGES["pregnancy"], answers) is PAGES["sex"]


def test_some_questions_of_a_page(ruleset: rules.RuleSet) -> None:
    page = PAGES["alcohol-drugs"]
    asked = journey.questions_on_page(ruleset, page, complete(ruleset, audit1=0))
    assert [question.id for question in asked] == ["drug_use"]
    asked = journey.questions_on_page(ruleset, page, complete(ruleset, audit1=None))
    assert [question.id for question in asked] == ["audit2", "audit3", "drug_use"]


def test_filling_the_form_page_by_page_reaches_the_end(ruleset: rules.RuleSet) -> None:
    answers: dict[str, Any] = {"age_years": 45}
    identity: dict[str, Any] = {}
    seen = []
    while page := journey.first_unfinished(ruleset, answers, identity):
        seen.append(page)
        identity = NAMED if page.identity else identity
        answers |= {q.id: ruleset.base_person.get(q.id) for q in journey.questions_on_page(ruleset, page, answers)}
    assert tuple(seen) == journey.pages_on_path(ruleset, answers)
    assert ids(tuple(seen))[0] == "who" and ids(tuple(seen))[-1] == "anything-else"


def test_a_reopened_branch_is_the_first_unfinished_page(ruleset: rules.RuleSet) -> None:
    answers = complete(ruleset)
    assert journey.first_unfinished(ruleset, answers, NAMED) is None
    opened = {**answers, "meds_list": ["opioid"]}
    assert journey.first_unfinished(ruleset, opened, NAMED) is PAGES["opioids"]


def test_left_blank_is_finished_and_never_shown_is_not(ruleset: rules.RuleSet) -> None:
    answers = complete(ruleset, peg_pain=None)
    assert journey.first_unfinished(ruleset, answers, NAMED) is None
    del answers["peg_pain"]
    assert journey.first_unfinished(ruleset, answers, NAMED) is PAGES["pain-effect"]


def test_the_contact_page_waits_for_a_name(ruleset: rules.RuleSet) -> None:
    assert journey.first_unfinished(ruleset, complete(ruleset), {"date_of_birth": "1981-01-01"}) is PAGES["contact"]


def test_a_clinic_may_leave_alcohol_out() -> None:
    without = rules.load(switched_off=frozenset({"audit_c"}))
    assert "alcohol" not in ids(journey.pages_on_path(without, dict(without.base_person)))


def test_progress() -> None:
    first = journey.progress(PAGES["who"])
    assert (first.step_number, first.steps, str(first.step_title)) == (1, 11, "Urgent check")
    last = journey.progress(PAGES["anything-else"])
    assert (last.step_number, last.steps, str(last.step_title)) == (11, 11, "Your plans")


@pytest.mark.parametrize(("age", "spoken_of"), [(17, False), (18, True), (None, True)])
def test_a_minor_reads_nothing_of_ketamine(ruleset: rules.RuleSet, age: int | None, spoken_of: bool) -> None:
    answers = complete(ruleset, age_years=age)
    words = [
        str(text)
        for page in journey.pages_on_path(ruleset, answers)
        for question in journey.questions_on_page(ruleset, page, answers)
        for text in (page.title, page.intro, page.inset, question.text, question.hint, *question.choices)
        if text
    ]
    assert len(words) > 100
    assert any("ketamine" in text.lower() for text in words) is spoken_of
