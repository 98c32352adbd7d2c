"""The rows of one case after another, from those of the demo's forty people, as the database holds them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from rules.model import Tier
from screening import clock
from screening.actions.audit_chain import held_end
from screening.actions.submit import REFERENCE_ALPHABET, REFERENCE_PART
from screening.chain import Chain
from screening.crypto import cipher
from screening.demo.bulk import Bulk, Kept, Values, raw_rows
from screening.demo.many_people import People
from screening.models import (
    Alert,
    AuditEvent,
    Case,
    CaseFinding,
    Decision,
    Draft,
    Notice,
    Patient,
    SearchToken,
)

Row = Mapping[str, Any]

LEFT_BEHIND = 1 / 500
"""Of the older ones: not printed, or not decided on."""
OPEN_FORMS = 200
SHARES = {Tier.EMERGENCY: 1, Tier.URGENT: 3, Tier.PRIORITY: 11, Tier.CONSULT: 35, Tier.ROUTINE: 50}
"""Of a hundred cases."""
TIERS, WEIGHTS = list(SHARES), list(SHARES.values())
TABLES = tuple(
    model.metadata.tables[model.__tablename__]
    for model in (Draft, Patient, SearchToken, Case, CaseFinding, Notice, Alert, Decision, AuditEvent)
)
SCATTER = 23_456_789_011
"""Shares no factor with the number of references, so that it maps them onto each other."""
NOT_HANDED = dict.fromkeys(("assigned_to_id", "assigned_at", "opinion_asked_at"))
REASON = "Seen with the summary; see the letter."


@dataclass(frozen=True)
class Body:
    """One of the forty: their rows as the database holds them."""

    tier: Tier
    age: int
    draft: Row
    case: Row
    findings: list[Row]
    notices: list[Row]
    alerts: list[Row]


class Batch:
    """Rows on their way, by table, and where the chain of audit events ends with them."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self._names: dict[str, tuple[str, ...]] = {}
        self._rows: dict[str, list[Values]] = {table.name: [] for table in TABLES}

    def add(self, model: Any, row: Row) -> None:
        """Every row of a model has the same columns in the same order."""
        name = model.__tablename__
        self._names.setdefault(name, tuple(row))
        self._rows[name].append(tuple(row.values()))

    def write(self, bulk: Bulk) -> None:
        for table in TABLES:
            if rows := self._rows[table.name]:
                bulk.write(table, self._names[table.name], rows)
                self._rows[table.name] = []


class Maker:
    """Makes the rows of one case after another, with ids of their own."""

    def __init__(self, connection: Connection, kept: Kept, ages: Mapping[int, int], physician: int) -> None:
        self._kept = kept
        self._physician = physician
        self._bodies = _bodies(connection, ages)
        self._last: dict[str, int] = {
            table.name: connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
            for table in TABLES
        }
        self._reason = cipher().encrypt(REASON.encode())
        self._chance = random.Random(0)  # noqa: S311
        self._people = People(self._chance)
        self._chain = held_end(connection)

    def batch(self, moments: Iterable[tuple[datetime, bool]]) -> Batch:
        batch = Batch(self._chain)
        for at, under_way in moments:
            self._case(batch, at, under_way)
        return batch

    def open_forms(self, now: datetime) -> Batch:
        """Forms that were begun in the last two weeks and not sent."""
        batch = Batch(self._chain)
        for _ in range(OPEN_FORMS):
            self._open_form(batch, now - timedelta(minutes=self._chance.randrange(10, 14 * 1440)))
        return batch

    def _case(self, batch: Batch, at: datetime, under_way: bool) -> None:
        tier = self._chance.choices(TIERS, WEIGHTS)[0]
        body = self._chance.choice(self._bodies[tier])
        identity, tokens = self._people.somebody(body.age, at)
        draft, patient, case = (self._id(model) for model in (Draft, Patient, Case))
        when = self._kept.moment(at)
        began = self._kept.moment(at - timedelta(minutes=self._chance.randrange(6, 40)))
        own = {"id": draft, "identity": identity, "consented_at": began, "started_at": began}
        batch.add(Draft, {**body.draft, **own, "last_activity_at": when, "closed_at": when})
        batch.add(Patient, {"id": patient, "identity": identity, "created_at": when})
        for kind, token in tokens:
            batch.add(SearchToken, {"id": self._id(SearchToken), "patient_id": patient, "kind": kind, "token": token})
        state = self._state(tier, at, under_way)
        own = {
            "id": case,
            "draft_id": draft,
            "patient_id": patient,
            "reference": _reference(case),
            "submitted_at": when,
        }
        batch.add(Case, {**body.case, **own, **state})
        for finding in body.findings:
            batch.add(CaseFinding, {**finding, "id": self._id(CaseFinding), "case_id": case})
        for notice in body.notices:
            batch.add(Notice, {**notice, "id": self._id(Notice), "draft_id": draft, "shown_at": when})
        for alert in body.alerts:
            seen = {"raised_at": when, "acknowledged_at": when, "acknowledged_by_id": self._physician}
            own = {**seen, "id": self._id(Alert), "draft_id": draft, "acknowledged_name": "Dr. Alex Morgan"}
            batch.add(Alert, {**alert, **own})
        if state["reviewed_at"] is not None:
            batch.add(Decision, self._decision(body, case, state["reviewed_at"]))
        self._audit(batch, case, when, state)

    def _open_form(self, batch: Batch, at: datetime) -> None:
        body = self._chance.choice(self._bodies[Tier.ROUTINE])
        identity, _ = self._people.somebody(body.age, at)
        when = self._kept.moment(at)
        own = {"id": self._id(Draft), "identity": identity, "closed_at": None, "reached": "treatments"}
        times = {"consented_at": when, "started_at": when, "last_activity_at": when}
        batch.add(Draft, {**body.draft, **own, **times})

    def _state(self, tier: Tier, at: datetime, under_way: bool) -> dict[str, Any]:
        """How far a case has come, as the database holds it. Nobody hands these over."""
        undone = 0.5 if under_way else LEFT_BEHIND
        printed = at + timedelta(minutes=self._chance.randrange(1, 90))
        reviewed = printed + timedelta(minutes=self._chance.randrange(5, 600))
        is_printed = self._chance.random() > undone
        is_reviewed = tier.flagged and self._chance.random() > undone
        return {
            "printed_at": self._kept.moment(min(printed, clock.now())) if is_printed else None,
            "reviewed_at": self._kept.moment(min(reviewed, clock.now())) if is_reviewed else None,
            **NOT_HANDED,
        }

    def _decision(self, body: Body, case: int, at: Any) -> Row:
        return {
            "id": self._id(Decision),
            "case_id": case,
            "kind": "refer_specialist",
            "reason": self._reason,
            "annuls_id": None,
            "user_id": self._physician,
            "signed_name": "Dr. Alex Morgan",
            "signed_at": at,
            "ruleset_sha256": body.case["ruleset_sha256"],
        }

    def _audit(self, batch: Batch, case: int, when: Any, state: Mapping[str, Any]) -> None:
        events = (("case.submitted", "patient", when), ("case.printed", "staff:1", state["printed_at"]))
        for action, actor, at in (*events, ("case.decided", f"staff:{self._physician}", state["reviewed_at"])):
            if at is not None:
                row = {"id": self._id(AuditEvent), "at": at, "actor": actor, "action": action}
                linked = self._chain.link({**row, "subject_kind": "case", "subject_id": case, "detail": {}})
                batch.add(AuditEvent, {**linked, "detail": self._kept.detail({})})

    def _id(self, model: Any) -> int:
        name: str = model.__tablename__
        self._last[name] += 1
        return self._last[name]


def _reference(number: int) -> str:
    """A reference for each number, no two the same, in no order that shows."""
    rest, marks = number * SCATTER % len(REFERENCE_ALPHABET) ** (2 * REFERENCE_PART), ""
    for _ in range(2 * REFERENCE_PART):
        rest, mark = divmod(rest, len(REFERENCE_ALPHABET))
        marks += REFERENCE_ALPHABET[mark]
    return marks[:REFERENCE_PART] + "-" + marks[REFERENCE_PART:]


def _bodies(connection: Connection, ages: Mapping[int, int]) -> dict[Tier, list[Body]]:
    tables = {table.name: table for table in TABLES}
    drafts = {row["id"]: row for row in raw_rows(connection, tables["draft"])}
    bodies: dict[Tier, list[Body]] = {tier: [] for tier in SHARES}
    rows = {name: raw_rows(connection, tables[name]) for name in ("screening_case", "case_finding", "notice", "alert")}
    for case in rows["screening_case"]:
        bodies[Tier(case["tier"])].append(
            Body(
                tier=Tier(case["tier"]),
                age=ages[case["id"]],
                draft=drafts[case["draft_id"]],
                case=case,
                findings=[row for row in rows["case_finding"] if row["case_id"] == case["id"]],
                notices=[row for row in rows["notice"] if row["draft_id"] == case["draft_id"]],
                alerts=[row for row in rows["alert"] if row["draft_id"] == case["draft_id"]],
            )
        )
    return bodies
