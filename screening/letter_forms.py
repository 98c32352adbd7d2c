"""The forms of letters to referrers: one letter, and the clinic's template of them all."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from screening.letter import ADDRESS_LINE_LENGTH_MAX, ADDRESS_LINES_MAX
from screening.letter_words import LINE_LENGTH_MAX, TEMPLATE_LENGTH_MAX, template_faults
from screening.staff_forms import ROW_ID_MAX, cleaned, within

TOO_WIDE = f"A line of the address must have {ADDRESS_LINE_LENGTH_MAX} characters or fewer, to show in the window."


def _text(label: str, needed: str, hint: str = "") -> TextAreaField:
    limit = Length(max=TEMPLATE_LENGTH_MAX, message=f"The text must have {TEMPLATE_LENGTH_MAX} characters or fewer.")
    return TextAreaField(
        label, filters=[cleaned], validators=[DataRequired(needed), limit, _short_lines], description=hint
    )


def _short_lines(_form: FlaskForm, field: Field) -> None:
    if any(len(line) > LINE_LENGTH_MAX for line in field.data.splitlines()):
        raise ValidationError(f"A paragraph must have {LINE_LENGTH_MAX} characters or fewer. Begin a new line in it.")


class LetterForm(FlaskForm):  # type: ignore[misc]
    """`decision_seen` and `assessment_seen`: what the page showed when the text was read."""

    recipient = StringField(
        "Name of the referrer",
        filters=[cleaned],
        validators=[
            DataRequired("Enter the referrer's name."),
            Length(max=ADDRESS_LINE_LENGTH_MAX, message=TOO_WIDE),
        ],
    )
    address = TextAreaField(
        "Address",
        filters=[cleaned],
        validators=[DataRequired("Enter the referrer's address.")],
        description=f"{ADDRESS_LINES_MAX - 1} lines at most: they show in the window of the envelope.",
    )
    text = _text(
        "Text of the letter",
        "Enter the text of the letter.",
        "A line that begins with a dash and a blank is part of a list.",
    )
    decision_seen = IntegerField(validators=[InputRequired(), within(1, ROW_ID_MAX)])
    assessment_seen = IntegerField(validators=[InputRequired(), within(0, ROW_ID_MAX)])

    def validate_address(self, field: Field) -> None:
        if len(self.lines()) > ADDRESS_LINES_MAX:
            raise ValidationError(f"Enter {ADDRESS_LINES_MAX - 1} lines of address or fewer, to show in the window.")
        if any(len(line) > ADDRESS_LINE_LENGTH_MAX for line in field.data.splitlines()):
            raise ValidationError(TOO_WIDE)

    def lines(self) -> tuple[str, ...]:
        """The recipient as the envelope shows it."""
        typed = [self.recipient.data or "", *(self.address.data or "").splitlines()]
        return tuple(line.strip() for line in typed if line.strip())


class LetterTemplateForm(FlaskForm):  # type: ignore[misc]
    letter_template = _text("Template", "Enter the text that letters begin with.")

    def validate_letter_template(self, field: Field) -> None:
        if faults := template_faults(field.data):
            raise ValidationError(" ".join(faults))
