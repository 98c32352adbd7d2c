"""The release before goes on serving on this schema. `python -m bench.rolling_upgrade REF` really runs it."""

from __future__ import annotations

import copy
from collections.abc import Callable

from flask import Flask

from screening.models import db
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
