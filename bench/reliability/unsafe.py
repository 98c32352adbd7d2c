"""The application with a database that does not wait for the disk, to show that the power cuts do cut."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from screening.models import db
from wsgi import app

__all__ = ["app"]

with app.app_context():

    @event.listens_for(db.engine, "connect")
    def do_not_wait(connection: Any, _record: Any) -> None:
        statement = (
            "PRAGMA synchronous = OFF" if app.extensions["settings"].uses_sqlite else "SET synchronous_commit = off"
        )
        connection.cursor().execute(statement)
        connection.commit()
