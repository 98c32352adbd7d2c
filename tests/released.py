"""What the release before relies on in the schema, kept as data. `python -m tests.released` writes it, at a release."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, inspect

from tests.databases import PostgresTemplate, SqliteTemplate

FILE = Path(__file__).resolve().parent / "data" / "released_schema.json"
NOT_OURS = ("huey_", "alembic_version", "sqlite_")
EMPTY, DEFAULT = " null", " default"

Schema = dict[str, dict[str, Any]]
"""By table: "columns", each its type, EMPTY if it may be, DEFAULT if it has one; "refuses", what may refuse a row."""


def describe(connection: Connection) -> Schema:
    look = inspect(connection)
    names = [name for name in sorted(look.get_table_names()) if not name.startswith(NOT_OURS)]
    return {name: {"columns": _columns(look, name), "refuses": _refuses(look, name)} for name in names}


def _columns(look: Any, table: str) -> dict[str, str]:
    return {
        column["name"]: f"{column['type']}"
        + (EMPTY if column["nullable"] else "")
        + (DEFAULT if column["default"] is not None else "")
        for column in look.get_columns(table)
    }


def _refuses(look: Any, table: str) -> list[str]:
    unique = [each["column_names"] for each in look.get_unique_constraints(table)]
    unique += [each["column_names"] for each in look.get_indexes(table) if each["unique"]]
    return sorted(
        {f"unique {sorted(map(str, names))}" for names in unique}
        | {f"check {each['sqltext']}" for each in look.get_check_constraints(table)}
        | {f"{each['constrained_columns']} in {each['referred_table']}" for each in look.get_foreign_keys(table)}
    )


def broken(released: Schema, now: Schema) -> list[str]:
    """What the released code could not go on with in the schema as it is now."""
    faults = [f"{table} is gone" for table in released if table not in now]
    for table in released.keys() & now.keys():
        was, columns = released[table]["columns"], now[table]["columns"]
        new = columns.keys() - was.keys()
        faults += [f"{table}.{name} is gone" for name in was if name not in columns]
        faults += [
            f"{table}.{name} was {was[name]}, is {columns[name]}"
            for name in was.keys() & columns.keys()
            if not _takes_the_same(was[name], columns[name])
        ]
        faults += [f"{table}.{name} must be filled" for name in new if not columns[name].endswith((EMPTY, DEFAULT))]
        rules = set(now[table]["refuses"]) - set(released[table]["refuses"])
        # A rule about a new column lets pass what the released code leaves empty.
        faults += [f"{table} refuses: {rule}" for rule in rules if not any(f"'{name}'" in rule for name in new)]
    return sorted(faults)


def _takes_the_same(was: str, now: str) -> bool:
    kind, empty, default = was.removesuffix(DEFAULT).removesuffix(EMPTY), EMPTY in was, DEFAULT in was
    return (
        now.removesuffix(DEFAULT).removesuffix(EMPTY) == kind
        and (not empty or EMPTY in now)
        and (not default or DEFAULT in now)
    )


def released(kind: str) -> Schema:
    """The schema of the release before on "sqlite" or "postgresql"."""
    schemas: dict[str, Schema] = json.loads(FILE.read_text(encoding="utf-8"))
    return schemas[kind]


def main() -> None:
    kept = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        postgres = PostgresTemplate(folder)
        try:
            for kind, template in (("sqlite", SqliteTemplate(folder)), ("postgresql", postgres)):
                with template.fresh(folder) as url:
                    engine = create_engine(url)
                    with engine.connect() as connection:
                        kept.append(as_text(kind, describe(connection)))
                    engine.dispose()
        finally:
            postgres.stop()
    FILE.write_text("{\n" + ",\n".join(kept) + "\n}\n", encoding="utf-8")


def as_text(kind: str, schema: Schema) -> str:
    """JSON with a table a line, so that a change shows as one."""
    tables = ",\n".join(f" {json.dumps(table)}: {json.dumps(said)}" for table, said in schema.items())
    return f"{json.dumps(kind)}: {{\n{tables}\n}}"


if __name__ == "__main__":
    main()
