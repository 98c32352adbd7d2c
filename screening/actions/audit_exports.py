"""Taking audit events out: noted before the first row leaves."""

from __future__ import annotations

from dataclasses import asdict

from screening.actions.unit import Actor, unit_of_work
from screening.models import AuditEvent
from screening.queries.audit import AuditSearch


def note_audit_export(*, search: AuditSearch, by: Actor) -> None:
    """Keep who took out the events that a search finds."""
    with unit_of_work(by) as unit:
        asked = {name: str(value) for name, value in asdict(search).items() if value is not None}
        unit.audit_each("audit.exported", [(AuditEvent(), asked)])
