"""The forms by which staff correct who a person is, and say which records are of one person."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from screening.staff_forms import REASON_LENGTH_MAX, ROW_ID_MAX, cleaned, within

REFERENCE_LENGTH_MAX = 20
_REASON_LENGTH = Length(max=REASON_LENGTH_MAX, message=f"The reason must have {REASON_LENGTH_MAX} characters or fewer.")


def _seen() -> Any:
    """How often an identity was corrected when the page was read."""
    return IntegerField(validators=[InputRequired(), within(0, ROW_ID_MAX)])


class CorrectionForm(FlaskForm):  # type: ignore[misc]
    """What goes with the parts of an identity, which have a form of their own."""

    reason = TextAreaField(
        "Why it is corrected",
        filters=[cleaned],
        validators=[DataRequired("Enter why it is corrected."), _REASON_LENGTH],
        description="For example: the person read their passport out on the telephone.",
    )
    identity_seen = _seen()


class OtherForm(FlaskForm):  # type: ignore[misc]
    other = StringField(
        "Reference of the other screening",
        filters=[cleaned],
        validators=[
            DataRequired("Enter the reference of the other screening."),
            Length(max=REFERENCE_LENGTH_MAX, message="Enter a reference such as 3F4K-7M9P."),
        ],
        description="For example, 3F4K-7M9P. Find it by a name or a date of birth in Submissions.",
    )


class JoinForm(FlaskForm):  # type: ignore[misc]
    join_reason = TextAreaField("Why these are of one person", filters=[cleaned], validators=[_REASON_LENGTH])
    identity_seen = _seen()
    other_seen = _seen()


class UndoForm(FlaskForm):  # type: ignore[misc]
    join = IntegerField(validators=[InputRequired(), within(1, ROW_ID_MAX)])
