"""Alembic's environment: the application's own engine, so that migrations and the app never differ."""

from __future__ import annotations

from alembic import context
from flask import current_app

from screening.migrations.kinds import is_ours, render_item
from screening.models import db


def run_migrations() -> None:
    with db.engine.connect().execution_options(write=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            include_object=is_ours,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
