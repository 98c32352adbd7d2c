"""Printing a case: what is stored, what is left behind, and what never reaches the paper."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from pebble import ProcessExpired
from sqlalchemy import func, select

from press import Printed
from screening import clock, rendering
from screening.access import Role
from screening.actions import clinic as clinic_settings
from screening.actions import review, summaries
from screening.actions.review import DecisionKind
from screening.actions.unit import SYSTEM, Actor, Missing, unit_of_work
from screening.models import AuditEvent, Case, Draft, StoredPdf, User, db
from screening.pdf import Prepared
from screening.views import front_desk
from tests.conftest import SignIn
from tests.pdf_pages import all_text, flat, page_sizes
from tests.summary_cases import LONGEST_PATH, SUBMITTED, made_case

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

AddStaff = Callable[[Role], User]


def stored_case(changes: dict[str, Any] | None = None) -> Case:
    """A submitted case in the database."""
    case = made_case(changes)
    with unit_of_work(SYSTEM):
        draft = Draft(
            id=case.draft_id,
            questionnaire_version=case.questionnaire_version,
            consented_at=SUBMITTED,
            started_at=SUBMITTED,
            last_activity_at=SUBMITTED,
        )
        db.session.add(draft)
        db.session.flush()
        db.session.add(case)
    return case


def staff(add_staff: AddStaff, role: Role) -> Actor:
    user = add_staff(role)
    return Actor("staff", user.id, user.full_name)


def events(action: str) -> list[AuditEvent]:
    return list(db.session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


def stored_count() -> int:
    return db.session.scalar(select(func.count()).select_from(StoredPdf)) or 0


def no_press(_: Prepared, _wait: float | None = None) -> bytes:
    raise AssertionError("a stored summary was made again")


def test_a_print_leaves_its_time_and_an_event(app: Flask, add_staff: AddStaff) -> None:
    case = stored_case()
    by = staff(add_staff, Role.FRONT_DESK)
    pdf = summaries.print_summary(case_id=case.id, by=by)
    assert pdf.startswith(b"%PDF-1.7")
    db.session.refresh(case)
    [event] = events("case.printed")
    assert (event.actor, event.subject_kind, event.subject_id) == (by.label, "case", case.id)
    assert case.printed_at == event.at
    stored = db.session.get(StoredPdf, event.detail["content_hash"])
    assert stored is not None and stored.pdf == pdf


def test_a_second_print_sends_the_stored_bytes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    case = stored_case()
    first = summaries.print_summary(case_id=case.id, by=SYSTEM)
    monkeypatch.setattr(Prepared, "to_pdf", no_press)
    assert summaries.print_summary(case_id=case.id, by=SYSTEM) == first
    assert stored_count() == 1
    assert len(events("case.printed")) == 2


def test_a_stored_summary_is_unreadable_in_the_database(app: Flask) -> None:
    case = stored_case()
    summaries.print_summary(case_id=case.id, by=SYSTEM)
    raw = db.session.execute(select(StoredPdf.__table__.c.pdf.cast(db.LargeBinary))).scalar_one()
    assert not bytes(raw).startswith(b"%PDF")


def test_a_changed_clinic_or_person_never_gets_the_old_print(app: Flask) -> None:
    case = stored_case()
    before = summaries.print_summary(case_id=case.id, by=SYSTEM)
    clinic_settings.save_settings(values={"name": "Riverside Pain Clinic", "paper": "A4"}, by=SYSTEM)
    renamed = summaries.print_summary(case_id=case.id, by=SYSTEM)
    assert "Riverside Pain Clinic" in all_text(renamed) and "Riverside" not in all_text(before)
    assert round(page_sizes(renamed)[0][0]) == 595
    with unit_of_work(SYSTEM) as unit:
        patient = unit.lock(Case, case.id).patient
        patient.identity = {**patient.identity, "full_name": "Alexandra Morgan"}
    corrected = summaries.print_summary(case_id=case.id, by=SYSTEM)
    assert "Alexandra Morgan" in all_text(corrected)
    assert stored_count() == 3


def test_a_physicians_decision_and_reason_never_reach_the_print(app: Flask, add_staff: AddStaff) -> None:
    case = stored_case(LONGEST_PATH)
    before = summaries.print_summary(case_id=case.id, by=SYSTEM)
    physician = staff(add_staff, Role.PHYSICIAN)
    review.decide(case_id=case.id, kind=DecisionKind.SAME_DAY_VISIT, reason="Zebra crossing reason", by=physician)
    after = summaries.print_summary(case_id=case.id, by=SYSTEM)
    assert after == before
    text = flat(all_text(after))
    assert "Zebra" not in text
    assert flat(physician.name) not in text


def test_the_patients_copy_is_an_event_and_not_a_print(app: Flask) -> None:
    case = stored_case()
    pdf = summaries.patient_copy(case_id=case.id)
    db.session.refresh(case)
    assert case.printed_at is None
    assert [event.actor for event in events("case.copied")] == ["patient"]
    assert "Your answers" in all_text(pdf)
    assert "Decision support" not in all_text(pdf)


def test_printing_what_is_not_there_says_so(app: Flask) -> None:
    with pytest.raises(Missing):
        summaries.print_summary(case_id=4711, by=SYSTEM)
    with pytest.raises(Missing):
        summaries.patient_copy(case_id=4711)


def test_the_press_runs_while_others_can_write(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    case = stored_case()
    open_writes: list[bool] = []

    def press(_: Prepared, _wait: float | None = None) -> bytes:
        options = db.session.connection().get_execution_options()
        open_writes.append(bool(options.get("write")))
        return b"%PDF-made"

    monkeypatch.setattr(Prepared, "to_pdf", press)
    summaries.print_summary(case_id=case.id, by=SYSTEM)
    assert open_writes == [False]


def test_the_front_desk_prints_from_the_case(app: Flask, sign_in: SignIn) -> None:
    case = stored_case()
    url = f"/staff/cases/{case.reference}"
    browser = sign_in(Role.FRONT_DESK)
    answer = browser.send(f"{url}/summary", page=url)
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert "Alex Morgan" in all_text(answer.data)
    assert answer.headers["Cache-Control"] == "no-store"
    db.session.refresh(case)
    assert case.printed_at is not None
    assert case.printed_at - SUBMITTED != timedelta(0)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_summary_that_takes_longer_is_waited_for_on_a_page(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = stored_case()
    url, browser = f"/staff/cases/{case.reference}", sign_in(Role.FRONT_DESK)
    under_way: Future[Printed] = Future()
    monkeypatch.setattr(rendering, "submit", lambda _pages: under_way)
    monkeypatch.setattr(front_desk, "PATIENCE", 0.0)
    begun = browser.send(f"{url}/summary", page=url)
    assert (begun.status_code, begun.location) == (302, f"{url}/summary")
    waiting = browser.get(begun.location)
    assert "is being made" in waiting.text and waiting.headers["Refresh"] == "2"
    under_way.set_result(Printed(b"%PDF-made", ()))
    ready = browser.get(begun.location)
    assert "is ready" in ready.text and "Refresh" not in ready.headers
    assert stored_count() == 0
    assert browser.send(f"{url}/summary", page=f"{url}/summary").data == b"%PDF-made"
    assert stored_count() == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_summary_that_cannot_be_made_says_where_the_answers_are(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = stored_case()
    url, browser = f"/staff/cases/{case.reference}", sign_in(Role.FRONT_DESK)
    ended: Future[Printed] = Future()
    ended.set_exception(ProcessExpired("killed", code=-9))  # type: ignore[no-untyped-call]
    monkeypatch.setattr(rendering, "submit", lambda _pages: ended)
    answer = browser.send(f"{url}/summary", page=url)
    assert answer.status_code == 503 and "all the answers are on the page of the case" in answer.text
    db.session.refresh(case)
    assert case.printed_at is None and stored_count() == 0


def test_the_worker_has_summaries_ready_before_they_are_asked_for(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = stored_case()
    with clock.fixed_at(SUBMITTED + timedelta(minutes=1)):
        assert summaries.prepare_due(by=SYSTEM) == 1
        assert stored_count() == 2
        assert summaries.prepare_due(by=SYSTEM) == 0
    with unit_of_work(SYSTEM) as unit:
        changed = unit.lock(Case, case.id)
        changed.patient.identity = {**changed.patient.identity, "full_name": "Alexandra Morgan"}
        changed.changed_at = SUBMITTED + timedelta(minutes=2)
    with clock.fixed_at(SUBMITTED + timedelta(minutes=3)):
        assert summaries.prepare_due(by=SYSTEM) == 1
        assert stored_count() == 4
        assert summaries.prepare_due(by=SYSTEM) == 0
    monkeypatch.setattr(Prepared, "to_pdf", no_press)
    assert "Alexandra Morgan" in all_text(summaries.print_summary(case_id=case.id, by=SYSTEM))
    assert "Alexandra Morgan" in all_text(summaries.patient_copy(case_id=case.id))
    assert [event.action for event in events("case.printed")] == ["case.printed"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_code_on_a_print_tells_whether_it_is_current(app: Flask, sign_in: SignIn) -> None:
    case = stored_case()
    browser = sign_in(Role.FRONT_DESK)
    summaries.print_summary(case_id=case.id, by=SYSTEM)
    address = f"/staff/prints/{case.reference}"
    old = summaries.current_mark(case_id=case.id)
    assert "This print is current" in browser.get(f"{address}/{old}").text
    clinic_settings.save_settings(values={"name": "Riverside Pain Clinic"}, by=SYSTEM)
    changed = browser.get(f"{address}/{old}").text
    assert "This print is out of date" in changed and "has not been printed yet" in changed
    summaries.print_summary(case_id=case.id, by=SYSTEM)
    assert "It is replaced by the print of" in browser.get(f"{address}/{old}").text
    assert "This print is current" in browser.get(f"{address}/{summaries.current_mark(case_id=case.id)}").text
    assert "This print is not known" in browser.get(f"{address}/{'0' * 16}").text
    assert browser.get("/staff/prints/AAAA-AAAA/0").status_code == 404


def test_an_admin_cannot_print(app: Flask, sign_in: SignIn) -> None:
    case = stored_case()
    browser = sign_in(Role.ADMIN)
    answer = browser.send(f"/staff/cases/{case.reference}/summary", page="/staff/admin/accounts")
    assert answer.status_code == 403
    assert stored_count() == 0
