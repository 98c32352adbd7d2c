"""What-if runs that a medical lead asks for on a page: recorded, taken up by the job worker, kept with their result."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

import rules
from rules import Tier
from screening.actions.rule_sets import record
from screening.actions.unit import SYSTEM, Actor, unit_of_work
from screening.clinic import current_clinic
from screening.config import Settings
from screening.models import WhatIfRun, db
from screening.queries import past_cases
from screening.questions import questionnaire_sha256
from screening.rule_files import Content
from screening.rulebook import in_force_sha256, stored_content
from screening.what_if import Listed, Pair, Report, compare

LISTED_MAX = 200
"""A page names so many cases. The command lists them all."""
GIVEN_UP_AFTER = timedelta(hours=1)
"""A run that began so long ago has lost its worker, and is begun again."""


def pair_of(in_force: Content, candidate: Content) -> Pair:
    """Two sets to compare, as this clinic uses them."""
    settings: Settings = current_app.extensions["settings"]
    return Pair(
        in_force=tuple(in_force.items()),
        candidate=tuple(candidate.items()),
        switched_off=current_clinic().switched_off,
        questionnaire_sha256=questionnaire_sha256(),
        field_keys=settings.field_keys,
    )


def all_cores() -> int:
    return os.cpu_count() or 1


def request_run(*, sha256: str, by: Actor) -> WhatIfRun:
    """Ask for a run with this candidate. One that is still under way is not asked for twice. Raises Missing."""
    if by.user_id is None:
        raise PermissionError("a what-if is asked for by a member of staff")
    record(sha256=sha256, by=by)
    with unit_of_work(by) as unit:
        in_force = in_force_sha256()
        under_way = select(WhatIfRun).where(
            WhatIfRun.candidate_sha256 == sha256,
            WhatIfRun.in_force_sha256 == in_force,
            WhatIfRun.finished_at.is_(None),
        )
        if run := db.session.scalars(under_way.limit(1)).first():
            return run
        run = WhatIfRun(candidate_sha256=sha256, in_force_sha256=in_force, user_id=by.user_id, requested_at=unit.now)
        db.session.add(run)
        unit.audit("rules.what_if", run, candidate=sha256)
    return run


def run_next(*, processes: int | None = None) -> bool:
    """Do the run that has waited longest, unless one is under way. Returns whether there was one."""
    run_id = _claim()
    if run_id is None:
        return False
    run = db.session.get_one(WhatIfRun, run_id)
    result: dict[str, Any] | None = None
    fault = None
    try:
        result = _result(stored_content(run.in_force_sha256), stored_content(run.candidate_sha256), processes)
    except rules.RuleError as error:
        fault = str(error)
    with unit_of_work(SYSTEM) as unit:
        run = unit.lock(WhatIfRun, run_id)
        run.result, run.fault, run.finished_at = result, fault, unit.now
    return True


def _claim() -> int | None:
    with unit_of_work(SYSTEM) as unit:
        waiting = list(
            db.session.scalars(
                select(WhatIfRun).where(WhatIfRun.finished_at.is_(None)).order_by(WhatIfRun.id).with_for_update()
            )
        )
        if any(run.started_at and run.started_at > unit.now - GIVEN_UP_AFTER for run in waiting) or not waiting:
            return None
        waiting[0].started_at = unit.now
        return waiting[0].id


def _result(in_force: Content, candidate: Content, processes: int | None) -> dict[str, Any]:
    listed: list[Listed] = []

    def keep(case: Listed) -> None:
        if len(listed) < LISTED_MAX:
            listed.append(case)

    pair = pair_of(in_force, candidate)
    report = compare(pair, past_cases.batches(), processes=processes or all_cores(), listed=keep)
    return to_json(report, listed)


def to_json(report: Report, listed: list[Listed]) -> dict[str, Any]:
    return {
        "cases": report.cases,
        "tiers": [[before.name, after.name, count] for (before, after), count in report.tiers.items()],
        "rules": dict(report.rules),
        "asked_differently": report.asked_differently,
        "listed": [
            [case.reference, case.before.name, case.after.name, list(case.rules), case.asked_differently]
            for case in listed
        ],
    }


def report_of(result: Mapping[str, Any]) -> tuple[Report, list[Listed]]:
    """A stored result as it was."""
    report = Report(cases=result["cases"], asked_differently=result["asked_differently"])
    report.tiers.update({(Tier[before], Tier[after]): count for before, after, count in result["tiers"]})
    report.rules.update(result["rules"])
    listed = [
        Listed(reference, Tier[before], Tier[after], tuple(causes), differently)
        for reference, before, after, causes, differently in result["listed"]
    ]
    return report, listed
