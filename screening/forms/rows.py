"""The field of the opioid rows: a drug, its dose and how many a day, a few times over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

import rules
from rules.checks import check_answers
from screening.forms.fields import DONT_KNOW, AnswerField, Problem, text_or_none
from screening.questions.choices import UNITS
from screening.questions.spec import Part
from screening.text import clean_line, read_number

PARTS = ("drug", "dose", "per_day")


@dataclass
class TypedRow:
    """One row as typed, counted from 0. `unknown` are the parts marked as not known, `errors` messages by part."""

    number: int
    typed: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PARTS, ""))
    unknown: set[str] = field(default_factory=set)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def touched(self) -> bool:
        return bool(any(self.typed.values()) or self.unknown)


class RowsField(AnswerField):
    """Rows of three parts. The controls of a part share a name, such as opioids-0-dose."""

    control = "rows"
    rows: list[TypedRow]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors: list[str] = []
        self.process_data(data)
        if formdata is not None:
            self.rows = [self._typed_row(formdata, number) for number in range(self.spec.max_rows)]

    def process_data(self, value: Any) -> None:
        self.data = value if isinstance(value, list) else None
        stored = self.data or []
        self.rows = [
            self._filled_row(number, stored[number]) if number < len(stored) else TypedRow(number)
            for number in range(self.spec.max_rows)
        ]

    def part(self, part_id: str) -> Part:
        return next(part for part in self.question.parts if part.id == part_id)

    def name_of(self, row: TypedRow, part: str) -> str:
        return f"{self.name}-{row.number}-{part}"

    def options(self, row: TypedRow) -> list[dict[str, Any]]:
        """The drugs to choose from, each with the names that it is sold under."""
        labels = {
            "": _("Choose one"),
            **{str(c.code): f"{c.label} ({c.hint})" if c.hint else str(c.label) for c in self.question.choices},
            DONT_KNOW: str(self.part("drug").dont_know),
        }
        chosen = DONT_KNOW if "drug" in row.unknown else row.typed["drug"]
        return [{"value": value, "text": text, "selected": value == chosen} for value, text in labels.items()]

    def box(self, row: TypedRow, part: str) -> dict[str, Any]:
        """The box that says that a part is not known."""
        words = text_or_none(self.part(part).dont_know)
        return {"value": DONT_KNOW, "text": words, "checked": part in row.unknown}

    def pre_validate(self, form: Any) -> None:
        touched = [row for row in self.rows if row.touched] or ([] if self.may_be_blank else self.rows[:1])
        self.data = [self._read_row(row) for row in touched] or None
        self.errors.extend(message for row in touched for message in row.errors.values())

    def problems(self) -> list[Problem]:
        return [
            {
                "text": _("Opioid %(number)s: %(message)s", number=row.number + 1, message=message),
                "href": f"#{self.name_of(row, part)}",
            }
            for row in self.rows
            for part, message in row.errors.items()
        ]

    def _filled_row(self, number: int, stored: Mapping[str, Any]) -> TypedRow:
        row = TypedRow(number)
        for part in PARTS:
            value = stored.get(part)
            if value is not None:
                row.typed[part] = str(value)
            elif part != "per_day" or self._per_day_used(stored.get("drug")):
                row.unknown.add(part)
        return row

    def _typed_row(self, formdata: Any, number: int) -> TypedRow:
        row = TypedRow(number)
        for part in PARTS:
            sent = [clean_line(value) for value in formdata.getlist(self.name_of(row, part))]
            if DONT_KNOW in sent:
                row.unknown.add(part)
            # Two texts where the page has one control stay side by side, and are then no answer.
            row.typed[part] = " ".join(value for value in sent if value not in ("", DONT_KNOW))
        return row

    def _per_day_used(self, drug: str | None) -> bool:
        return drug is None or self.opioids.drugs[drug].per_day_used

    def _read_row(self, row: TypedRow) -> dict[str, Any]:
        drug = row.typed["drug"] or None
        if drug is not None and drug not in self.opioids.drugs:
            row.errors["drug"] = _("Choose the name from the list")
            return dict.fromkeys(PARTS)
        if drug is None and "drug" not in row.unknown and not self.may_be_blank:
            row.errors["drug"] = _("Choose the name of the opioid, or that you don’t know it")
            return dict.fromkeys(PARTS)
        known = self.opioids.drugs[drug or next(iter(self.opioids.drugs))]
        dose = self._read_number(row, "dose", drug, _dose_message(known), str(UNITS[known.unit]))
        return {"drug": drug, "dose": dose, "per_day": self._read_number(row, "per_day", drug, self._per_day_message())}

    def _read_number(
        self, row: TypedRow, part: str, drug: str | None, what_to_enter: str, unit: str = ""
    ) -> int | float | None:
        text = row.typed[part]
        may_be_blank = self.may_be_blank or drug is None or (part == "per_day" and not self._per_day_used(drug))
        if text and part in row.unknown:
            row.errors[part] = _("Enter a number or tick the box, not both")
        elif text:
            number = read_number(text.lower().removesuffix(unit))
            if number is not None and self._allowed({"drug": drug, part: number}):
                return number
            row.errors[part] = what_to_enter
        elif part not in row.unknown and not may_be_blank:
            row.errors[part] = what_to_enter
        return None

    def _allowed(self, row: dict[str, Any]) -> bool:
        try:
            check_answers({self.spec.id: [row]}, {self.spec.id: self.spec}, self.opioids)
        except rules.AnswerError:
            return False
        return True

    def _per_day_message(self) -> str:
        low, high = f"{self.opioids.per_day_min:g}", f"{self.opioids.per_day_max:g}"
        message = _("Enter how many doses you take in a day, from %(low)s to %(high)s, or tick the box")
        return str(message) % {"low": low, "high": high}


def _dose_message(drug: rules.Opioid) -> str:
    lowest = drug.dose_over if drug.dose_min is None else drug.dose_min
    message = (
        _("Enter the dose: more than %(low)s, up to %(high)s %(unit)s, or tick the box")
        if drug.dose_min is None
        else _("Enter the dose: from %(low)s to %(high)s %(unit)s, or tick the box")
    )
    return str(message) % {"low": f"{lowest or 0:g}", "high": f"{drug.dose_max:g}", "unit": UNITS[drug.unit]}
