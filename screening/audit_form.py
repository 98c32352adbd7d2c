"""What the audit list is searched by."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, Field, SelectChoice, SelectField, StringField
from wtforms.validators import Length, Optional, ValidationError

from screening.queries.audit import AuditSearch, audit_actions, audit_actors
from screening.staff_forms import cleaned

REFERENCE_LENGTH_MAX = 20
ALL = SelectChoice("", "All")


class AuditForm(FlaskForm):  # type: ignore[misc]
    """Comes with the address, or with a form whose token is checked for all forms alike."""

    class Meta:
        csrf = False

    action = SelectField("Action", default="", validators=[Optional()])
    who = SelectField("Who", default="", validators=[Optional()])
    reference = StringField(
        "Case reference",
        filters=[cleaned],
        validators=[Length(max=REFERENCE_LENGTH_MAX, message="Case reference: enter one such as 3F4K-7M9P.")],
    )
    first_day = DateField("From", validators=[Optional()])
    last_day = DateField("To, this day included", validators=[Optional()])

    def validate_last_day(self, field: Field) -> None:
        if self.first_day.data and field.data and field.data < self.first_day.data:
            raise ValidationError("To: enter a day that is not before the first one.")

    def search(self) -> AuditSearch:
        """What was asked for, once it is found valid."""
        return AuditSearch(
            action=self.action.data or None,
            actor=self.who.data or None,
            reference=(self.reference.data or "").upper() or None,
            first_day=self.first_day.data,
            last_day=self.last_day.data,
        )

    def asked(self) -> dict[str, str]:
        """The same as it stands in an address."""
        return {name: field.raw_data[0] for name, field in self._fields.items() if field.raw_data and field.raw_data[0]}


def audit_form(given: object) -> AuditForm:
    """The form with what there is to choose. `given` is what the request carries."""
    form = AuditForm(given)
    form.action.choices = [ALL, *(SelectChoice(action, action) for action in audit_actions())]
    form.who.choices = [ALL, *(SelectChoice(actor, name) for actor, name in audit_actors().items())]
    return form
