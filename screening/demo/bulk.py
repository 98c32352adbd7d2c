"""Rows into a database by the thousand: past the models, as fast as each kind of database takes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    column,
    select,
    table,
    text,
)
from sqlalchemy.schema import CreateIndex, DropIndex

from screening.models import db

Values = tuple[Any, ...]

UNSAFE_BUT_FAST = ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -200000", "foreign_keys = OFF")
"""For a file that is worth nothing unless it is filled to the end."""

COPIED_AS = ((Integer, "int4"), (Boolean, "bool"), (DateTime, "timestamptz"), (Date, "date"), (LargeBinary, "bytea"))


class Bulk(Protocol):
    """Takes rows as the database itself holds them: encrypted columns as bytes, moments as `moment` gives them."""

    def moment(self, at: datetime) -> Any:
        """`at` is in UTC."""

    def detail(self, value: Mapping[str, Any]) -> Any:
        """A value of a JSON column."""

    def write(self, into: Table, names: Sequence[str], rows: Sequence[Values]) -> None:
        """`names` are the columns of each row's values."""


class SqliteBulk:
    def __init__(self, connection: Connection) -> None:
        self._cursor = connection.connection.cursor()

    def moment(self, at: datetime) -> Any:
        # As SQLAlchemy writes it, which takes ten times as long.
        return at.isoformat(" ", "microseconds")[:26]

    def detail(self, value: Mapping[str, Any]) -> Any:
        return json.dumps(value)

    def write(self, into: Table, names: Sequence[str], rows: Sequence[Values]) -> None:
        places = ", ".join("?" * len(names))
        statement = f"INSERT INTO {into.name} ({', '.join(names)}) VALUES ({places})"  # noqa: S608
        self._cursor.executemany(statement, rows)


class PostgresBulk:
    def __init__(self, connection: Connection) -> None:
        self._cursor: Any = connection.connection.cursor()

    def moment(self, at: datetime) -> Any:
        return at

    def detail(self, value: Mapping[str, Any]) -> Any:
        return value

    def write(self, into: Table, names: Sequence[str], rows: Sequence[Values]) -> None:
        with self._cursor.copy(f"COPY {into.name} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types([_copied_as(into.c[name].type) for name in names])
            for row in rows:
                copy.write_row(row)


def _copied_as(kind: Any) -> str:
    plain = getattr(kind, "impl_instance", kind)
    known = (name for cls, name in COPIED_AS if isinstance(plain, cls))
    return next(known, "json" if type(plain).__name__ == "JSON" else "text")


@contextmanager
def bulk_load(unordered: Iterable[Index]) -> Iterator[tuple[Connection, Bulk]]:
    """A connection that nobody else writes beside. `unordered` indexes are made anew at the end, all in one."""
    db.session.remove()
    db.engine.dispose()
    sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        if sqlite:
            for setting in UNSAFE_BUT_FAST:
                connection.connection.cursor().execute(f"PRAGMA {setting}")
        with connection.begin():
            for index in unordered:
                connection.execute(DropIndex(index))
            yield connection, SqliteBulk(connection) if sqlite else PostgresBulk(connection)
            for index in unordered:
                connection.execute(CreateIndex(index))
        if sqlite:
            connection.connection.cursor().execute("PRAGMA journal_mode = WAL")
    db.engine.dispose()
    _tell_planner()


def _tell_planner() -> None:
    """What the tables hold, and on PostgreSQL which ids are taken."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            for each in db.metadata.sorted_tables:
                if isinstance(each.c.get("id", column("")).type, Integer):
                    last = f"SELECT setval(pg_get_serial_sequence('{each.name}', 'id'), max(id)) FROM {each.name}"  # noqa: S608
                    connection.execute(text(last))
            connection.execute(text("VACUUM ANALYZE"))
        else:
            connection.execute(text("ANALYZE"))


def raw_rows(connection: Connection, source: Table) -> list[dict[str, Any]]:
    """All rows of a table as the database holds them: nothing is decrypted."""
    names: list[Any] = [column(each.name) for each in source.c]
    return [dict(row._mapping) for row in connection.execute(select(*names).select_from(table(source.name)))]
