"""Taking data out: noted with its purpose before the first row leaves."""

from __future__ import annotations

from datetime import date

from screening.actions.unit import Actor, unit_of_work
from screening.models import DataExport, db


def note_export(
    *, table: str, file_format: str, first_day: date, last_day: date, purpose: str, by: Actor
) -> DataExport:
    """Keep who exports which table of which days, and what for."""
    if by.user_id is None:
        raise PermissionError("data is exported by a member of staff")
    with unit_of_work(by) as unit:
        export = DataExport(
            table=table,
            file_format=file_format,
            first_day=first_day,
            last_day=last_day,
            purpose=purpose,
            user_id=by.user_id,
            exported_name=by.name,
            exported_at=unit.now,
        )
        db.session.add(export)
        days = [first_day.isoformat(), last_day.isoformat()]
        unit.audit("data.exported", export, table=table, format=file_format, days=days)
        return export
