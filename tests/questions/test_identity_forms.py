"""Date of birth and consent, name and phone: the answers that say who a person is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from flask import Flask, g, render_template
from werkzeug.datastructures import MultiDict

import rules
from screening.clinic import Clinic
from screening.forms import PageForm, contact_form, start_form
from screening.identity import age_on
from screening.questions import PAGES
from tests.questions.html_forms import sent_untouched

TODAY = date(2026, 11, 22)
Post = Callable[[Callable[[], PageForm], Mapping[str, Any]], PageForm]


@pytest.fixture
def post(small_app: Flask, ruleset: rules.RuleSet) -> Iterator[Post]:
    contexts = []

    def make(build: Callable[[], PageForm], data: Mapping[str, Any]) -> PageForm:
        context = small_app.test_request_context("/", method="POST", data=MultiDict(data))
        context.push()
        contexts.append(context)
        g.clinic, g.rules_in_force = Clinic(), ruleset.sha256
        form = build()
        form.validate_on_submit()
        return form

    yield make
    for context in reversed(contexts):
        context.pop()


def born(month: Any, day: Any, year: Any, consent: str | None = "yes") -> dict[str, Any]:
    sent = {"date_of_birth-month": month, "date_of_birth-day": day, "date_of_birth-year": year}
    return {**sent, "consent": consent} if consent else sent


def start() -> PageForm:
    return start_form(TODAY)


@pytest.mark.parametrize(
    ("sent", "iso"),
    [
        (born("3", "27", "1975"), "1975-03-27"),
        (born("03", " 07 ", "1975"), "1975-03-07"),
        (born("2", "29", "2024"), "2024-02-29"),
        (born("11", "22", "2026"), "2026-11-22"),
        (born("11", "22", "1906"), "1906-11-22"),
        (born("11", "23", "1905"), "1905-11-23"),
    ],
)
def test_a_date_of_birth(post: Post, sent: dict[str, Any], iso: str) -> None:
    form = post(start, sent)
    assert not form.problems()
    assert form.identity() == {"date_of_birth": iso}


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (born("", "", ""), "Enter your date of birth"),
        ({"consent": "yes"}, "Enter your date of birth"),
        (born("3", "", "1975"), "Enter a real date"),
        (born("13", "1", "1975"), "Enter a real date"),
        (born("2", "29", "2025"), "Enter a real date"),
        (born("3", "27", "75"), "Enter a real date"),
        (born("March", "27", "1975"), "Enter a real date"),
        (born("3", "27", "9" * 400), "Enter a real date"),
        (born("3.5", "27", "1975"), "Enter a real date"),
        (born("3\x00", "27", "19\x0075x"), "Enter a real date"),
        (born("11", "23", "2026"), "must be in the past"),
        (born("11", "22", "1905"), "Check the year"),
        (born("1", "1", "0001"), "Enter a real date"),
        (born("3", "27", "1975", consent=None), "Tick the box"),
        (born("3", "27", "1975", consent="no"), "Tick the box"),
    ],
)
def test_a_start_that_is_refused(post: Post, sent: dict[str, Any], message: str) -> None:
    problems = post(start, sent).problems()
    assert len(problems) == 1 and message in problems[0]["text"]


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        ("2000-02-29", date(2026, 2, 28), 25),
        ("2000-02-29", date(2026, 3, 1), 26),
        ("2008-11-22", date(2026, 11, 22), 18),
        ("2008-11-23", date(2026, 11, 22), 17),
        ("2026-11-22", date(2026, 11, 22), 0),
        ("2026-11-23", date(2026, 11, 22), None),
        ("1906-11-22", date(2026, 11, 22), 120),
        ("1905-11-22", date(2026, 11, 22), None),
        (None, date(2026, 11, 22), None),
        ("", date(2026, 11, 22), None),
        ("soon", date(2026, 11, 22), None),
        (date(1981, 1, 1), date(2026, 11, 22), 45),
    ],
)
def test_age_on_a_day(birth: date | str | None, day: date, age: int | None) -> None:
    assert age_on(birth, day) == age


CONTACT = {"full_name": "Ada Lovelace", "phone": "555-010-0123"}


@pytest.mark.parametrize(
    ("changes", "identity"),
    [
        ({}, {"phone": "555-010-0123", "no_phone": False, "may_leave_message": False, "email": ""}),
        ({"may_leave_message": "yes"}, {"may_leave_message": True}),
        ({"phone": "+1 (555) 010.0123 x45"}, {"phone": "+1 (555) 010.0123 x45"}),
        ({"phone": "", "no_phone": "yes"}, {"phone": "", "no_phone": True}),
        ({"email": "Ada@Example.org"}, {"email": "Ada@example.org"}),
        ({"full_name": "  Ada\x00 \u202eLovelace "}, {"full_name": "Ada Lovelace"}),
        ({"full_name": "李小龍"}, {"full_name": "李小龍"}),
    ],
)
def test_a_contact(post: Post, changes: dict[str, str], identity: dict[str, Any]) -> None:
    form = post(contact_form, {**CONTACT, **changes})
    assert not form.problems()
    given = form.identity()
    assert set(given) == {"full_name", "phone", "no_phone", "may_leave_message", "email"}
    assert {**given, **identity} == given


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"full_name": " "}, "full_name", "Enter the full name"),
        ({"full_name": "\x00\u202e"}, "full_name", "Enter the full name"),
        ({"full_name": "x" * 201}, "full_name", "200 characters or fewer"),
        ({"phone": ""}, "phone", "or tick that you have no phone"),
        ({"no_phone": "yes"}, "phone", "not both"),
        ({"phone": "call me"}, "phone", "such as 555-010-0123"),
        ({"phone": "123"}, "phone", "such as 555-010-0123"),
        ({"phone": "5" * 30}, "phone", "such as 555-010-0123"),
        ({"phone": "5" * 400}, "phone", "40 characters or fewer"),
        ({"email": "ada"}, "email", "such as name@example.com"),
        ({"email": "ada@exam ple.org"}, "email", "such as name@example.com"),
        ({"email": f"{'a' * 300}@example.org"}, "email", "254 characters or fewer"),
    ],
)
def test_a_contact_that_is_refused(post: Post, changes: dict[str, str], field: str, message: str) -> None:
    problems = post(contact_form, {**CONTACT, **changes}).problems()
    assert [problem["href"] for problem in problems] == [f"#{field}"]
    assert message in problems[0]["text"]


def test_what_was_given_is_filled_in_again(in_app: None) -> None:
    identity = {**CONTACT, "no_phone": False, "may_leave_message": True, "email": "a@example.org"}
    html = render_template("patient/page.html", page=PAGES["contact"], form=contact_form(identity), progress=None)
    sent = {name: values for name, values in sent_untouched(html).items() if any(values)}
    assert sent == {
        "full_name": ["Ada Lovelace"],
        "phone": ["555-010-0123"],
        "may_leave_message": ["yes"],
        "email": ["a@example.org"],
    }


def test_a_wrong_date_is_shown_as_it_was_typed(post: Post) -> None:
    form = post(start, born("13", "40", "19<i>75"))
    html = render_template("patient/page.html", page=PAGES["contact"], form=form, progress=None)
    assert sent_untouched(html)["date_of_birth-month"] == ["13"]
    assert sent_untouched(html)["date_of_birth-year"] == ["19<i>75"]
    assert form.problems()[0]["href"] == "#date_of_birth-month" and 'id="date_of_birth-month"' in html
