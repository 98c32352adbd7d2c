"""`flask rotate-keys`: everything under the newest key, while others write, and nothing of theirs overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import LargeBinary, column, select, table, update

from screening import crypto
from screening.actions import drafts, rotation, summaries
from screening.actions.unit import PATIENT, SYSTEM
from screening.crypto import Encrypted, FieldCipher
from screening.models import AuditEvent, Case, Draft, db
from tests.databases import FIELD_KEY
from tests.factories import A04, EMERGENCY, start_form, submit_case

NEW = Fernet.generate_key().decode()
INDEX = "index key of the tests, at least 32 long"


def use_keys(app: Flask, *keys: str) -> None:
    app.extensions["field_cipher"] = FieldCipher(keys, INDEX)


def stored() -> Iterator[bytes]:
    """Every encrypted value as the database holds it."""
    for columns in rotation.encrypted_columns():
        for name in columns.sealed:
            kept = select(table(columns.name, column(name, LargeBinary)).c[name])
            yield from (bytes(value) for value in db.session.scalars(kept) if value is not None)


@contextmanager
def somebody_writes(app: Flask, draft_id: int) -> Iterator[list[int]]:
    """Pages saved one after the other, in a thread of their own; the list grows with each."""
    stop, begun, saved = Event(), Event(), list[int]()

    def write() -> None:
        with app.app_context():
            while not stop.wait(0.02):
                drafts.save_page(draft_id=draft_id, values={"peg_pain": len(saved) % 11}, by=PATIENT)
                saved.append(len(saved) % 11)
                begun.set()
            db.session.remove()

    thread = Thread(target=write)
    thread.start()
    try:
        assert begun.wait(30)
        yield saved
    finally:
        stop.set()
        thread.join()


def test_all_is_readable_with_the_new_key_alone_though_somebody_writes(app: Flask) -> None:
    cases = [submit_case(**changes) for changes in ({}, A04, EMERGENCY)]
    draft, changed = start_form(name="Ana Whitfield"), cases[0].changed_at
    contact, draft_id, runner = dict(draft.identity), draft.id, app.test_cli_runner()
    values = len(list(stored()))
    assert values > 30
    db.session.rollback()
    use_keys(app, NEW, FIELD_KEY)
    with somebody_writes(app, draft_id) as saved:
        said = runner.invoke(args=["rotate-keys"], catch_exceptions=False)
    assert (said.exit_code, "Nothing is left" in said.output) == (0, True), said.output
    use_keys(app, NEW)
    assert len(list(stored())) == values
    assert all(app.extensions["field_cipher"].decrypt(value) for value in stored())
    draft = db.session.get_one(Draft, draft_id, populate_existing=True)
    assert (draft.identity, draft.answers["peg_pain"]) == (contact, saved[-1])
    assert [case.changed_at for case in db.session.scalars(select(Case))] == [changed] * 3
    assert "0 values are under the newest key now" in runner.invoke(args=["rotate-keys"]).output
    rotated = select(AuditEvent).where(AuditEvent.action == "keys.rotated").order_by(AuditEvent.id)
    notes = db.session.scalars(rotated).all()
    assert [note.detail["left"] for note in notes] == [0, 0] and notes[0].detail["renewed"] >= values - 10


def test_what_changed_since_it_was_read_is_not_overwritten(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is it left: somebody who writes each time that a row was read does not keep it under the older key."""
    draft_id, write, came = start_form().id, rotation._write, list[str]()
    use_keys(app, NEW, FIELD_KEY)

    def after_somebody_else(columns: rotation.Columns, *rest: Any) -> Any:
        if columns.name == "draft":
            came.append(columns.name)
            use_keys(app, FIELD_KEY)
            db.session.execute(update(Draft).values(contact={"name": "meanwhile"}))
            db.session.execute(update(Draft).values(answers={"peg_pain": 7}))
            db.session.commit()
            use_keys(app, NEW, FIELD_KEY)
        return write(columns, *rest)

    monkeypatch.setattr(rotation, "_write", after_somebody_else)
    found = rotation.rotate_keys(by=SYSTEM, told=lambda _table, _count: None)
    assert (found.left, found.unreadable, came) == (0, {}, ["draft"])
    use_keys(app, NEW)
    draft = db.session.get_one(Draft, draft_id, populate_existing=True)
    assert (draft.answers, draft.contact) == ({"peg_pain": 7}, {"name": "meanwhile"})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_older_keys_are_kept_where_something_still_needs_them(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    summaries.print_summary(case_id=submit_case().id, by=SYSTEM)
    db.session.rollback()
    runner = app.test_cli_runner()
    use_keys(app, NEW)
    said = runner.invoke(args=["rotate-keys"])
    assert (said.exit_code, "screening_case: " in said.output, "FIELD_KEYS does not hold" in said.output) == (
        1,
        True,
        True,
    )
    use_keys(app, NEW, FIELD_KEY)
    monkeypatch.setattr(rotation, "PASSES", 1)
    assert "Keep the older keys." in runner.invoke(args=["rotate-keys"]).output
    assert runner.invoke(args=["rotate-keys"]).exit_code == 0


def test_every_type_of_an_encrypted_column_is_found() -> None:
    types = [value for name, value in vars(crypto).items() if name.startswith("Encrypted") and value is not Encrypted]
    assert len(types) >= 3 and all(issubclass(kind, Encrypted) for kind in types)
    assert {"draft", "screening_case", "patient", "stored_pdf"} <= {each.name for each in rotation.encrypted_columns()}
