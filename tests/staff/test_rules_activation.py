"""Rules put in force while forms are being sent, and what becomes time-critical by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

import rules
from rules import Tier
from screening.access import Role
from screening.actions import alerts, assessing, drafts, rule_sets
from screening.actions import submit as submission
from screening.actions.delivery import deliver_due, escalate
from screening.actions.re_review import open_cases
from screening.actions.review import DecisionKind, annul, decide
from screening.actions.unit import PATIENT, SYSTEM, Actor
from screening.call_list import CallList
from screening.clinic import Clinic
from screening.mail import Mail
from screening.models import Alert, AuditEvent, Case, OutboxMessage, ReReview, User, db
from tests.conftest import NOON, SignIn
from tests.factories import EMERGENCY, start_form, submit_case
from tests.staff.rule_folders import STRICTER, restart_with, rules_folder

SOONER = {
    ("ruleset.yaml", "version: 1.0.0"): "version: 1.4.0",
    ("safety/s02_leg_weakness.yaml", 'rf_leg_weakness == "new_or_worse"'): 'rf_leg_weakness != "no"',
}
"""Makes any weak leg a reason to be seen today."""
WEAK_LEG = {"rf_leg_weakness": "mild_stable"}
CLINIC = replace(Clinic(), escalation=("first@clinic.example", "second@clinic.example"))


@pytest.fixture(scope="session")
def stricter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rules_folder(tmp_path_factory.mktemp("stricter"), STRICTER)


@pytest.fixture(scope="session")
def sooner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rules_folder(tmp_path_factory.mktemp("sooner"), SOONER)


@pytest.fixture
def lead(sign_in: SignIn) -> Actor:
    sign_in(Role.MEDICAL_LEAD)
    user = db.session.scalars(select(User)).one()
    return Actor("staff", user.id, user.full_name)


def sign(app: Flask, folder: Path, by: Actor) -> str:
    restart_with(app, folder)
    sha256 = rules.load(folder).sha256
    rule_sets.sign(sha256=sha256, by=by)
    return sha256


def put_in_force(app: Flask, folder: Path, by: Actor) -> int:
    return rule_sets.activate(sha256=sign(app, folder, by), by=by)


def at_the_same_time(app: Flask, work: Callable[[], object]) -> Thread:
    """The work under way in another thread, as in another process."""

    def run() -> None:
        with app.app_context():
            work()
            db.session.remove()

    thread = Thread(target=run)
    thread.start()
    return thread


def until_it_waits_or_is_done(thread: Thread) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # one writer at a time: whoever comes second waits
    with db.engine.connect() as watching:
        while thread.is_alive() and not watching.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            watching.rollback()


def nothing_is_missed() -> bool:
    """Whether the one case was assessed with the stricter rules, or stands on the list to be reviewed again."""
    db.session.rollback()
    case = db.session.scalars(select(Case)).one()
    listed = db.session.scalars(select(ReReview.case_id)).all()
    return (case.ruleset_version == "1.1.0") is not (case.id in listed)


def test_rules_put_in_force_before_a_form_is_written_assess_it(
    app: Flask, stricter: Path, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = start_form(name="Ana Whitfield-Ortega", **WEAK_LEG, hx_eye=None)
    sha256 = sign(app, stricter, lead)

    def while_searching(*_: object) -> CallList:
        monkeypatch.undo()
        at_the_same_time(app, lambda: rule_sets.activate(sha256=sha256, by=lead)).join()
        return CallList()

    monkeypatch.setattr(assessing, "call_list", while_searching)
    submission.submit(draft_id=form.id, by=PATIENT)
    assert nothing_is_missed()
    assert db.session.scalars(select(Case)).one().ruleset_sha256 == sha256


def test_rules_put_in_force_while_a_form_is_written_wait_for_it(
    app: Flask, stricter: Path, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = start_form(name="Ana Whitfield-Ortega")
    sha256 = sign(app, stricter, lead)
    begun: list[Thread] = []

    def while_writing(*given: Any, **options: Any) -> Any:
        begun.append(at_the_same_time(app, lambda: rule_sets.activate(sha256=sha256, by=lead)))
        until_it_waits_or_is_done(begun[0])
        return alerts.raise_alert(*given, **options)

    monkeypatch.setattr(submission, "raise_alert", while_writing)
    submission.submit(draft_id=form.id, by=PATIENT)
    begun[0].join()
    assert nothing_is_missed()
    assert db.session.scalars(select(ReReview)).one().ruleset_sha256 == sha256


def test_a_form_sent_while_the_open_cases_are_looked_at_is_looked_at_too(
    app: Flask, stricter: Path, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where its number is not the last: on PostgreSQL numbers are given before they are seen."""
    form = start_form(name="Ana Whitfield-Ortega")
    sha256 = sign(app, stricter, lead)

    def first_look() -> list[int]:
        monkeypatch.undo()
        found = open_cases()
        at_the_same_time(app, lambda: submission.submit(draft_id=form.id, by=PATIENT)).join()
        return found

    monkeypatch.setattr(rule_sets, "open_cases", first_look)
    assert rule_sets.activate(sha256=sha256, by=lead) == 1
    assert nothing_is_missed()


class Mailbox:
    def __init__(self) -> None:
        self.mails: list[Mail] = []

    def __call__(self, mail: Mail) -> None:
        self.mails.append(mail)

    def deliver(self, now: datetime) -> list[Mail]:
        """What goes out at this moment."""
        self.mails.clear()
        escalate(clinic=CLINIC, now=now, by=SYSTEM)
        deliver_due(clinic=CLINIC, now=now, send=self, base_url="https://x.example", by=SYSTEM)
        return list(self.mails)


def raised() -> dict[int, Alert]:
    db.session.expire_all()
    return {alert.draft_id: alert for alert in db.session.scalars(select(Alert))}


def test_cases_that_rise_to_today_raise_alerts_with_one_message_for_all(
    app: Flask, sign_in: SignIn, sooner: Path, lead: Actor, noon: datetime
) -> None:
    risen = [submit_case(**WEAK_LEG), submit_case(**WEAK_LEG, hx_eye="not_sure"), submit_case(**WEAK_LEG)]
    submit_case()
    known = submit_case(**EMERGENCY, **WEAK_LEG)
    box = Mailbox()
    assert [mail.subject for mail in box.deliver(NOON)] == ["A case needs review"]
    alerts.acknowledge(alert_id=raised()[known.draft_id].id, by=lead)
    assert put_in_force(app, sooner, lead) == 3
    found = raised()
    assert set(found) == {case.draft_id for case in (*risen, known)}
    assert found[known.draft_id].acknowledged_at and not found[known.draft_id].activation_id
    for case in risen:
        alert = found[case.draft_id]
        assert (alert.tier, alert.rules, alert.raised_at) == (Tier.URGENT, ["S02"], NOON)
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "alert.raised")).all()
    assert [event.subject_id for event in events] == [found[case.draft_id].id for case in (known, *risen)]
    (mail,) = box.deliver(NOON)
    assert (mail.to, mail.subject) == ("first@clinic.example", "Cases need review: new rules")
    assert "https://x.example/staff/alerts" in mail.body and "S02" not in mail.body
    page = sign_in(Role.FRONT_DESK).get("/staff/alerts").text
    assert page.count("From new rules") == 3 and "3 alerts" in page

    alerts.acknowledge(alert_id=found[risen[0].draft_id].id, by=lead)
    assert box.deliver(NOON + timedelta(minutes=59)) == []
    assert [mail.to for mail in box.deliver(NOON + timedelta(minutes=60))] == ["second@clinic.example"]
    assert box.deliver(NOON + timedelta(hours=9)) == []
    for case in risen[1:]:
        alerts.acknowledge(alert_id=found[case.draft_id].id, by=lead)
    assert box.deliver(NOON + timedelta(hours=10)) == []


def test_an_alert_is_raised_again_by_new_rules_only_for_something_new(app: Flask, sooner: Path, lead: Actor) -> None:
    case = submit_case(**WEAK_LEG)
    changed_back = start_form(name="Ana Whitfield-Ortega", **EMERGENCY, **WEAK_LEG)
    alerts.acknowledge(alert_id=raised()[changed_back.id].id, by=lead)
    drafts.save_page(draft_id=changed_back.id, values={"rf_saddle": "no"}, by=PATIENT)
    submission.submit(draft_id=changed_back.id, by=PATIENT)
    assert put_in_force(app, sooner, lead) == 2
    assert set(raised()) == {case.draft_id, changed_back.id}
    for alert in raised().values():
        assert (alert.acknowledged_at, alert.changed_back_at) == (None, None)
        alerts.acknowledge(alert_id=alert.id, by=lead)
    own = rules.load().sha256
    rule_sets.sign(sha256=own, by=lead)
    assert rule_sets.activate(sha256=own, by=lead) == 0
    assert rule_sets.activate(sha256=rules.load(sooner).sha256, by=lead) == 2
    assert all(alert.acknowledged_at for alert in raised().values())
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 2


def test_a_case_whose_decision_is_annulled_is_looked_at_as_the_rules_now_are(
    app: Flask, sooner: Path, lead: Actor
) -> None:
    case, calm = submit_case(**WEAK_LEG), submit_case()
    signed = [
        decide(case_id=seen.id, kind=DecisionKind.NO_SPECIALIST_NOW, reason="Seen.", by=lead) for seen in (case, calm)
    ]
    assert put_in_force(app, sooner, lead) == 0
    for decision in signed:
        annul(decision_id=decision.id, reason="Wrong person.", by=lead)
    row = db.session.scalars(select(ReReview)).one()
    assert (row.case_id, row.to_tier, row.resolved_at) == (case.id, Tier.URGENT, None)
    assert set(raised()) == {case.draft_id}
