"""What patients read: easy, without blame, without promises, and naming what the clinical text says must be named."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import textstat
from babel.messages.pofile import read_po

import rules
from screening.language import CATALOGUES
from screening.questions import PAGES, QUESTIONS, STEPS
from screening.questions.spec import Page, Question

GRADE = 6.0
LISTS_OF_NAMES = {"meds_list", "opioids"}
"""The hints of these choices are names of medicines, which no plain words can stand for."""

PLACEHOLDER = re.compile(r"%\(\w+\)s|%%\{\w+\}")

NEVER = re.compile(
    r"\b(eligible|suitable|cleared|root cause|reset|revolutioni[sz]e|abuse|addict\w*|failed|should have|deny|denies|"
    r"complain\w*|compliant|commit)\b|\bsafe to\b|\byou are safe\b",
    re.IGNORECASE,
)


def words_of(question: Question, *, names: bool = False) -> Iterator[str]:
    for choice in question.choices:
        yield str(choice.label)
        if choice.hint and (names or question.id not in LISTS_OF_NAMES):
            yield str(choice.hint)
    for part in question.parts:
        yield from (str(text) for text in (part.text, part.hint, part.dont_know) if text)
    rest = (question.text, question.hint, question.low_label, question.high_label, question.dont_know)
    yield from (str(text) for text in rest if text)


def as_sentences(texts: Iterator[str]) -> str:
    return " ".join(text if text[-1] in ".?!" else f"{text}." for text in texts)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_reading_grade_of_a_question(question: Question) -> None:
    assert textstat.flesch_kincaid_grade(as_sentences(words_of(question))) <= GRADE


@pytest.mark.parametrize("page", [p for p in PAGES.values() if p.intro], ids=lambda page: page.id)
def test_reading_grade_of_an_introduction(page: Page) -> None:
    assert textstat.flesch_kincaid_grade(str(page.intro)) <= GRADE


def all_words() -> Iterator[str]:
    """All that pages, errors, notices and mail say to patients, in English: a catalogue has exactly that."""
    with (CATALOGUES / "es/LC_MESSAGES/messages.po").open("rb") as file:
        for message in read_po(file):
            yield from [message.id] if isinstance(message.id, str) else message.id


SENTENCES = sorted(
    {PLACEHOLDER.sub("5", text) for text in all_words() if len(text.split()) >= 6}
    - {text for question in QUESTIONS.values() for text in (str(question.short), *words_of(question, names=True))}
)
"""A label of a few words has no grade, and a question is read as a whole."""


def test_reading_grade_of_every_sentence_on_a_page() -> None:
    assert len(SENTENCES) > 200
    hard = [text for text in SENTENCES if textstat.flesch_kincaid_grade(as_sentences(iter([text]))) > GRADE]
    assert hard == []


def test_reading_grade_of_what_the_rules_tell_patients() -> None:
    told = {text["en"] for rule in rules.load().rules.values() for level in rule.levels if (text := level.patient)}
    assert [text for text in told if textstat.flesch_kincaid_grade(text) > GRADE] == []


def test_hard_words_would_be_noticed() -> None:
    hard = "Have you experienced urinary retention, faecal incontinence or saddle anaesthesia of recent onset?"
    assert textstat.flesch_kincaid_grade(hard) > GRADE


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_no_blame_no_promise(question: Question) -> None:
    assert not NEVER.search(as_sentences(words_of(question)))


def test_titles_say_neither_as_well() -> None:
    titles = [*(str(step.title) for step in STEPS), *(str(page.title) for page in PAGES.values())]
    assert all(titles) and not any(NEVER.search(title) for title in titles)


NAMED = {
    "rf_bladder": "hard to start.*without feeling it pass",
    "rf_bowel": "leak.*feel when you are full",
    "rf_saddle": "numb when you wipe or when you sit",
    "rf_legs_pain": "pain down both legs",
    "rf_legs_weak": "both of your legs weak or numb",
    "rf_gait": "unsteady walking, clumsy hands or a numb",
    "rf_leg_weakness": "not lift the foot.*leg may give way",
    "rf_acute": "now.*last 24 hours.*not usual for you",
    "rf_trauma": "last 6 weeks, or since your pain changed",
    "pain_changed": "last 4 weeks",
    "peg_pain": "past week",
    "peg_enjoyment": "past week",
    "peg_activity": "past week",
    "pain_limits": "past 3 months",
    "gad_nervous": "past 2 weeks",
    "gad_worry": "past 2 weeks",
    "phq_interest": "past 2 weeks",
    "phq_down": "past 2 weeks",
    "phq9_item9": "past 2 weeks",
    "cancer_history": "skin cancer only if it was melanoma",
    "infection_risk": "spine in the last 3 months",
    "hx_heart": "last 6 months",
    "hx_porphyria": "never told I have this",
    "drug_use": "Ketamine that is not from a doctor counts. Legal cannabis .weed. does not count",
    "opioids": "strength of the opioid only.*mcg/h",
    "suicide_attempt": "last 3 months",
    "tx_nsaid": "Advil",
    "tx_nerve_med": "Neurontin",
    "tx_opioid": "OxyContin",
}


@pytest.mark.parametrize(("question_id", "named"), NAMED.items(), ids=NAMED)
def test_what_a_question_must_name(question_id: str, named: str) -> None:
    question = QUESTIONS[question_id]
    text = " ".join([str(question.text), str(question.hint or ""), *(f"{c.label} {c.hint}" for c in question.choices)])
    assert re.search(named, text, re.DOTALL)


WINDOWS = {"rf_bladder", "rf_bowel", "rf_saddle", "rf_legs_pain", "rf_legs_weak", "rf_gait", "rf_sexual"}


@pytest.mark.parametrize("question_id", sorted(WINDOWS))
def test_new_signs_are_those_of_two_weeks(question_id: str) -> None:
    choice = QUESTIONS[question_id].choice("new_or_worse_2w")
    assert choice is not None and "2 weeks" in str(choice.label)
    worsening = "is getting worse" in str(choice.label)
    assert worsening == (question_id in {"rf_legs_weak", "rf_gait"})


@pytest.mark.parametrize("code", [c.code for c in QUESTIONS["meds_list"].choices if c.code not in ("none", "not_sure")])
def test_every_medicine_has_names_that_people_know(code: str) -> None:
    choice = QUESTIONS["meds_list"].choice(code)
    assert choice is not None and len(str(choice.hint).split(",")) >= 3


def test_question_texts_are_questions() -> None:
    assert all("?" in str(question.text) for question in QUESTIONS.values())
