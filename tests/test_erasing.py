"""One person is erased for good: by two steps, from every table, and again from a backup that is restored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select

from screening.access import Role
from screening.actions import alerts, coming_back, erasing, holding, invitations, joining, review
from screening.actions.forgetting import give_back_room
from screening.actions.printing import request
from screening.actions.review import DecisionKind
from screening.actions.unit import PATIENT, SYSTEM, Actor
from screening.models import (
    Alert,
    AuditEvent,
    Case,
    Draft,
    LegalHold,
    OutboxMessage,
    PrintPiece,
    RuleSetActivation,
    SearchToken,
    StoredPdf,
    Tombstone,
    User,
    WhatIfCase,
    WhatIfRun,
    db,
)
from screening.queries.belongings import BELONGINGS, counted, whole
from screening.queries.tallies import kept, recounted
from screening.rulebook import in_force_sha256
from tests.conftest import Browser, SignIn
from tests.factories import EMERGENCY, start_form, submit_case

PAGE = "/staff/admin/retention"
REASON = {"reason": "Asked for in a letter"}
NAME, BORN = "Ana Whitfield-Ortega", "1981-03-04"
Rows = dict[str, list[Mapping[str, Any]]]


@pytest.fixture
def admin(sign_in: SignIn) -> Browser:
    return sign_in(Role.ADMIN)


@pytest.fixture
def by(admin: Browser) -> Actor:
    user = db.session.scalars(select(User)).one()
    return Actor("staff", user.id, user.full_name)


def all_rows() -> Rows:
    """Every row of every table that belongs to somebody, as the database has it."""
    db.session.rollback()
    tables = {one.table.name: one.table for one in BELONGINGS}
    return {name: [dict(row) for row in db.session.execute(select(table)).mappings()] for name, table in tables.items()}


def known_person(by: Actor) -> Case:
    """A case of somebody about whom there is a row in nearly every table."""
    draft = start_form(name=NAME, born=BORN, **EMERGENCY)
    holding.hold(draft_id=draft.id, page="mood", typed={"anything_else": ["x"]}, answers={}, by=PATIENT)
    coming_back.stop(draft_id=draft.id, email="ana@clinic.example", address=None, by=PATIENT)
    case = submit_case(name=NAME, born=BORN, **EMERGENCY)
    for alert in db.session.scalars(select(Alert)).all():
        alerts.acknowledge(alert_id=alert.id, by=by)
    review.decide(case_id=case.id, kind=DecisionKind.CALL_PATIENT, reason="-", by=by)
    job = request(case_ids=[case.id], by=by)
    identity = {"full_name": NAME, "date_of_birth": BORN, "email": "ana@clinic.example"}
    invitations.create(identity=identity, language="en", by=by)
    assert by.user_id is not None
    run = WhatIfRun(
        candidate_sha256=in_force_sha256(),
        in_force_sha256=in_force_sha256(),
        user_id=by.user_id,
        requested_at=case.submitted_at,
    )
    db.session.add(PrintPiece(job_id=job.id, attempt="1", number=0, size=4, content=b"%PDF"))
    db.session.add_all([run, StoredPdf(content_hash="1", case_id=case.id, pdf=b"%PDF", made_at=case.submitted_at)])
    db.session.flush()
    db.session.add(
        WhatIfCase(run_id=run.id, reference=case.reference, before=1, after=1, rules="", asked_differently=False)
    )
    db.session.commit()
    return case


def keys_on(page: str) -> list[str]:
    return re.findall(r'name="also"[^>]*value="([^"]+)"', page)


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found, page
    return found[1]


def erase(admin: Browser, reference: str, also: list[str]) -> Any:
    """Both steps, as an admin takes them."""
    person = f"{PAGE}/people/{reference}"
    checked = admin.send(f"{person}/check", {**REASON, "also": also}, page=person)
    sent = {**REASON, "also": also, "seen": seen_on(checked.text), "typed": reference}
    return admin.send(f"{person}/erase", sent, page=person)


def test_a_person_goes_from_every_table_and_again_from_a_restored_backup(
    app: Flask, admin: Browser, by: Actor, tmp_path: Path
) -> None:
    other = submit_case(name="Ben Sand")
    other_id = other.id
    kept_rows = counted(whole(patients={other.patient_id}))
    reference = known_person(by).reference
    before, chain = all_rows(), db.session.scalars(select(AuditEvent.id)).all()
    found = admin.send(f"{PAGE}/people", {"erase": reference.lower()}, page=PAGE)
    person = found.location
    page = admin.get(person).text
    also = keys_on(page)
    assert sorted(key.split("-")[0] for key in also) == ["draft", "invitation"]
    assert NAME not in page and "ana@" not in page
    checked = admin.send(f"{person}/check", {**REASON, "also": also}, page=person)
    assert all(words in checked.text for words in ("Stored summaries: 1", "Alerts: 2", "Decisions: 1", reference))
    sent = {**REASON, "also": also, "seen": seen_on(checked.text)}
    assert admin.send(f"{person}/erase", {**sent, "typed": "wrong"}, page=person).status_code == 422
    assert all_rows() == before
    assert admin.send(f"{person}/erase", {**sent, "typed": reference}, page=person).status_code == 302
    _only(other_id, kept_rows)
    said = admin.get(PAGE).text
    assert "The person is erased." in said and REASON["reason"] in said and "search entries" in said
    assert set(chain) < set(db.session.scalars(select(AuditEvent.id)))
    _restore(before)
    assert db.session.scalars(select(Case.reference)).all() != [other.reference]
    runner = app.test_cli_runner()
    assert "3 records" in runner.invoke(args=["purge", "--after-restore"]).output
    _only(other_id, kept_rows)
    assert "0 records" in runner.invoke(args=["purge", "--after-restore"]).output
    file = tmp_path / "tombstones.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_text().splitlines()) == 4 and NAME not in file.read_text()


def _only(case_id: int, rows: dict[str, int]) -> None:
    """The other person's rows are all there, and no others."""
    db.session.rollback()
    assert kept() == recounted()
    assert db.session.scalars(select(Case.id)).all() == [case_id]
    everything = {one.title: len(found) for one, found in zip(BELONGINGS, all_rows().values(), strict=True) if found}
    assert everything == rows
    held_by = {row.patient_id for row in db.session.scalars(select(SearchToken))}
    assert held_by == {db.session.get_one(Case, case_id).patient_id}


def _restore(before: Rows) -> None:
    """What a restored backup leads to: every row as it was, and no tombstone in the database."""
    db.session.execute(delete(Tombstone))
    now = all_rows()
    for one in reversed(BELONGINGS):
        gone = [row for row in before[one.table.name] if row not in now[one.table.name]]
        if gone:
            db.session.execute(insert(one.table), gone)
    db.session.commit()


def test_what_may_not_be_erased_now_says_why(app: Flask, admin: Browser, by: Actor, noon: datetime) -> None:
    case, twin = submit_case(name=NAME, **EMERGENCY), submit_case(name=NAME)
    person = f"{PAGE}/people/{case.reference}"
    (alert,) = db.session.scalars(select(Alert)).all()
    refused = admin.send(f"{person}/check", REASON, page=person).text
    assert "An alert of this person is not acknowledged" in refused and "Erase for good" not in refused
    alerts.acknowledge(alert_id=alert.id, by=by)
    checked = admin.send(f"{person}/check", REASON, page=person)
    assert "waits for a physician" in checked.text
    # On hold is the twin; it counts for this record once the two are joined.
    answer = admin.send(f"{PAGE}/holds", {"reference": twin.reference, "reason": "Court"}, page=PAGE)
    assert answer.status_code == 302
    joining.join(patient_id=case.patient_id, other_id=twin.patient_id, reason="", seen=(0, 0), by=by)
    refused = erase_anyway(admin, person, case.reference, seen_on(checked.text))
    assert refused.status_code == 409 and "There is a legal hold on this person" in refused.text
    assert db.session.get(Case, case.id) is not None
    hold = db.session.scalars(select(LegalHold)).one()
    assert admin.send(f"{PAGE}/holds/{hold.id}/lift", {"lift_reason": ""}, page=PAGE).status_code == 422
    assert admin.send(f"{PAGE}/holds/{hold.id}/lift", {"lift_reason": "Over"}, page=PAGE).status_code == 302
    assert admin.send(f"{PAGE}/holds/{hold.id}/lift", {"lift_reason": "Over"}, page=PAGE).status_code == 404
    assert "joined with it by staff" in admin.get(person).text
    assert erase(admin, case.reference, []).status_code == 302
    assert db.session.scalars(select(Case.id)).all() == [twin.id]
    assert kept() == recounted()


def erase_anyway(admin: Browser, person: str, reference: str, seen: str) -> Any:
    return admin.send(f"{person}/erase", {**REASON, "seen": seen, "typed": reference}, page=person)


def test_what_came_since_is_shown_before_it_goes(app: Flask, admin: Browser, by: Actor) -> None:
    case = submit_case(name=NAME)
    person = f"{PAGE}/people/{case.reference}"
    seen = seen_on(admin.send(f"{person}/check", REASON, page=person).text)
    db.session.add(StoredPdf(content_hash="1", case_id=case.id, pdf=b"%PDF", made_at=case.submitted_at))
    answer = erase_anyway(admin, person, case.reference, seen)
    assert answer.status_code == 409 and "Something of this person changed" in answer.text
    again = erase_anyway(admin, person, case.reference, seen_on(answer.text))
    assert again.status_code == 302
    assert db.session.scalar(select(StoredPdf.case_id)) is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_message_for_many_alerts_outlives_the_first(app: Flask, by: Actor) -> None:
    gone, stays = submit_case(**EMERGENCY), submit_case(**EMERGENCY)
    activation = db.session.scalars(select(RuleSetActivation)).first()
    assert activation is not None
    for alert in db.session.scalars(select(Alert)).all():
        alert.activation_id = activation.id
        alert.acknowledged_at = gone.submitted_at
    for word in db.session.scalars(select(OutboxMessage).join(Alert).where(Alert.draft_id == gone.draft_id)):
        word.activation_id = activation.id
    db.session.commit()
    rows = sum(counted(whole(patients={gone.patient_id})).values())
    erasing.erase(reference=gone.reference, also=[], seen=rows, reason="-", by=by)
    words = db.session.scalars(select(OutboxMessage)).all()
    assert len(words) == 2 and {word.alert.draft_id for word in words} == {stays.draft_id}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_of_a_person_lingers_in_the_file(app: Flask, by: Actor, tmp_path: Path) -> None:
    case = submit_case(name=NAME)
    tokens = db.session.scalars(select(SearchToken.token)).all()
    give_back_room()
    file = tmp_path / "screening.sqlite3"
    assert all(token in file.read_bytes() for token in tokens)
    rows = sum(counted(whole(patients={case.patient_id})).values())
    erasing.erase(reference=case.reference, also=[], seen=rows, reason="-", by=by)
    left = file.read_bytes() + Path(f"{file}-wal").read_bytes()
    assert tokens and not [token for token in tokens if token in left]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_cannot_be_written_is_said_and_made_good(
    app: Flask, admin: Browser, by: Actor, tmp_path: Path
) -> None:
    case = submit_case(name=NAME)
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, tombstones=tmp_path / "screening.sqlite3" / "none")
    assert erase(admin, case.reference, []).status_code == 302
    assert "could not be written" in admin.get(PAGE).text
    assert db.session.scalars(select(Draft)).all() == []
    app.extensions["settings"] = settings
    assert (erasing.note_tombstones(), erasing.note_tombstones()) == (2, 0)
    settings.tombstones_file.write_text("not a tombstone\n")
    with pytest.raises(ValueError, match="line 1"):
        erasing.reapply_tombstones(by=SYSTEM)
