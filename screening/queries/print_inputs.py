"""What a print of a case is made from, as one short text by which a stored print is found.

The rows count as they lie in the database, mostly encrypted, so that nothing is opened and no page is made to find a
print. A row that is written again counts as changed, be it with the same words: its print is then found by its pages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, LargeBinary, bindparam, select, type_coerce
from sqlalchemy.sql.elements import KeyedColumnElement
from sqlalchemy.types import TypeDecorator

from screening.config import Settings
from screening.edition import EDITION
from screening.models import Case, CaseFinding, ClinicSetting, Patient, db
from screening.rulebook import in_force_sha256, is_signed

NOT_SHOWN = frozenset({"printed_at", "reviewed_at", "changed_at", "claimed_by_id", "claimed_name", "claimed_at"})
"""Columns of a case that no print is made from: what is done with it. Any other column counts, also a new one."""


def fingerprint(case_id: int, variant: str) -> str | None:
    """The same for the same rows, settings, approval and edition of the program; None if the case is not there."""
    case = db.session.execute(_OF_CASE, {"case_id": case_id}).one_or_none()
    if case is None:
        return None
    findings = db.session.execute(_OF_FINDINGS, {"case_id": case_id})
    clinic = db.session.execute(_OF_CLINIC)
    settings: Settings = current_app.extensions["settings"]
    parts = (
        EDITION,
        variant,
        settings.base_url,
        approved(case.ruleset_sha256),
        tuple(case),
        [tuple(finding) for finding in findings],
        [tuple(setting) for setting in clinic],
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def approved(ruleset_sha256: str) -> bool:
    """Whether the rules in force, and those that the case was assessed with, are signed."""
    return all(is_signed(sha256) for sha256 in {in_force_sha256(), ruleset_sha256})


def _as_stored(columns: Iterable[KeyedColumnElement[Any]]) -> tuple[ColumnElement[Any], ...]:
    """The columns, with those that are encrypted left so."""
    return tuple(type_coerce(column, LargeBinary) if _encrypted(column) else column for column in columns)


def _encrypted(column: KeyedColumnElement[Any]) -> bool:
    return isinstance(column.type, TypeDecorator) and isinstance(column.type.impl, LargeBinary)


# Put together once: to build a query of so many columns takes longer than to run it.
_OF_CASE = (
    select(
        *_as_stored(column for column in Case.__table__.columns if column.key not in NOT_SHOWN),
        *_as_stored(Patient.__table__.columns),
    )
    .join(Patient, Patient.id == Case.patient_id)
    .where(Case.id == bindparam("case_id"))
)
_OF_FINDINGS = (
    select(*_as_stored(CaseFinding.__table__.columns))
    .where(CaseFinding.case_id == bindparam("case_id"))
    .order_by(CaseFinding.id)
)
_OF_CLINIC = select(*ClinicSetting.__table__.columns["name", "value"]).order_by(ClinicSetting.__table__.c.name)
