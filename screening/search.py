"""What staff type to find a person: part of a name, reference, date of birth, phone number or e-mail address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select

from screening.crypto import digits, exact_token, name_query_tokens
from screening.models import Case, SearchToken

REFERENCE = re.compile(r"([A-Z0-9]{4})[-\s]?([A-Z0-9]{4})")
NUMERIC_DATE = re.compile(r"(\d{1,4})[./\s-](\d{1,2})[./\s-](\d{1,4})")
PHONE = re.compile(r"[\d\s()+./-]+")
PHONE_DIGITS_MIN = 7
NAME_LETTERS_MIN = 3


def matching_cases(typed: str) -> ColumnElement[bool] | None:
    """The condition on Case that finds what was typed; None if there is too little to search for."""
    typed = " ".join(typed.replace("\x00", " ").split())
    if "@" in typed:
        return _has("email", [exact_token("email", typed)])
    if dates := dates_read(typed):
        return _has("dob", [exact_token("dob", day.isoformat()) for day in dates])
    found = [
        condition for condition in (_by_reference(typed), _by_phone(typed), _by_name(typed)) if condition is not None
    ]
    return or_(*found) if found else None


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


def _by_reference(typed: str) -> ColumnElement[bool] | None:
    parts = REFERENCE.fullmatch(typed.upper())
    return None if parts is None else Case.reference == f"{parts[1]}-{parts[2]}"


def _by_phone(typed: str) -> ColumnElement[bool] | None:
    if not PHONE.fullmatch(typed) or len(digits(typed)) < PHONE_DIGITS_MIN:
        return None
    return _has("phone", [exact_token("phone", typed)])


def _by_name(typed: str) -> ColumnElement[bool] | None:
    letters = sum(mark.isalpha() for mark in typed)
    if letters < NAME_LETTERS_MIN:
        return None
    return and_(*(_has("name", [token]) for token in sorted(name_query_tokens(typed))))


def _has(kind: str, tokens: Iterable[bytes]) -> ColumnElement[bool]:
    people = select(SearchToken.patient_id).where(SearchToken.kind == kind, SearchToken.token.in_(list(tokens)))
    return Case.patient_id.in_(people)
