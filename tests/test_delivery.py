"""Word of an alert reaches the clinic's contacts in turn, holds no health data, and is never lost."""

from __future__ import annotations

import smtplib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from rules.model import Tier
from screening import clock
from screening.actions.delivery import deliver_due, escalate, raise_left_alerts
from screening.actions.sending import FIRST_RETRY, LONGEST_RETRY
from screening.actions.unit import SYSTEM
from screening.clinic import Clinic
from screening.mail import Mail
from screening.models import Alert, AuditEvent, Draft, OutboxMessage, db

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
CLINIC = replace(Clinic(), escalation=("first@clinic.example", "second@clinic.example"))
BASE_URL = "https://screening.clinic.example"


class Mailbox:
    """Takes mails, or refuses them with the failure that it is given."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.mails: list[Mail] = []
        self.failure = failure

    def __call__(self, mail: Mail) -> None:
        if self.failure:
            raise self.failure
        self.mails.append(mail)


def draft_with(tier: Tier, last_activity: datetime) -> Draft:
    draft = Draft(
        answers={"rf_saddle": "new_or_worse_2w"},
        identity={"full_name": "Ruth Abernathy"},
        told={},
        questionnaire_version="1",
        tier=tier,
        consented_at=last_activity,
        started_at=last_activity,
        last_activity_at=last_activity,
    )
    db.session.add(draft)
    db.session.commit()
    return draft


def alert_at(raised: datetime, tier: Tier = Tier.EMERGENCY) -> Alert:
    alert = Alert(draft=draft_with(tier, raised), tier=tier, rules=["S01"], origin="Website", raised_at=raised)
    db.session.add_all([alert, OutboxMessage(alert=alert, due_at=raised)])
    db.session.commit()
    return alert


def deliver(now: datetime, send: Mailbox, clinic: Clinic = CLINIC) -> int:
    return deliver_due(clinic=clinic, now=now, send=send, base_url=BASE_URL, by=SYSTEM)


def messages() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


@pytest.fixture(autouse=True)
def in_app(app: Flask) -> None:
    """Every test runs inside the application, on each database."""


def test_the_first_contact_is_told_once_and_without_health_data() -> None:
    alert_at(NOW)
    box = Mailbox()
    assert deliver(NOW, box) == 1
    assert deliver(NOW + timedelta(hours=1), box) == 0
    (mail,) = box.mails
    assert mail.to == "first@clinic.example"
    assert f"{BASE_URL}/staff/alerts" in mail.body
    assert not any(word in mail.subject + mail.body for word in ("Ruth", "Abernathy", "S01", "saddle", "EMERGENCY"))


@pytest.mark.parametrize("failure", [ConnectionRefusedError(), TimeoutError(), smtplib.SMTPServerDisconnected()])
def test_a_message_that_fails_is_tried_until_it_is_taken(failure: Exception) -> None:
    alert_at(NOW)
    refusing, box, moment = Mailbox(failure), Mailbox(), NOW
    for _ in range(60):
        assert deliver(moment, refusing) == 0
        moment += LONGEST_RETRY
    assert messages()[0].last_error == type(failure).__name__
    assert deliver(moment, box) == 1
    assert "This is attempt 61" in box.mails[0].body
    assert messages()[0].last_error is None


def test_a_failed_message_waits_before_it_is_tried_again() -> None:
    alert_at(NOW)
    deliver(NOW, Mailbox(TimeoutError()))
    box = Mailbox()
    assert deliver(NOW + FIRST_RETRY - timedelta(seconds=1), box) == 0
    assert deliver(NOW + FIRST_RETRY, box) == 1


def test_a_worker_killed_after_sending_sends_again_under_the_same_id() -> None:
    alert_at(NOW)
    box = Mailbox()

    class Killed(BaseException):
        pass

    def send_and_die(mail: Mail) -> None:
        box(mail)
        raise Killed

    with pytest.raises(Killed):
        deliver_due(clinic=CLINIC, now=NOW, send=send_and_die, base_url=BASE_URL, by=SYSTEM)
    assert deliver(NOW + FIRST_RETRY, box) == 1
    first, second = box.mails
    assert first.message_id == second.message_id
    assert "This is attempt 2" in second.body


def test_without_a_list_the_message_stays_and_says_so() -> None:
    alert_at(NOW)
    assert deliver(NOW, Mailbox(), Clinic()) == 0
    assert "names no one" in (messages()[0].last_error or "")
    assert messages()[0].delivered_at is None


def test_the_next_contact_is_told_when_nobody_acknowledges() -> None:
    alert_at(NOW)
    wait = timedelta(minutes=CLINIC.acknowledge_minutes["EMERGENCY"])
    assert escalate(clinic=CLINIC, now=NOW + wait - timedelta(seconds=1), by=SYSTEM) == 0
    assert escalate(clinic=CLINIC, now=NOW + wait, by=SYSTEM) == 1
    assert escalate(clinic=CLINIC, now=NOW + wait * 5, by=SYSTEM) == 0
    box = Mailbox()
    deliver(NOW + wait, box)
    assert [mail.to for mail in box.mails] == ["first@clinic.example", "second@clinic.example"]


def test_an_acknowledged_alert_goes_no_further() -> None:
    alert = alert_at(NOW)
    alert.acknowledged_at = NOW
    db.session.commit()
    assert escalate(clinic=CLINIC, now=NOW + timedelta(days=1), by=SYSTEM) == 0


@pytest.mark.parametrize(
    ("tier", "idle", "raised"),
    [(Tier.URGENT, 15, 1), (Tier.URGENT, 14, 0), (Tier.PRIORITY, 60, 0), (Tier.EMERGENCY, 15, 1)],
)
def test_a_form_left_with_an_urgent_answer_raises_its_alert(tier: Tier, idle: int, raised: int) -> None:
    draft_with(tier, NOW)
    moment = NOW + timedelta(minutes=idle)
    with clock.fixed_at(moment):
        assert raise_left_alerts(clinic=CLINIC, now=moment, by=SYSTEM) == raised
        assert raise_left_alerts(clinic=CLINIC, now=moment, by=SYSTEM) == 0
    assert len(list(db.session.scalars(select(Alert)))) == raised


def test_every_attempt_leaves_an_audit_event() -> None:
    alert_at(NOW)
    deliver(NOW, Mailbox(TimeoutError()))
    deliver(NOW + LONGEST_RETRY, Mailbox())
    of_messages = select(AuditEvent.action).where(AuditEvent.subject_kind == "outboxmessage")
    actions = list(db.session.scalars(of_messages.order_by(AuditEvent.id)))
    assert actions == ["message.attempted", "message.failed", "message.attempted", "message.delivered"]
