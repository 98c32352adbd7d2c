"""The lists read what they show: from an index, and no more rows than a page has."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import event

from rules.model import Tier
from screening import clock
from screening.access import Role
from screening.actions import delivery
from screening.actions.unit import SYSTEM
from screening.clinic import Clinic
from screening.crypto import FieldCipher
from screening.models import Tally, db
from screening.queries import alerts, audit, cases, desk, queue
from screening.queries.audit import AuditSearch
from screening.queries.cases import Lane
from screening.queries.desk import Tab
from screening.queries.queue import Held, QueueFilter
from screening.queries.tallies import tallies
from screening.search import dates_read
from tests.conftest import NOON, SignIn
from tests.factories import CONSULT, submit_case
from tests.staff.test_front_desk import listed, search

ZONE = ZoneInfo("America/New_York")
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

_CASE_TABS = [tab for tab in Tab if tab is not Tab.WAITING]

LISTS: dict[str, Callable[[], Any]] = {
    **{tab.value: partial(desk.desk_list, tab, NOON, 1) for tab in _CASE_TABS},
    **{f"{tab.value} of a tier": partial(desk.desk_list, tab, NOON, 1, Tier.CONSULT) for tab in _CASE_TABS},
    "waiting": lambda: desk.open_forms(1),
    "counts": lambda: desk.tab_counts(tallies(), NOON, Tier.CONSULT),
    "found by name": lambda: desk.found("whitfield ana", 1),
    "found by phone": lambda: desk.found("555 010 0199", None),
    "found by date of birth": lambda: desk.found("03/04/1981", None),
    "found by reference": lambda: desk.found("9999-9999", None),
    "time-critical": lambda: queue.queue(Lane.TIME_CRITICAL, None),
    "my planning": lambda: queue.queue(Lane.PLANNING, 1, QueueFilter(Held.MINE, Tier.CONSULT, 1)),
    "next case": lambda: queue.next_case(1, 1),
    "planning": lambda: queue.queue(Lane.PLANNING, None),
    "forms that were left": lambda: delivery.raise_left_alerts(clinic=Clinic(), now=NOON, by=SYSTEM),
    "reviewed": lambda: queue.reviewed(None),
    "assigned": lambda: queue.assigned(1, 1),
    "second opinions": lambda: queue.awaiting_opinions(1),
    "alerts": alerts.alerts_to_acknowledge,
    "alert strip": alerts.open_alerts,
    "audit": lambda: audit.audit_list(AuditSearch("case.viewed"), ZONE, 100),
    "audit of one person": lambda: audit.audit_list(AuditSearch(actor="staff:1"), ZONE, 100),
    "audit actions": audit.audit_actions,
}

INDEXES = {
    **{tab.value: f"ix_case_{tab.value}" for tab in _CASE_TABS},
    **{f"{tab.value} of a tier": f"ix_case_tier_{tab.value}" for tab in _CASE_TABS},
    "today": "ix_case_submitted",
    "today of a tier": "ix_case_tier_submitted",
    "waiting": "ix_draft_open",
    "forms that were left": "ix_draft_(left|open)",
    "found by name": "ix_search_token_found",
    "time-critical": "ix_case_waiting",
    "next case": "ix_case_waiting",
    "reviewed": "ix_case_reviewed",
    "assigned": "ix_case_assigned",
    "second opinions": "ix_case_opinion",
}
"""The index of each list that holds its rows alone, as a pattern."""

SORTED_HERE = {"alerts"}
"""Few rows: what nobody has acknowledged."""


FOUND_BY = (
    "Ana", "ana", "whi", "Ortega", "whitfield ana", "Whitfield-Ortega", "ORTE ana",
    "1981-03-04", "03/04/1981", "4.3.1981", "555 010 0142", "+1 (555) 010-0142", "person@clinic.example",
)  # fmt: skip
NOT_FOUND_BY = ("eld", "Anna", "ana lind", "1981-03-05", "555 010 0143", "x\x00y zzz", "%", "' OR 1")
TOO_LITTLE = ("", "an", "12", "x" * 100_000)


def plans(read: Callable[[], Any]) -> list[str]:
    """How the database goes about a read; PostgreSQL, which scans small tables, as if they were large."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", note)
    read()
    event.remove(db.engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN"
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            explain = "EXPLAIN (COSTS off)"
            for costly in ("enable_seqscan", "enable_sort"):
                connection.exec_driver_sql(f"SET LOCAL {costly} = off")
        return [
            str(row[-1])
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"{explain} {statement}", parameters)
        ]


def scanned(steps: list[str]) -> set[str]:
    """The tables that are read from end to end."""
    read = [re.search(r"^SCAN (\w+)(?! USING)\b(?!.*USING)|Seq Scan on (\w+)", step) for step in steps]
    return {table[1] or table[2] for table in read if table} & db.metadata.tables.keys()


def test_every_list_reads_from_an_index_and_sorts_nothing(app: Flask) -> None:
    submit_case(**CONSULT)
    for name, read in LISTS.items():
        steps = plans(read)
        assert steps, name
        assert scanned(steps) <= {Tally.__tablename__}, name
        if name not in SORTED_HERE:
            # An incremental sort has one person's cases to put in order.
            assert [step for step in steps if re.search(r"TEMP B-TREE|(^|-> +)Sort$", step)] == [], name
        if name in INDEXES:
            # It reads no row that it does not show.
            assert re.search(rf"\b{INDEXES[name]}\b", "\n".join(steps)), name
    assert INDEXES.keys() <= LISTS.keys()


def test_a_person_is_found_by_what_is_theirs_alone(sign_in: SignIn) -> None:
    case = submit_case(name="Ana Whitfield-Ortega", born="1981-03-04", phone="(555) 010-0142")
    submit_case(name="Bo Lind", born="1990-12-30", phone="555 010 0177", email="bo@clinic.example")
    browser = sign_in(Role.FRONT_DESK)
    for typed in FOUND_BY:
        assert listed(search(browser, typed)) == [case.reference], typed
    for typed in NOT_FOUND_BY:
        assert listed(search(browser, typed)) == [], typed
    for typed in TOO_LITTLE:
        assert "Enter 3 letters or more" in search(browser, typed), typed[:10]


@SQLITE
def test_a_page_decrypts_its_own_rows_alone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "PAGE_ROWS", 3)
    for _ in range(8):
        submit_case(**CONSULT)
    db.session.expire_all()
    decrypted: list[bytes] = []
    decrypt = FieldCipher.decrypt

    def counted(cipher: FieldCipher, token: bytes) -> bytes:
        decrypted.append(token)
        return decrypt(cipher, token)

    monkeypatch.setattr(FieldCipher, "decrypt", counted)
    page = desk.desk_list(Tab.SUBMITTED, NOON, None)
    assert len(page.rows) == 3
    assert len(decrypted) == 3 + 1


def test_the_last_page_has_no_next(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "PAGE_ROWS", 2)
    with clock.fixed_at(NOON):
        ids = [submit_case(**CONSULT).id for _ in range(4)]
    first = queue.queue(Lane.PLANNING, None)
    second = queue.queue(Lane.PLANNING, first.next)
    assert [row.id for row in (*first.rows, *second.rows)] == ids
    assert second.next is None


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("1981-03-04", ["1981-03-04"]),
        ("03/04/1981", ["1981-03-04", "1981-04-03"]),
        ("12/30/1990", ["1990-12-30"]),
        ("30.12.1990", ["1990-12-30"]),
        ("1981-13-40", []),
        ("31/02/1981", []),
        ("3/4/81", []),
        ("0000-01-01", []),
    ],
)
def test_a_date_in_figures_is_read_every_way_it_can_be_meant(typed: str, days: list[str]) -> None:
    assert [day.isoformat() for day in dates_read(typed)] == days


@SQLITE
def test_the_day_of_a_list_begins_at_midnight_in_the_clinic(app: Flask) -> None:
    from screening.views.front_desk import today_began

    with app.test_request_context(), clock.fixed_at(NOON):
        assert today_began() == datetime.fromisoformat("2026-11-18T00:00:00-05:00")
