"""What staff type to find a person: part of a name, reference, date of birth, phone number or e-mail address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from screening.crypto import digits, exact_token, name_query_tokens
from screening.models import Case, SearchToken

REFERENCE = re.compile(r"([A-Z0-9]{4})[-\s]?([A-Z0-9]{4})")
NUMERIC_DATE = re.compile(r"(\d{1,4})[./\s-](\d{1,2})[./\s-](\d{1,4})")
PHONE = re.compile(r"[\d\s()+./-]+")
PHONE_DIGITS_MIN = 7
NAME_LETTERS_MIN = 3


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
    query = (
        select(SearchToken.patient_id, Case.id)
        .join(Case, Case.patient_id == SearchToken.patient_id)
        .where(SearchToken.kind == kind, SearchToken.token == leading)
        .order_by(SearchToken.patient_id.desc(), Case.id.desc())
    )
    for token in others:
        other = aliased(SearchToken)
        query = query.where(
            exists().where(other.kind == kind, other.token == token, other.patient_id == SearchToken.patient_id)
        )
    return query
