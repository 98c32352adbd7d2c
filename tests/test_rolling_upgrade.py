"""The release before goes on serving on this schema. `python -m bench.rolling_upgrade REF` really runs it."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from flask import Flask
from itsdangerous import URLSafeSerializer

from screening.models import db
from screening.views.patient.marks import FIELD, Mark, make_mark, mark_sent
from tests.released import Schema, broken, describe, released

BREAKS: dict[str, Callable[[Schema], object]] = {
    "draft is gone": lambda now: now.pop("draft"),
    "draft.answers is gone": lambda now: now["draft"]["columns"].pop("answers"),
    "draft.origin was VARCHAR, is INTEGER": lambda now: now["draft"]["columns"].update(origin="INTEGER"),
    "draft.colour must be filled": lambda now: now["draft"]["columns"].update(colour="VARCHAR"),
    "draft refuses: unique ['origin']": lambda now: now["draft"]["refuses"].append("unique ['origin']"),
}


def test_the_release_before_can_read_and_write_the_schema_of_this_one(app: Flask) -> None:
    with db.engine.connect() as connection:
        now, before = describe(connection), released(connection.dialect.name)
    assert {"draft", "screening_case", "audit_event"} <= before.keys()
    assert broken(before, now) == []
    for said, break_it in BREAKS.items():
        changed = copy.deepcopy(now)
        break_it(changed)
        assert said in broken(before, changed)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_may_be_sent_to_the_other_release(app: Flask) -> None:
    """The release before takes a mark apart into two, and makes marks that name no language, signed with SHA-1."""
    before = URLSafeSerializer(str(app.secret_key), salt="patient page")
    with app.test_request_context("/"):
        made = make_mark(7, "check")
    draft_id, said = before.loads(made)
    assert (draft_id, said.split()[0]) == (7, "check")
    for mark, read in ((made, Mark(7, "check", "en")), (before.dumps([7, "check"]), Mark(7, "check"))):
        with app.test_request_context("/", method="POST", data={FIELD: mark}):
            assert mark_sent() == read
