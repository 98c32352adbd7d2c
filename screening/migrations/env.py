"""Alembic's environment: the application's own engine, so that migrations and the app never differ."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator

from screening.models import db


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Write a column of our own type as the plain type that the database sees."""
    if kind == "type" and isinstance(item, TypeDecorator) and type(item).__module__.startswith("screening."):
        return f"sa.{item.impl_instance!r}"
    return False


def is_ours(_item: object, name: str | None, kind: str, reflected: bool, _compared_to: object) -> bool:
    """Whether migrations answer for a thing in the database: the job queue keeps tables of its own beside ours."""
    return not (kind == "table" and reflected and str(name).startswith("huey_"))


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
