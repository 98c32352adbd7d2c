"""The board: what it counts, of which weeks, and how it shows it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from screening import clock
from screening.access import Role
from screening.actions import drafts
from screening.actions.review import DecisionKind, decide
from screening.actions.submit import submit
from screening.actions.unit import PATIENT, Actor
from screening.board import PANELS
from screening.models import Case, User, db
from screening.queries import board as queries
from screening.queries.board import Span
from tests.conftest import NOON, Browser, SignIn
from tests.factories import CONSULT, EMERGENCY, start_form, submit_case
from tests.staff.test_queries import plans

BOARD = "/staff/board"
ZONE = ZoneInfo("America/New_York")
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def table(page: str, name: str) -> dict[str, list[str]]:
    """The cells of a table on the board, by the name of their row."""
    drawn = re.search(rf'<table id="{name}">.*?</table>', page, re.DOTALL)
    assert drawn, name
    rows = re.findall(r'<th scope="row"[^>]*>(.*?)</th>(.*?)</tr>', drawn[0])
    return {row: re.findall(r"<td[^>]*>(.*?)</td>", cells) for row, cells in rows}


def sent(at: datetime, *, took: int = 10, **answers: Any) -> Case:
    with clock.fixed_at(at - timedelta(minutes=took)):
        form = start_form(name="Ana Whitfield-Ortega", **answers)
    with clock.fixed_at(at):
        return submit(draft_id=form.id, by=PATIENT)


def decided(case: Case, after: timedelta) -> None:
    user = db.session.scalars(select(User).where(User.email == "physician@clinic.example")).one()
    with clock.fixed_at(case.submitted_at + after):
        decide(case_id=case.id, kind=DecisionKind.CALL_PATIENT, reason="Called.", by=Actor("staff", user.id, "Sam"))


def test_the_numbers_of_the_last_weeks(app: Flask, sign_in: SignIn) -> None:
    lead, _ = sign_in(Role.MEDICAL_LEAD), sign_in(Role.PHYSICIAN)
    monday = datetime(2026, 11, 16, 5, 0, tzinfo=UTC)
    for case, hours in zip(
        [sent(monday + timedelta(hours=hour), took=10 + hour, **CONSULT) for hour in (0, 1, 2, 3)],
        (1, 2, 8),
        strict=False,
    ):
        decided(case, timedelta(hours=hours))
    sent(monday - timedelta(minutes=1), took=22, **EMERGENCY)
    sent(monday - timedelta(weeks=5), **EMERGENCY)
    with clock.fixed_at(NOON - timedelta(hours=2)):
        left, kept = start_form(), start_form()
        drafts.save_page(draft_id=left.id, values={"peg_pain": None}, by=PATIENT)
    with clock.fixed_at(NOON):
        drafts.save_page(draft_id=kept.id, values={"peg_pain": 4}, by=PATIENT)
        page = lead.get(f"{BOARD}?weeks=4").text
    tiers = table(page, "tiers")
    assert list(tiers) == ["26 Oct 2026", "2 Nov 2026", "9 Nov 2026", "16 Nov 2026"]
    assert tiers["9 Nov 2026"] == ["1", "0", "0", "0", "0", "0", "1"]
    assert tiers["16 Nov 2026"] == ["0", "0", "0", "4", "0", "0", "4"]
    assert table(page, "status")["16 Nov 2026"] == ["3", "0", "1", "4"]
    waits = table(page, "waits")
    assert waits["Specialist consult"] == ["2 h", "14 d", "3", "1"]
    assert waits["Emergency now"] == ["–", "10 min", "0", "1"]
    assert table(page, "finished")["16 Nov 2026"] == ["5", "3", "60%"]
    assert "Finished: 71% of 7." in page
    assert table(page, "times")["16 Nov 2026"] == ["12 min", "3"]
    assert table(page, "times")["9 Nov 2026"] == ["16 min", "2"]
    (stop,) = table(page, "stops").values()
    assert stop == ["1", "100%"]
    rules = table(page, "rules")
    assert rules["S01 Signs of cauda equina syndrome"] == ["1", "20%"]
    assert "Whitfield" not in page


@ON_SQLITE
def test_every_panel_has_a_chart_that_is_drawn_the_same_each_time(sign_in: SignIn) -> None:
    admin: Browser = sign_in(Role.ADMIN)
    with clock.fixed_at(NOON):
        submit_case(**EMERGENCY)
        page = admin.get(BOARD).text
        for name in PANELS.keys() - {"stops"}:
            chart = admin.get(f"{BOARD}/{name}.svg?weeks=4")
            assert chart.mimetype == "image/svg+xml"
            assert "<title>" in chart.text and "<text" in chart.text and "<script" not in chart.text
            assert f"{BOARD}/{name}.svg?weeks=12" in page
            assert admin.get(f"{BOARD}/{name}.svg?weeks=4").data == chart.data
        assert "Nothing to count in these weeks." in page
        assert "the last 12 weeks" in admin.get(f"{BOARD}?weeks=1000").text
        assert admin.get(f"{BOARD}/nothing.svg").status_code == 404


def test_the_board_looks_up_the_weeks_alone(app: Flask) -> None:
    submit_case(**EMERGENCY)
    span = Span.of(12, NOON, ZONE)
    about_cases = (queries.cases_by_tier, queries.cases_by_status, queries.waits, queries.undecided, queries.cases_sent)
    about_forms = (queries.forms, queries.times_to_finish, partial(queries.stops, left_for=timedelta(minutes=15)))
    for reads, way in (
        ((*about_cases, queries.rules_fired), ("ix_case_(submitted|waiting)", "submitted_at")),
        (about_forms, ("ix_draft_(begun|open)", "started_at")),
    ):
        index, column = way
        for read in reads:
            steps = " ".join(plans(partial(read, span)))
            assert re.search(rf"{index} (\({column}>|.*Index Cond: \(+[\w.]*{column} >=)", steps)
