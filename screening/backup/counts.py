"""How many rows a database holds, table by table: what a backup and the database it was made from must agree in."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, inspect, select, table

from screening.migrations.kinds import QUEUE_PREFIX

Counts = Mapping[str, int]


def count_rows(connection: Connection) -> Counts:
    """Of every table but the job queue's, which changes all the time and is made anew where it is not there."""
    names = [name for name in inspect(connection).get_table_names() if not name.startswith(QUEUE_PREFIX)]
    return {name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in names}
