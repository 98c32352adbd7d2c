"""Exports: what leaves, in which form, and what is kept of it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from pyarrow import parquet
from sqlalchemy import select

from screening import clock
from screening.access import Role
from screening.export.files import harmless
from screening.export.tables import TABLES
from screening.models import AuditEvent, DataExport, db
from screening.queries import exports as queries
from screening.what_if_rows import lines
from tests.conftest import Browser, SignIn
from tests.factories import EMERGENCY, submit_case

EXPORTS = "/staff/exports"
DAY = date(2026, 11, 18)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def asked(name: str, **changes: Any) -> dict[str, Any]:
    days = {"first_day": DAY.isoformat(), "last_day": DAY.isoformat()}
    return {"table": name, "file_format": "csv", "purpose": "Yearly report", **days, **changes}


def rows(browser: Browser, table: str, **changes: Any) -> list[dict[str, str]]:
    answer = browser.send(EXPORTS, asked(table, **changes))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_cases_answers_and_findings_leave_by_reference(app: Flask, sign_in: SignIn, noon: datetime) -> None:
    case = submit_case(**EMERGENCY, anything_else="My neighbour is Mrs Smith", peg_pain=None)
    admin = sign_in(Role.ADMIN)
    (row,) = rows(admin, "cases")
    assert row["reference"] == case.reference
    assert (row["tier"], row["flagged"], row["incomplete"], row["peg"]) == ("EMERGENCY", "yes", "yes", "")
    answers = {row["question"]: row for row in rows(admin, "answers")}
    assert (answers["peg_pain"]["state"], answers["peg_pain"]["value"]) == ("unanswered", "")
    assert (answers["phq_down"]["value"], answers["phq_down"]["number"]) == ("0", "0.0")
    assert "anything_else" not in answers
    assert {row["rule"] for row in rows(admin, "findings")} >= {"A01", "A13", "S01"}
    name = case.patient.identity["full_name"]
    everything = "".join(admin.send(EXPORTS, asked(table)).text for table in TABLES)
    assert case.reference in everything
    assert name not in everything and "Mrs Smith" not in everything


def test_a_day_of_the_clinic_begins_at_its_own_midnight(app: Flask) -> None:
    zone = ZoneInfo("America/New_York")
    before, first = datetime(2026, 11, 18, 4, 59, tzinfo=UTC), datetime(2026, 11, 18, 5, 0, tzinfo=UTC)
    sent = {}
    for moment in (before, first, first + timedelta(days=1)):
        with clock.fixed_at(moment):
            sent[moment] = submit_case().reference
    found = [one.case.reference for batch in queries.batches(DAY, DAY, zone) for one in batch]
    assert found == [sent[first]]


def test_more_than_one_batch_leaves_whole(app: Flask, noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "BATCH", 2)
    sent = [submit_case().reference for _ in range(5)]
    batches = list(queries.batches(DAY, DAY, ZoneInfo("America/New_York")))
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert [one.case.reference for batch in batches for one in batch] == sent


@ON_SQLITE
def test_parquet_holds_the_same_as_csv(sign_in: SignIn, noon: datetime) -> None:
    submit_case(**EMERGENCY)
    admin = sign_in(Role.ADMIN)
    for table in TABLES.values():
        text = rows(admin, table.id)
        answer = admin.send(EXPORTS, asked(table.id, file_format="parquet"))
        read = parquet.read_table(io.BytesIO(answer.data)).to_pylist()
        assert text
        assert [{name: harmless(cell) for name, cell in row.items()} for row in read] == text


@ON_SQLITE
def test_days_without_a_case_give_the_columns_alone(sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMIN)
    assert rows(admin, "cases") == []
    read = parquet.read_table(io.BytesIO(admin.send(EXPORTS, asked("cases", file_format="parquet")).data))
    assert read.column_names == [column.name for column in TABLES["cases"].columns]


@ON_SQLITE
def test_an_export_is_kept_with_its_purpose(sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMIN)
    rows(admin, "findings")
    export = db.session.scalars(select(DataExport)).one()
    assert (export.purpose, export.exported_name) == ("Yearly report", "Sam Admin")
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "data.exported")).one()
    assert event.detail == {"table": "findings", "format": "csv", "days": [DAY.isoformat()] * 2}
    assert "Yearly report" in admin.get(EXPORTS).text


@ON_SQLITE
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"purpose": " "}, "Enter what the data is for."),
        ({"first_day": "2026-11-19"}, "To: enter a day that is not before the first one."),
        ({"last_day": "soon"}, "Not a valid date value."),
        ({"table": "staff_user"}, "Not a valid choice."),
    ],
)
def test_what_is_not_fit_is_said_and_nothing_leaves(sign_in: SignIn, changes: dict[str, str], said: str) -> None:
    answer = sign_in(Role.ADMIN).send(EXPORTS, asked("cases", **changes))
    assert answer.status_code == 422
    assert said in answer.text
    assert db.session.scalars(select(DataExport)).all() == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2", "@A1", "\tx", "\rx"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert next(csv.reader(lines([(text, "1")]))) == [f"'{text}", "1"], "a what-if as CSV"


def test_a_negative_number_stays_a_number() -> None:
    assert harmless(-2) == "-2"


@ON_SQLITE
def test_the_dictionary_names_every_column_question_and_code(sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMIN)
    submit_case(**EMERGENCY)
    listed = list(csv.DictReader(io.StringIO(admin.get(f"{EXPORTS}/dictionary.csv").data.decode("utf-8-sig"))))
    for table in TABLES.values():
        assert {row["name"] for row in listed if row["table"] == table.id} >= {column.name for column in table.columns}
    (code,) = [row for row in listed if (row["name"], row["code"]) == ("rf_bladder", "new_or_worse_2w")]
    assert code["meaning"] and code["about"]
    assert "anything_else" not in {row["name"] for row in listed}
