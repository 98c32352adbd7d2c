"""The demo clinic shows every tier and every state, and is plainly marked as a demo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select

from rules.model import Tier
from screening import demo
from screening.access import Role
from screening.config import ConfigError, Settings
from screening.invited import Progress
from screening.models import Alert, Case, Decision, Draft, ReferralLetter, User, db
from screening.queries.invitations import InvitationFilter, invitation_list
from screening.queries.people import person_of
from screening.search import searches
from screening.security import refuse_demo_in_production
from tests.factories import CONSULT, EMERGENCY, PRIORITY, URGENT, submit_case


@pytest.fixture
def demo_app(app: Flask) -> Flask:
    settings: Settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, mode="demo")
    return app


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_demo_has_forty_cases_of_every_tier_and_state(demo_app: Flask) -> None:
    runner = demo_app.test_cli_runner()
    said = runner.invoke(args=["seed-demo"])
    assert said.exit_code == 0, said.output
    assert "40 cases" in said.output
    cases = db.session.scalars(select(Case)).all()
    tiers = Counter(Tier(case.tier) for case in cases)
    assert len(cases) == 40 and all(case.demo for case in cases)
    assert set(tiers) >= set(Tier) - {Tier.INFO}
    assert any(case.printed_at for case in cases) and any(not case.printed_at for case in cases)
    assert any(case.reviewed_at for case in cases) and any(case.flagged and not case.reviewed_at for case in cases)
    kinds = set(db.session.scalars(select(Decision.kind)))
    assert len(kinds) == 6
    asked = select(Case).where(Case.opinion_asked_at.is_not(None), Case.assigned_to_id.is_not(None))
    assert len(db.session.scalars(asked).all()) == 1
    assert db.session.scalars(select(ReferralLetter)).one().signed_name == "Dr. Alex Morgan"
    assert db.session.scalar(select(func.count(Draft.id)).where(Draft.closed_at.is_(None))) == 2
    unseen = select(func.count(Alert.id)).where(Alert.acknowledged_at.is_(None))
    assert 0 < db.session.scalars(unseen).one() < db.session.scalars(select(func.count(Alert.id))).one()
    assert all(user.demo for user in db.session.scalars(select(User)))
    invited = invitation_list(InvitationFilter.ALL, None).rows
    came = {case.patient.identity["full_name"]: person_of(case.reference) for case in cases}
    assert [name for name, person in came.items() if person and person.joined] == ["David Nakamura"]
    assert [name for name, person in came.items() if person and person.maybe] == ["Yuki Tanaka"]
    assert {row.progress for row in invited} == set(Progress) and any(row.reminder_due for row in invited)

    again = runner.invoke(args=["seed-demo", "--if-empty"])
    assert again.exit_code == 0 and db.session.scalar(select(func.count(Case.id))) == 40
    assert "not empty" in runner.invoke(args=["seed-demo"]).output


def test_a_clinic_grows_by_rows_that_are_kept_and_found_like_any(demo_app: Flask) -> None:
    demo._open_account(next(account for account in demo.ACCOUNTS if account.role is Role.PHYSICIAN))
    for story in (EMERGENCY, URGENT, PRIORITY, CONSULT, {}):
        submit_case(**story)
    before = schema()
    done: list[int] = []
    demo.grow(2030, done.append)
    assert done == [2000, 30, 0] and schema() == before
    assert db.session.scalar(select(func.count(Case.id))) == 2035
    runner = demo_app.test_cli_runner()
    assert "Every tally is right." in runner.invoke(args=["recount"]).output
    verified = runner.invoke(args=["audit", "verify", "--no-anchor"])
    assert verified.exit_code == 0 and " are sealed, 0 are not." in verified.output
    newest = db.session.scalars(select(Case).order_by(Case.id.desc()).limit(1)).one()
    name = newest.patient.identity["full_name"]
    assert any(newest.patient_id in db.session.scalars(search) for search in searches(name))
    assert submit_case().id > newest.id


def schema() -> dict[str, list[str]]:
    """Every index, reference and key of every table, as the database tells them."""
    told = inspect(db.engine)
    kinds = (told.get_indexes, told.get_foreign_keys, told.get_unique_constraints)
    return {table: sorted(_plain(each) for kind in kinds for each in kind(table)) for table in told.get_table_names()}


def _plain(told: Mapping[str, Any]) -> str:
    options = {name: str(value) for name, value in told.get("dialect_options", {}).items()}
    return str({**told, "dialect_options": options})


def test_a_demo_left_half_made_is_not_taken_for_a_whole_one(demo_app: Flask) -> None:
    demo._open_account(demo.ACCOUNTS[0])
    said = demo_app.test_cli_runner().invoke(args=["seed-demo", "--if-empty"])
    assert said.exit_code == 1 and "half made" in said.output


def test_the_demo_is_refused_outside_demo_mode(app: Flask) -> None:
    said = app.test_cli_runner().invoke(args=["seed-demo"])
    assert said.exit_code == 1 and "SCREENING_MODE=demo" in said.output


def test_production_refuses_a_database_with_demo_accounts(demo_app: Flask) -> None:
    production = replace(demo_app.extensions["settings"], mode="production")
    refuse_demo_in_production(demo_app, production)
    demo._open_account(demo.ACCOUNTS[0])
    refuse_demo_in_production(demo_app, demo_app.extensions["settings"])
    with pytest.raises(ConfigError, match="demo accounts"):
        refuse_demo_in_production(demo_app, production)
