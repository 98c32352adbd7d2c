"""The form of an export: which table, of which days, in which format, and what for."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, Field, RadioField, SelectChoice, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from screening.export.files import FORMATS
from screening.export.tables import TABLES
from screening.staff_forms import cleaned

PURPOSE_LENGTH_MAX = 500


class ExportForm(FlaskForm):  # type: ignore[misc]
    table = RadioField(
        "What",
        choices=[SelectChoice(table.id, table.title) for table in TABLES.values()],
        validators=[InputRequired("Choose what to export.")],
    )
    first_day = DateField("From", validators=[InputRequired("From: enter a day.")])
    last_day = DateField("To, this day included", validators=[InputRequired("To: enter a day.")])
    file_format = RadioField(
        "As",
        choices=[SelectChoice(given.id, given.title) for given in FORMATS.values()],
        validators=[InputRequired("Choose a format.")],
    )
    purpose = TextAreaField(
        "What it is for",
        filters=[cleaned],
        description="Kept with your name. Name no patient here.",
        validators=[
            DataRequired("Enter what the data is for."),
            Length(max=PURPOSE_LENGTH_MAX, message=f"Enter {PURPOSE_LENGTH_MAX} characters or fewer."),
        ],
    )

    def validate_last_day(self, field: Field) -> None:
        if self.first_day.data and field.data and field.data < self.first_day.data:
            raise ValidationError("To: enter a day that is not before the first one.")

    @property
    def values(self) -> dict[str, Any]:
        return {name: self[name].data for name in ("table", "file_format", "first_day", "last_day", "purpose")}
