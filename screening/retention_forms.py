"""The forms by which an admin holds, and erases, what is kept of a person."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, SelectChoice, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from screening.people_forms import REFERENCE_LENGTH_MAX
from screening.staff_forms import REASON_LENGTH_MAX, ROW_ID_MAX, cleaned, within


def _reference(label: str, hint: str) -> StringField:
    checks = [DataRequired("Enter a reference such as 3F4K-7M9P."), Length(max=REFERENCE_LENGTH_MAX)]
    return StringField(label, filters=[cleaned, _upper], validators=checks, description=hint)


def _upper(typed: str | None) -> str | None:
    return typed.upper() if typed else typed


def _reason(label: str) -> TextAreaField:
    length = Length(max=REASON_LENGTH_MAX, message=f"The reason must have {REASON_LENGTH_MAX} characters or fewer.")
    checks = [DataRequired("Enter the reason."), length]
    return TextAreaField(label, filters=[cleaned], validators=checks, description="Name no patient here.")


class FindForm(FlaskForm):  # type: ignore[misc]
    erase = _reference("Reference of a screening of the person", "It stands on the summary, such as 3F4K-7M9P.")


class HoldForm(FlaskForm):  # type: ignore[misc]
    reference = _reference("Reference of a screening of the person", "It stands on the summary, such as 3F4K-7M9P.")
    reason = _reason("Why nothing may be forgotten")


class LiftForm(FlaskForm):  # type: ignore[misc]
    lift_reason = _reason("Why the hold is lifted")


class EraseForm(FlaskForm):  # type: ignore[misc]
    """What is to go with the record, and why."""

    also = SelectMultipleField(choices=[])
    reason = _reason("Why the person is erased")

    def offer(self, keys: list[str]) -> EraseForm:
        self.also.choices = [SelectChoice(key, key) for key in keys]
        return self


class ConfirmErasureForm(EraseForm):
    """`seen` is how many rows were shown."""

    seen = IntegerField(validators=[InputRequired(), within(0, ROW_ID_MAX)])
    typed = StringField("Type the reference to erase it", filters=[cleaned, _upper])

    def __init__(self, reference: str, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._reference = reference

    def validate_typed(self, field: Field) -> None:
        if field.data != self._reference:
            raise ValidationError(f"Type {self._reference} to erase this person.")
