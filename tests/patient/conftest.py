"""A person at the form, over HTTP, on both databases."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from screening.models import Draft, db
from tests.conftest import Browser
from tests.walk import HttpWalker


@pytest.fixture
def walker(client: Browser, noon: datetime) -> HttpWalker:
    """Somebody at the start page, on a Wednesday at noon."""
    return HttpWalker(client)


def the_draft() -> Draft:
    """The one draft that there is."""
    return db.session.scalars(select(Draft)).one()
