"""How a stored print is found: by what it is made from, so that an old one can never stand for a changed case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, LargeBinary, Table, event, select, text, type_coerce, update

from screening import edition
from screening.actions import clinic, summaries
from screening.actions.unit import SYSTEM
from screening.models import Case, CaseFinding, Patient, db
from screening.models.base import Model
from screening.pdf import Prepared
from screening.queries import print_inputs
from screening.queries.print_inputs import NOT_SHOWN, fingerprint
from tests.pdf_pages import all_text
from tests.summary_cases import LONGEST_PATH
from tests.test_summaries import no_press, stored_case, stored_count

READ: tuple[type[Model], ...] = (Case, Patient, CaseFinding)
"""The rows whose every column counts."""
READ_WHOLE = {"clinic_setting", "rule_set_activation", "rule_set_signature"}
"""What else is read for a print: settings and approval."""
KEYS = {"id", "case_id", "patient_id", "draft_id"}
"""What says which rows are a case's own. They never change."""
OTHERS: dict[type, Any] = {int: 77, object: datetime(2031, 1, 1, tzinfo=UTC), date: date(2031, 1, 1)}

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def found(case_id: int) -> tuple[str | None, ...]:
    return tuple(fingerprint(case_id, variant) for variant in summaries.PREPARED_FOR)


def other(column: Column[Any], value: Any) -> Any:
    if print_inputs._encrypted(column):
        return type_coerce((value or b"") + b"A", LargeBinary)
    kind = column.type.python_type
    return not value if kind is bool else f"{value}x" if kind is str else OTHERS[kind]


@contextmanager
def each_changed(model: type[Model], column: Column[Any]) -> Iterator[None]:
    """The column of every row changed behind the application's back, for the moment."""
    as_stored = type_coerce(column, LargeBinary) if print_inputs._encrypted(column) else column
    value = db.session.execute(select(as_stored)).scalars().first()
    db.session.execute(text("PRAGMA defer_foreign_keys = ON"))
    db.session.execute(update(model).values({column: other(column, value)}))
    try:
        yield
    finally:
        db.session.rollback()


def test_every_column_counts_but_those_that_no_page_shows(app: Flask) -> None:
    case_id = stored_case(LONGEST_PATH).id
    before, shown = found(case_id), summaries._prepared(case_id, "staff").content_hash
    assert before == found(case_id) and len(set(before)) == len(summaries.PREPARED_FOR)
    unseen = set()
    for model in READ:
        assert isinstance(model.__table__, Table)
        for column in model.__table__.columns:
            if column.name in KEYS:
                continue
            with each_changed(model, column):
                if found(case_id) == before:
                    unseen.add(column.name)
                    assert column.name in NOT_SHOWN
                    assert summaries._prepared(case_id, "staff").content_hash == shown
    assert unseen == NOT_SHOWN


def test_pages_are_made_from_nothing_else_that_is_stored(app: Flask) -> None:
    case_id = stored_case(LONGEST_PATH).id
    said: list[str] = []
    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    for variant in summaries.PREPARED_FOR:
        summaries._prepared(case_id, variant)
    read = {table for words in said for table in re.findall(r"(?:FROM|JOIN) (\w+)", words)}
    assert {model.__tablename__ for model in READ} <= read
    assert read <= {model.__tablename__ for model in READ} | READ_WHOLE


def test_settings_approval_address_and_program_count(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = stored_case().id
    seen = [found(case_id)]
    clinic.save_settings(values={"phone": "555 0100"}, by=SYSTEM)
    seen.append(found(case_id))
    monkeypatch.setattr(print_inputs, "approved", lambda _sha256: True)
    seen.append(found(case_id))
    settings = app.extensions["settings"]
    monkeypatch.setitem(app.extensions, "settings", replace(settings, base_url="https://other.example"))
    seen.append(found(case_id))
    monkeypatch.setattr(print_inputs, "EDITION", "another")
    seen.append(found(case_id))
    assert len(set(seen)) == 5
    assert edition._edition() == edition.EDITION
    monkeypatch.setattr(edition, "FOLDERS", ("press", "rules", "screening"))
    assert edition._edition() != edition.EDITION


def test_the_same_words_written_again_need_no_new_print(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    case = stored_case()
    case_id = case.id
    first = summaries.print_summary(case_id=case_id, by=SYSTEM)
    before = found(case_id)
    db.session.execute(update(Patient).values(identity=case.patient.identity))
    db.session.commit()
    assert found(case_id) != before
    monkeypatch.setattr(Prepared, "to_pdf", no_press)
    assert summaries.is_ready(case_id=case_id)
    assert summaries.print_summary(case_id=case_id, by=SYSTEM) == first
    monkeypatch.setattr(summaries, "prepare", no_press)
    assert summaries.print_summary(case_id=case_id, by=SYSTEM) == first
    assert stored_count() == 1


def test_a_case_that_changes_while_it_is_printed_comes_out_as_it_stands(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, to_pdf = stored_case(), Prepared.to_pdf
    names = iter(("Alexandra Morgan", "Alexandra Morgan"))

    def meanwhile(prepared: Prepared, wait: float | None = None) -> bytes:
        pdf = to_pdf(prepared, wait)
        case.patient.identity = {**case.patient.identity, "full_name": next(names)}
        db.session.commit()
        return pdf

    monkeypatch.setattr(Prepared, "to_pdf", meanwhile)
    assert "Alexandra Morgan" in all_text(summaries.print_summary(case_id=case.id, by=SYSTEM))
    assert stored_count() == 2
