"""Rows into a database by the thousand: past the models, as fast as each kind of database takes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    DateTime,
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

SQLITE_SETTINGS = ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -200000", "foreign_keys = OFF")
"""For a file that is worth nothing unless it is filled to the end."""
UNORDERED = {"ix_search_token_found", "ix_case_finding_rule_basis", "ix_audit_event_action"}
"""Indexes of short rows in no order of time. To make the others anew, SQLite would read through every long row."""

SORTED_IN = "512MB"
REFERENCES = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND conrelid::regclass::text = ANY(:tables)"""

COPIED_AS = ((Integer, "int4"), (Boolean, "bool"), (DateTime, "timestamptz"), (Date, "date"), (LargeBinary, "bytea"))


@dataclass(frozen=True)
class Kept:
    """How a kind of database holds values, for rows that go past the models."""

    moment: Callable[[datetime], Any]
    """From a moment in UTC."""
    detail: Callable[[Mapping[str, Any]], Any]
    """From the value of a JSON column."""


class Bulk(Protocol):
    """Takes rows as the database itself holds them: encrypted columns as bytes, other values as `kept` gives them."""

    kept: Kept

    def write(self, into: Table, names: Sequence[str], rows: Sequence[Values]) -> None:
        """`names` are the columns of each row's values."""


class SqliteBulk:
    # As SQLAlchemy writes a moment, which takes ten times as long.
    kept = Kept(moment=lambda at: at.isoformat(" ", "microseconds")[:26], detail=json.dumps)

    def __init__(self, connection: Connection) -> None:
        self._cursor = connection.connection.cursor()

    def write(self, into: Table, names: Sequence[str], rows: Sequence[Values]) -> None:
        places = ", ".join("?" * len(names))
        statement = f"INSERT INTO {into.name} ({', '.join(names)}) VALUES ({places})"  # noqa: S608
        self._cursor.executemany(statement, rows)


class PostgresBulk:
    kept = Kept(moment=lambda at: at, detail=lambda value: value)

    def __init__(self, connection: Connection) -> None:
        self._cursor: Any = connection.connection.cursor()

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
def bulk_load(tables: Sequence[Table]) -> Iterator[tuple[Connection, Bulk]]:
    """A connection that nobody else writes beside. What each row of `tables` would be checked against, or entered in,
    is made anew at the end, all in one."""
    db.session.remove()
    db.engine.dispose()
    sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        for setting in SQLITE_SETTINGS if sqlite else ():
            connection.connection.cursor().execute(f"PRAGMA {setting}")
        with connection.begin():
            if sqlite:
                again = _indexes_off(connection, tables, UNORDERED)
                yield connection, SqliteBulk(connection)
            else:
                connection.exec_driver_sql(f"SET LOCAL maintenance_work_mem = '{SORTED_IN}'")
                again = [*_indexes_off(connection, tables), *_references_off(connection, tables)]
                yield connection, PostgresBulk(connection)
            for statement in again:
                connection.exec_driver_sql(statement)
        if sqlite:
            connection.connection.cursor().execute("PRAGMA journal_mode = WAL")
    db.engine.dispose()
    _tell_planner()


def _indexes_off(connection: Connection, tables: Sequence[Table], among: Collection[str] | None = None) -> list[str]:
    """Drops the indexes of tables, or those `among` them. Returns what makes them again."""
    dropped = [index for table in tables for index in table.indexes if among is None or index.name in among]
    for index in dropped:
        connection.execute(DropIndex(index))
    return [str(CreateIndex(index).compile(dialect=connection.dialect)) for index in dropped]


def _references_off(connection: Connection, tables: Sequence[Table]) -> list[str]:
    """The same for references to other tables, on PostgreSQL."""
    references = connection.execute(text(REFERENCES), {"tables": [table.name for table in tables]}).all()
    for at, name, _ in references:
        connection.exec_driver_sql(f"ALTER TABLE {at} DROP CONSTRAINT {name}")
    return [f"ALTER TABLE {at} ADD CONSTRAINT {name} {definition}" for at, name, definition in references]


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
