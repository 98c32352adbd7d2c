"""What is forgotten, and when: before, at and after each period, never what somebody still has to act on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, Table, UniqueConstraint, func, select, update
from sqlalchemy.types import TypeDecorator

from screening import clock
from screening.access import Role
from screening.actions import alerts, coming_back, holding, invitations, review
from screening.actions.clinic import save_settings
from screening.actions.delivery import raise_left_alerts
from screening.actions.exports import note_export
from screening.actions.forgetting import forget_due
from screening.actions.holds import lift_hold, place_hold
from screening.actions.review import DecisionKind
from screening.actions.unit import PATIENT, SYSTEM, Actor
from screening.clinic import current_clinic
from screening.jobs import forget_for_good
from screening.models import (
    Alert,
    AuditEvent,
    Case,
    DataExport,
    Draft,
    Invitation,
    Notice,
    Patient,
    PatientMail,
    ReturnCode,
    SearchToken,
    StoredPdf,
    db,
)
from screening.queries import board
from screening.queries.belongings import BELONGINGS
from screening.queries.retention import RULES
from screening.queries.tallies import kept, recounted
from tests.conftest import NOON
from tests.factories import CONSULT, EMERGENCY, URGENT, start_form, submit_case

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

SHORT_LIVED = {"web_session", "attempt", "worker_beat"}
"""Forgotten within days by what made them."""
NO_PATIENT = {
    "audit_event": "ids and codes alone, and never to be deleted",
    "audit_head": "the end of the chain",
    "clinic_setting": "the clinic's own policy",
    "forgotten_forms": "counts",
    "kiosk": "a tablet's name",
    "passkey": "of staff, while the account stands",
    "recovery_code": "of staff, while the account stands",
    "role": "a role's name",
    "rule_set": "rules",
    "rule_set_activation": "rules, and who put them in force",
    "rule_set_signature": "rules, and who signed them",
    "spent_id": "the highest id of a table",
    "staff_user": "of staff: what they signed names them",
    "tally": "counts",
    "tombstone": "that somebody was erased: ids and keyed hashes; kept so that it stays so",
    "translation_approval": "who approved a translation",
    "user_role": "of staff",
    "what_if_run": "counts; its cases are rows of their own",
}
"""Tables that a person's data never come into, and why."""


def test_every_table_is_forgotten_or_holds_no_patients_data() -> None:
    gone_with = [one.table.name for one in BELONGINGS]
    own = {rule.model.__tablename__ for rule in RULES}
    named = {*gone_with, *own, *SHORT_LIVED, *NO_PATIENT}
    tables = db.metadata.tables
    assert set(tables) == named, (
        "say in queries/belongings.py or queries/retention.py when its rows go, or here why not"
    )
    for name in NO_PATIENT.keys() - {"staff_user", "tombstone"}:
        assert not [column.name for column in tables[name].columns if _is_encrypted(column)], name
    for name, table in tables.items():
        for key in table.foreign_keys:
            if key.column.table.name in gone_with and name != key.column.table.name:
                assert name in gone_with, f"{name} keeps rows of {key.column.table.name} from being deleted"
                assert gone_with.index(name) < gone_with.index(key.column.table.name)
                assert _has_index(table, key.parent), f"each deletion would read all of {name} for {key.parent.name}"


def _is_encrypted(column: Any) -> bool:
    return isinstance(column.type, TypeDecorator) and isinstance(column.type.impl, LargeBinary)


def _has_index(table: Table, column: Any) -> bool:
    unique = [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]
    return any(next(iter(columns)) is column for columns in (*unique, *(one.columns for one in table.indexes)))


def night(moment: datetime) -> dict[str, int]:
    """How many rows each rule forgets in the night of a moment, of those that forget any."""
    with clock.fixed_at(moment):
        found = forget_due(by=SYSTEM)
    assert kept() == recounted(), "tallies"
    db.session.rollback()
    return {title: n for title, n in found.items() if n}


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_an_unfinished_form_goes_when_its_code_has_run_out(app: Flask) -> None:
    with clock.fixed_at(NOON):
        form = start_form(name="Ana Whitfield")
        holding.hold(draft_id=form.id, page="mood", typed={"anything_else": ["x"]}, answers={}, by=PATIENT)
        coming_back.stop(draft_id=form.id, email="ana@clinic.example", address=None, by=PATIENT)
        newer = start_form()
    form_id, newer_id = form.id, newer.id
    with clock.fixed_at(NOON + 10 * DAY):
        coming_back.stop(draft_id=newer_id, email="", address=None, by=PATIENT)
    assert night(NOON + 14 * DAY) == {}
    assert night(NOON + 14 * DAY + HOUR) == {"Unfinished forms": 1}
    assert db.session.get(Draft, form_id) is None
    assert db.session.get(Draft, newer_id) is not None
    assert (count(PatientMail), count(ReturnCode)) == (0, 1)
    begun = board.forms(board.Span.of(12, NOON + 15 * DAY, current_clinic().zone)).begun
    assert sum(begun.values()) == 2
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "retention.purged")).one()
    assert event.detail["ids"] == [form_id] and "ana@" not in str(event.detail)


def test_a_form_with_an_emergency_stays_until_its_alert_was_acknowledged(app: Flask, admin: Actor) -> None:
    with clock.fixed_at(NOON):
        emergency, urgent = start_form(**EMERGENCY).id, start_form(**URGENT).id
    later = NOON + 400 * DAY
    assert night(later) == {"Codes to come back": 2}
    with clock.fixed_at(later):
        raise_left_alerts(clinic=current_clinic(), now=later, by=SYSTEM)
        for alert_id in db.session.scalars(select(Alert.id)).all():
            if db.session.get_one(Alert, alert_id).draft_id == emergency:
                alerts.acknowledge(alert_id=alert_id, by=admin)
    assert night(later + 90 * DAY - HOUR) == {}
    assert night(later + 90 * DAY) == {"Unfinished forms that raised an alert": 1}
    assert db.session.scalars(select(Draft.id)).all() == [urgent]
    assert {row.draft_id for row in db.session.scalars(select(Alert))} == {urgent}
    assert count(Notice) == len(db.session.scalars(select(Notice).where(Notice.draft_id == urgent)).all())


def test_cases_go_after_the_years_that_the_clinic_sets_and_not_while_on_hold(app: Flask, admin: Actor) -> None:
    with clock.fixed_at(NOON):
        routine, decided, waiting, held = (submit_case(**changes) for changes in ({}, CONSULT, CONSULT, {}))
        db.session.add(StoredPdf(content_hash="routine", case_id=routine.id, pdf=b"%PDF", made_at=NOON))
        db.session.commit()
        hold = place_hold(reference=held.reference, reason="A letter of a court", by=admin)
        hold_id, ids = hold.id, [case.id for case in (routine, decided, waiting, held)]
    with clock.fixed_at(NOON + 100 * DAY):
        review.decide(case_id=ids[1], kind=DecisionKind.CALL_PATIENT, reason="-", by=admin)
    later = NOON.replace(year=NOON.year + 10)
    assert "Cases, with their summaries and letters" not in night(later + 4000 * DAY)
    save_settings(values={"case_years": 10}, by=admin)
    assert "Cases, with their summaries and letters" not in night(later - HOUR)
    assert night(later)["Cases, with their summaries and letters"] == 1
    assert db.session.scalars(select(Case.id).order_by(Case.id)).all() == ids[1:]
    assert (count(Patient), count(StoredPdf)) == (3, 0)
    night(later + 100 * DAY)
    assert db.session.scalars(select(Case.id).order_by(Case.id)).all() == ids[2:]
    lift_hold(hold_id=hold_id, reason="The case is over", by=admin)
    night(later + 4000 * DAY)
    assert db.session.scalars(select(Case.id)).all() == [ids[2]]
    assert count(Draft) == count(Patient) == 1
    assert {row.patient_id for row in db.session.scalars(select(SearchToken))} == {waiting.patient_id}


@ON_SQLITE
def test_invitations_mail_and_the_list_of_exports_go_in_their_time(app: Flask, admin: Actor) -> None:
    identity = {"full_name": "Ana Whitfield", "date_of_birth": "1981-03-04", "email": "ana@clinic.example"}
    with clock.fixed_at(NOON):
        asked = invitations.create(identity=identity, language="en", by=admin)
        code = db.session.scalars(select(ReturnCode)).one()
        db.session.add(PatientMail(kind="invitation", to="ana@clinic.example", invitation_id=asked.id, due_at=NOON))
        db.session.commit()
        db.session.execute(update(PatientMail).values(delivered_at=NOON))
        db.session.commit()
        days = {"first_day": date(2026, 11, 1), "last_day": date(2026, 11, 2)}
        note_export(table="cases", file_format="csv", purpose="Report", **days, by=admin)
    over = code.expires_at
    # The reminder asks whether the first e-mail was delivered.
    assert night(over - HOUR) == {}
    assert night(over) == {"E-mails to patients": 1}
    assert night(over + 30 * DAY - HOUR) == {}
    assert night(over + 30 * DAY) == {"Invitations": 1}
    assert (count(Invitation), count(ReturnCode), count(DataExport)) == (0, 0, 1)
    assert night(NOON.replace(year=NOON.year + 6)) == {"The list of exports": 1}


@ON_SQLITE
def test_an_id_is_not_given_twice(app: Flask) -> None:
    with clock.fixed_at(NOON):
        gone = start_form(name="Ana Whitfield").id
    with clock.fixed_at(NOON + 30 * DAY):
        forget_for_good()
        assert count(Draft) == 0
        new = [start_form().id, start_form().id]
    assert min(new) > gone and new[0] != new[1]


@pytest.fixture
def admin(app: Flask, add_staff: Any) -> Actor:
    user = add_staff(Role.ADMIN)
    return Actor("staff", user.id, user.full_name)
