"""Whether answers are of the questionnaire at all: ids, types, codes and ranges, before any path is applied."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from rules.model import AnswerError, Answers, Field, Opioid, OpioidTable
from rules.path import NONE

IDENTITY = frozenset({"date_of_birth", "full_name", "phone", "may_leave_message", "email"})
ROW_PARTS = ("drug", "dose", "per_day")


def check_answers(answers: Answers, fields: Mapping[str, Field], opioids: OpioidTable) -> None:
    """Raises AnswerError at the first answer that is not allowed. None and [] are allowed everywhere: unanswered."""
    for field_id, value in answers.items():
        field = fields.get(field_id)
        if field is None:
            raise AnswerError(_shown(field_id), _why_unknown(field_id))
        if value is not None and value != []:
            _CHECKS[field.kind](field, value, opioids)
    _check_pressure(answers)


def _shown(field_id: str) -> str:
    """An id that nobody vouches for, short and on one line."""
    return field_id if field_id.isidentifier() and len(field_id) <= 40 else json.dumps(field_id)[:40]


def _why_unknown(field_id: str) -> str:
    if field_id in IDENTITY:
        return "tells who a person is and is not allowed here; age_years stands in place of a date of birth"
    return "is not a question; allowed are the ids in rules/fields.yaml"


def _codes_of(field: Field) -> str:
    return ", ".join(json.dumps(code) for code in field.codes)


def _one(field: Field, value: Any, _: OpioidTable) -> None:
    # Exact types: True and 1.0 equal 1, and are not the code 1.
    if type(value) not in (str, int) or value not in field.codes:
        raise AnswerError(field.id, f"must be one of {_codes_of(field)}")


def _any(field: Field, value: Any, _: OpioidTable) -> None:
    if type(value) is not list or any(type(item) is not str or item not in field.codes for item in value):
        raise AnswerError(field.id, f"must be a list of codes out of {_codes_of(field)}")
    if NONE in value and len(set(value)) > 1:
        raise AnswerError(field.id, f'"{NONE}" must stand alone in the list')


def _whole(field: Field, value: Any, _: OpioidTable) -> None:
    if type(value) is not int or not (field.min or 0) <= value <= (field.max or 0):
        raise AnswerError(field.id, f"must be a whole number from {field.min} to {field.max}")


def _text(field: Field, value: Any, _: OpioidTable) -> None:
    if type(value) is not str or len(value) > field.max_length:
        raise AnswerError(field.id, f"must be a text of at most {field.max_length} characters")


def _rows(field: Field, value: Any, opioids: OpioidTable) -> None:
    if type(value) is not list or len(value) > field.max_rows or any(type(row) is not dict for row in value):
        raise AnswerError(field.id, f"must be a list of at most {field.max_rows} rows of {', '.join(ROW_PARTS)}")
    for row in value:
        _check_row(field, row, opioids)


def _check_row(field: Field, row: Mapping[str, Any], opioids: OpioidTable) -> None:
    if not row.keys() <= set(ROW_PARTS):
        raise AnswerError(field.id, f"a row has no parts but {', '.join(ROW_PARTS)}")
    drug, dose, per_day = (row.get(part) for part in ROW_PARTS)
    if drug is not None and (type(drug) is not str or drug not in opioids.drugs):
        raise AnswerError(field.id, f"drug must be one of {_codes_of(field)}")
    if dose is not None:
        _check_dose(field, dose, [opioids.drugs[drug]] if drug else list(opioids.drugs.values()))
    if per_day is not None and not (_is_number(per_day) and opioids.per_day_min <= per_day <= opioids.per_day_max):
        raise AnswerError(field.id, f"per_day must be a number from {opioids.per_day_min:g} to {opioids.per_day_max:g}")


def _check_dose(field: Field, dose: Any, possible: list[Opioid]) -> None:
    if not _is_number(dose) or not any(_dose_fits(drug, dose) for drug in possible):
        raise AnswerError(field.id, f"dose must be a number {_dose_range(possible[0])}")


def _dose_fits(drug: Opioid, dose: float) -> bool:
    over = -math.inf if drug.dose_over is None else drug.dose_over
    least = -math.inf if drug.dose_min is None else drug.dose_min
    return dose > over and least <= dose <= drug.dose_max


def _dose_range(drug: Opioid) -> str:
    low = f"over {drug.dose_over:g}" if drug.dose_min is None else f"from {drug.dose_min:g}"
    return f"{low} up to {drug.dose_max:g} {drug.unit}"


def _is_number(value: Any) -> bool:
    # NaN and infinity are numbers too, within no range.
    return type(value) in (int, float)


def _check_pressure(answers: Answers) -> None:
    systolic, diastolic = answers.get("bp_systolic"), answers.get("bp_diastolic")
    if type(systolic) is int and type(diastolic) is int and systolic <= diastolic:
        raise AnswerError("bp_systolic", "must be above bp_diastolic")


_CHECKS: dict[str, Callable[[Field, Any, OpioidTable], None]] = {
    "one": _one,
    "any": _any,
    "integer": _whole,
    "scale": _whole,
    "rows": _rows,
    "text": _text,
}
