"""Tallies: right after every kind of write, under writers at the same time, and after a doubt."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update

from rules.model import Tier
from screening.access import Role
from screening.actions import review, summaries
from screening.actions.review import DecisionKind
from screening.actions.unit import Actor
from screening.models import Case, Draft, Tally, User, db
from screening.queries.tallies import kept, recounted, tallies
from tests.conftest import SignIn
from tests.factories import CONSULT, EMERGENCY, start_form, submit_case


@contextmanager
def right_after(what: str) -> Iterator[None]:
    yield
    db.session.commit()
    assert kept() == recounted(), what


def test_tallies_follow_every_write(app: Flask, physician: Actor) -> None:
    with right_after("forms begun and sent"):
        start_form()
        case = submit_case(**CONSULT)
        submit_case(hx_heart=None, considering_ketamine="yes", **CONSULT)
        submit_case(**EMERGENCY)
    counted = tallies()
    assert (counted.open_forms(), counted.submitted(), counted.to_print(), counted.to_call()) == (1, 3, 3, 1)
    assert counted.waiting()[Tier.EMERGENCY] == counted.submitted(Tier.EMERGENCY) == 1
    with right_after("printed"):
        summaries.print_summary(case_id=case.id, by=physician)
    assert (tallies().to_print(), tallies().printed()) == (2, 1)
    with right_after("decided"):
        decision = review.decide(case_id=case.id, kind=DecisionKind.CALL_PATIENT, reason="-", by=physician)
    assert (tallies().printed(), tallies().reviewed()) == (0, 1)
    with right_after("annulled"):
        review.annul(decision_id=decision.id, reason="-", by=physician)
    assert tallies().waiting()[Tier.CONSULT] >= 1
    with right_after("many rows in one statement"):
        db.session.execute(update(Case).values(changed_at=Case.submitted_at, printed_at=Case.submitted_at))
        db.session.execute(update(Draft).values(closed_at=Draft.started_at))
    assert (tallies().open_forms(), tallies().printed()) == (0, 3)
    with right_after("nothing that is tallied"):
        db.session.execute(update(Case).values(origin="Tablet"))
    with right_after("deleted"):
        db.session.execute(text("DELETE FROM case_finding"))
        db.session.execute(delete(Case).where(Case.tier == Tier.EMERGENCY))
    assert tallies().submitted() == 2


def test_writers_at_the_same_time_lose_no_count(app: Flask, physician: Actor) -> None:
    ids = [submit_case(**CONSULT).id for _ in range(3)]

    def decide_and_annul(case_id: int) -> None:
        with app.app_context():
            for _ in range(8):
                signed = review.decide(case_id=case_id, kind=DecisionKind.CALL_PATIENT, reason="-", by=physician)
                review.annul(decision_id=signed.id, reason="-", by=physician)
            review.decide(case_id=case_id, kind=DecisionKind.CALL_PATIENT, reason="-", by=physician)
            db.session.remove()

    with ThreadPoolExecutor() as writers:
        list(writers.map(decide_and_annul, ids))
    db.session.rollback()
    assert tallies().reviewed() == 3
    assert kept() == recounted()


def test_a_recount_puts_a_wrong_tally_right(app: Flask) -> None:
    submit_case()
    runner = app.test_cli_runner()
    assert "Every tally is right." in runner.invoke(args=["recount"]).output
    db.session.execute(update(Tally).values(n=7))
    db.session.execute(text("INSERT INTO tally VALUES ('case', 5, 0, 0, 0, 9)"))
    db.session.commit()
    said = runner.invoke(args=["recount"])
    assert said.exit_code == 0 and "was 7, is 1" in said.output and "was 9, is 0" in said.output
    db.session.rollback()
    assert kept() == recounted()
    assert db.session.scalars(select(Tally.n)).all() == [1]


@pytest.fixture
def physician(app: Flask, sign_in: SignIn) -> Actor:
    sign_in(Role.PHYSICIAN)
    user = db.session.scalars(select(User)).one()
    return Actor("staff", user.id, user.full_name)
