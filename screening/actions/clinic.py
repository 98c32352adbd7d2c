"""The clinic's own policy, as an admin sets it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import g

from screening.actions.unit import Actor, unit_of_work
from screening.clinic import Clinic, current_clinic
from screening.models import ClinicSetting, db


def save_settings(*, values: Mapping[str, Any], by: Actor) -> tuple[str, ...]:
    """Store what differs from the policy in force: JSON by names of clinic.Clinic's fields. Returns what changed."""
    with unit_of_work(by) as unit:
        g.pop("clinic", None)
        before = settings_json(current_clinic())
        changed = tuple(name for name, value in values.items() if before[name] != value)
        for name in changed:
            db.session.merge(ClinicSetting(name=name, value=values[name]))
        if changed:
            unit.audit("clinic.changed", ClinicSetting(name="clinic"), names=list(changed))
    g.pop("clinic", None)
    return changed


def settings_json(clinic: Clinic) -> dict[str, Any]:
    """The policy as it is stored: JSON by field name."""
    stored: dict[str, Any] = json.loads(json.dumps(asdict(clinic)))
    return stored
