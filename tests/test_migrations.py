"""Migrations: they end where the models are, and a database in use keeps every row."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, select, text

from screening.migrations.kinds import is_ours
from screening.models import Alert, Case, db
from tests.factories import EMERGENCY, submit_case

FIRST = "0002"
"""The oldest schema that a released version wrote to."""


def test_the_models_are_what_the_migrations_make(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours, "compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_a_database_in_use_goes_back_and_forth_and_keeps_its_rows(app: Flask) -> None:
    reference = submit_case(**EMERGENCY).reference
    db.session.remove()
    downgrade(revision=FIRST)
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alert")) == 1
    upgrade()
    assert db.session.scalars(select(Case.reference)).all() == [reference]
    assert db.session.scalar(select(func.count()).select_from(Alert)) == 1
    assert submit_case().id
