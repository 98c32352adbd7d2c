"""How long a page waits for the database: never without an end, and once it has failed no more in that request."""

from __future__ import annotations

import time
from typing import Any, TypeVar

import psycopg
from flask import g, has_request_context
from psycopg.abc import PQGen
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, Session

BUSY_TIMEOUT_MS = 5000
"""For a write that waits for another one, on either kind of database."""
ANSWER_SECONDS = 6.0
"""For the answer to one statement of a page; a little longer than for a lock, so that the reason is known."""
CONNECT_SECONDS = 2
POOL_SECONDS = 5
AWAY_SECONDS = 2.0
"""After a connection that was not made in time the next pages do not wait for one again for so long."""

POSTGRES_OPTIONS: dict[str, Any] = {
    "pool_pre_ping": True,
    "pool_timeout": POOL_SECONDS,
    "connect_args": {"connect_timeout": CONNECT_SECONDS, "options": f"-c lock_timeout={BUSY_TIMEOUT_MS}"},
}
"""Of the engine."""

Answer = TypeVar("Answer")


class DatabaseAway(SQLAlchemyError):
    """The database failed in this request already, or a moment ago: it is not asked again."""


class LimitedConnection(psycopg.Connection[Any]):
    """Gives up on a server that does not answer a page. Jobs and commands may take their time."""

    def wait(self, gen: PQGen[Answer], interval: float = 0.1, timeout: float | None = None) -> Answer:
        if timeout is not None or not has_request_context():
            return super().wait(gen, interval, timeout)
        began = time.monotonic()
        try:
            return super().wait(gen, interval, ANSWER_SECONDS)
        except psycopg.OperationalError:
            if time.monotonic() - began < ANSWER_SECONDS:
                raise
            # In the middle of a statement: nothing else can be asked through it.
            self.close()
            raise


def limit_waiting(engine: Engine) -> None:
    """Have pages connect to PostgreSQL with an end, and not one after another to a server that hangs."""
    silent_until = 0.0

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: list[Any], named: dict[str, Any]) -> psycopg.Connection[Any]:
        nonlocal silent_until
        began = time.monotonic()
        if has_request_context() and began < silent_until:
            raise DatabaseAway("it did not answer a moment ago")
        try:
            return LimitedConnection.connect(*arguments, **named)
        except psycopg.OperationalError:
            if time.monotonic() - began >= CONNECT_SECONDS:
                silent_until = time.monotonic() + AWAY_SECONDS
            raise


def ask_no_more() -> None:
    """The database failed in this request: what else is asked of it fails at once."""
    g.database_away = True


def is_away() -> bool:
    """Whether the database failed in this request."""
    return bool(g and g.get("database_away", False))


@event.listens_for(Session, "do_orm_execute")
def refuse(_state: ORMExecuteState) -> None:
    if is_away():
        raise DatabaseAway("it failed in this request")


STORAGE_FAULTS = (OperationalError, DatabaseAway)
