"""What-if runs that a medical lead asks for on a page: recorded, taken up by the job worker, kept with their result."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, insert, select
from structlog import get_logger

import rules
from rules import Tier
from screening.actions.rule_sets import record
from screening.actions.unit import SYSTEM, Actor, Unit, unit_of_work
from screening.clinic import current_clinic
from screening.config import Settings
from screening.models import WhatIfCase, WhatIfRun, db
from screening.queries import past_cases
from screening.questions import questionnaire_sha256
from screening.rule_files import Content, load_content
from screening.rulebook import in_force_sha256, stored_content
from screening.what_if import Listed, Pair, Report, compare

WRITE_EVERY = 2000
"""After so many cases the run says how far it is."""
GIVEN_UP_AFTER = timedelta(hours=1)
"""A run that began so long ago has lost its worker, and is begun again."""

log = get_logger()


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
    claimed = _claim()
    if claimed is None:
        return False
    run_id, started_at = claimed
    run = db.session.get_one(WhatIfRun, run_id)
    keeper = _Keeper(run_id, started_at)
    pair: Pair | None = None
    fault = None
    try:
        pair = _checked_pair(run)
    except rules.RuleError as error:
        fault = str(error)
    try:
        keeper.finish(_compared(pair, keeper, processes) if pair else None, fault)
    except LostRun:
        log.warning("what_if_taken_over", run=run_id)
    return True


def _compared(pair: Pair, keeper: _Keeper, processes: int | None) -> Report:
    return compare(
        pair,
        past_cases.batches(),
        processes=processes or all_cores(),
        listed=keeper.listed,
        progress=keeper.progress,
    )


class LostRun(Exception):
    """Another worker took this one for lost, and has begun the run again."""


class _Keeper:
    """Writes down the cases and how far the run is, now and then, so that memory stays flat."""

    def __init__(self, run_id: int, started_at: datetime) -> None:
        self._run_id = run_id
        self._started_at = started_at
        self._waiting: list[dict[str, Any]] = []
        self._assessed = 0
        self._kept = 0
        self._written_at = 0

    def listed(self, case: Listed) -> None:
        row = {**case._asdict(), "run_id": self._run_id, "rules": " ".join(case.rules)}
        self._waiting.append({**row, "before": int(case.before), "after": int(case.after)})

    def progress(self, cases: int) -> None:
        self._assessed += cases
        if self._assessed - self._written_at >= WRITE_EVERY:
            self._write()

    def finish(self, report: Report | None, fault: str | None) -> None:
        with unit_of_work(SYSTEM) as unit:
            run = self._keep(unit)
            run.result = to_json(report, self._kept) if report else None
            run.fault, run.finished_at = fault, unit.now

    def _write(self) -> None:
        with unit_of_work(SYSTEM) as unit:
            self._keep(unit)

    def _keep(self, unit: Unit) -> WhatIfRun:
        run = unit.lock(WhatIfRun, self._run_id)
        if run.started_at != self._started_at:
            raise LostRun
        if self._waiting:
            db.session.execute(insert(WhatIfCase), self._waiting)
        self._kept += len(self._waiting)
        self._waiting = []
        run.assessed = self._written_at = self._assessed
        return run


def _claim() -> tuple[int, datetime] | None:
    """The run to do, and when it was begun. What is left of earlier runs of the same candidate goes."""
    with unit_of_work(SYSTEM) as unit:
        waiting = list(
            db.session.scalars(
                select(WhatIfRun).where(WhatIfRun.finished_at.is_(None)).order_by(WhatIfRun.id).with_for_update()
            )
        )
        if any(run.started_at and run.started_at > unit.now - GIVEN_UP_AFTER for run in waiting) or not waiting:
            return None
        run = waiting[0]
        run.started_at, run.assessed, run.cases = unit.now, 0, past_cases.count()
        earlier = select(WhatIfRun.id).where(WhatIfRun.candidate_sha256 == run.candidate_sha256)
        db.session.execute(delete(WhatIfCase).where(WhatIfCase.run_id.in_(earlier)))
        return run.id, unit.now


def _checked_pair(run: WhatIfRun) -> Pair:
    """Raises rules.RuleError for a set that does not load any more."""
    in_force, candidate = stored_content(run.in_force_sha256), stored_content(run.candidate_sha256)
    for content in (in_force, candidate):
        load_content(content)
    return pair_of(in_force, candidate)


def to_json(report: Report, listed: int) -> dict[str, Any]:
    """`listed` is how many cases are named."""
    return {
        "cases": report.cases,
        "tiers": [[before.name, after.name, count] for (before, after), count in report.tiers.items()],
        "rules": dict(report.rules),
        "asked_differently": report.asked_differently,
        "listed": listed,
    }


def report_of(result: Mapping[str, Any]) -> Report:
    """A stored result as it was."""
    report = Report(cases=result["cases"], asked_differently=result["asked_differently"])
    report.tiers.update({(Tier[before], Tier[after]): count for before, after, count in result["tiers"]})
    report.rules.update(result["rules"])
    return report
