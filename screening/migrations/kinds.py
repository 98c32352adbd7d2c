"""How Alembic compares the models with a database."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy.types import TypeDecorator

QUEUE_PREFIX = "huey_"
"""How the names of the job queue's tables begin."""


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Write a column of our own type as the plain type that the database sees."""
    if kind == "type" and isinstance(item, TypeDecorator) and type(item).__module__.startswith("screening."):
        return f"sa.{item.impl_instance!r}"
    return False


def is_ours(_item: object, name: str | None, kind: str, reflected: bool, _compared_to: object) -> bool:
    """Whether migrations answer for a thing in the database: the job queue keeps tables of its own beside ours."""
    return not (kind == "table" and reflected and str(name).startswith(QUEUE_PREFIX))
