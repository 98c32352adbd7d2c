"""What staff type to find a person: part of a name, reference, date of birth, phone number or e-mail address."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import aliased

from screening.crypto import digits, exact_token, name_query_tokens, name_tokens
from screening.models import Case, SearchToken
from screening.person import name_parts

REFERENCE = re.compile(r"([A-Z0-9]{4})[-\s]?([A-Z0-9]{4})")
NUMERIC_DATE = re.compile(r"(\d{1,4})[./\s-](\d{1,2})[./\s-](\d{1,4})")
PHONE = re.compile(r"[\d\s()+./-]+")
PHONE_DIGITS_MIN = 7
NAME_LETTERS_MIN = 3
FOUND_WHOLE = {"date_of_birth": "dob", "phone": "phone", "email": "email"}
"""What a person is found by as a whole: the part of the identity, and the kind of its token."""


def tokens_of(identity: Mapping[str, Any]) -> set[tuple[str, bytes]]:
    """All that a person is found by: the kind and token of each SearchToken."""
    names = {("name", token) for token in name_tokens(identity.get("full_name") or "")}
    wholes = {(kind, exact_token(kind, identity[part])) for part, kind in FOUND_WHOLE.items() if identity.get(part)}
    return names | wholes


def namesakes(identity: Mapping[str, Any]) -> Select[int] | None:
    """The ids of the patients with this date of birth whose names have these parts, newest first.

    Longer names than this one are among them. None if the name or the date is not known.
    """
    name, born = " ".join(name_parts(identity)), identity.get("date_of_birth")
    if not name or not born:
        return None
    of_that_day = (SearchToken.kind == "dob", SearchToken.token == exact_token("dob", born))
    named_so = _others("name", name_query_tokens(name))
    return select(SearchToken.patient_id).where(*of_that_day, *named_so).order_by(SearchToken.patient_id.desc())


def searches(typed: str) -> tuple[Select[int, int], ...]:
    """A query for each way to read what was typed; none if there is too little to search for.

    Each gives (SearchToken.patient_id or Case.patient_id, Case.id), newest person first. A case that any of them
    finds is found.
    """
    typed = " ".join(typed.replace("\x00", " ").split())
    if "@" in typed:
        return (_having("email", [exact_token("email", typed)]),)
    if dates := dates_read(typed):
        return tuple(_having("dob", [exact_token("dob", day.isoformat())]) for day in dates)
    found = (_by_reference(typed), _by_phone(typed), _by_name(typed))
    return tuple(query for query in found if query is not None)


def dates_read(typed: str) -> list[date]:
    """The days that a date in figures can mean: the year first, or last with month and day in either order."""
    figures = NUMERIC_DATE.fullmatch(typed)
    if figures is None:
        return []
    first, second, third = (int(part) for part in figures.groups())
    if len(figures[1]) == 4:
        readings = [(first, second, third)]
    elif len(figures[3]) == 4:
        readings = [(third, first, second), (third, second, first)]
    else:
        return []
    return [day for day in dict.fromkeys(_day(*reading) for reading in readings) if day is not None]


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _by_reference(typed: str) -> Select[int, int] | None:
    parts = REFERENCE.fullmatch(typed.upper())
    if parts is None:
        return None
    return select(Case.patient_id, Case.id).where(Case.reference == f"{parts[1]}-{parts[2]}")


def _by_phone(typed: str) -> Select[int, int] | None:
    if not PHONE.fullmatch(typed) or len(digits(typed)) < PHONE_DIGITS_MIN:
        return None
    return _having("phone", [exact_token("phone", typed)])


def _by_name(typed: str) -> Select[int, int] | None:
    letters = sum(mark.isalpha() for mark in typed)
    if letters < NAME_LETTERS_MIN:
        return None
    return _having("name", name_query_tokens(typed))


def _having(kind: str, tokens: Sequence[bytes]) -> Select[int, int]:
    """The cases of people who have all of these tokens. The first one leads: the index holds its people in order."""
    leading, *others = tokens
    return (
        select(SearchToken.patient_id, Case.id)
        .join(Case, Case.patient_id == SearchToken.patient_id)
        .where(SearchToken.kind == kind, SearchToken.token == leading, *_others(kind, others))
        .order_by(SearchToken.patient_id.desc(), Case.id.desc())
    )


def _others(kind: str, tokens: Sequence[bytes]) -> list[ColumnElement[bool]]:
    """That the person who is found has all of these tokens as well."""
    rows = [(aliased(SearchToken), token) for token in tokens]
    return [
        exists().where(row.kind == kind, row.token == token, row.patient_id == SearchToken.patient_id)
        for row, token in rows
    ]
