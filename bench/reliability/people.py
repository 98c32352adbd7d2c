"""People whose forms are all but sent: made in the database, and opened in a browser with their codes."""

from __future__ import annotations

from typing import Any

from bench.reliability.browser import Browser
from bench.reliability.harness import Clinic
from screening.actions import return_codes
from screening.models import db
from tests.factories import start_form
from tests.walk import BORN, HttpWalker


def at_check_page(app: Clinic, number: int, **answers: Any) -> HttpWalker:
    """The browser of a person who came back to a form in which all is answered."""
    with app.app.app_context(), app.app.test_request_context():
        year, month, day = (int(BORN[f"date_of_birth-{part}"]) for part in ("year", "month", "day"))
        draft = start_form(name=f"Pat Number{number}", born=f"{year}-{month:02}-{day:02}", **answers)
        row = return_codes.of_draft(draft.id)
        assert row is not None
        code = return_codes.text_of(row)
        db.session.remove()
    walker = HttpWalker(Browser(app.port))  # type: ignore[arg-type]
    walker.come_back(code, BORN)
    assert walker.open("/screening/check") == "check", walker.at
    return walker
