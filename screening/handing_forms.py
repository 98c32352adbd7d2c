"""The forms by which physicians hand a case to each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from screening.actions.handing import EVERYONE
from screening.models import User
from screening.staff_forms import ROW_ID_MAX, cleaned, within

NOTE_LENGTH_MAX = 2000
AS_IT_IS = ""


def _note(label: str, hint: str = "") -> TextAreaField:
    limit = Length(max=NOTE_LENGTH_MAX, message=f"The note must have {NOTE_LENGTH_MAX} characters or fewer.")
    return TextAreaField(label, filters=[cleaned], validators=[limit], description=hint)


class HandingForm(FlaskForm):  # type: ignore[misc]
    """`handover_seen` is the id of the newest Handover that the page showed, 0 for none."""

    note = _note("Note for the other physicians", "Physicians alone read it. It is added, never changed.")
    assign_to = SelectField("Who is to take it up", default=AS_IT_IS)
    second_opinion = BooleanField("Ask another physician for a second opinion")
    handover_seen = IntegerField(default=0, validators=[InputRequired(), within(0, ROW_ID_MAX)])

    def validate(self, extra_validators: Any = None) -> bool:
        sound = bool(super().validate(extra_validators))
        if sound and not (self.note.data or self.assign_to.data or self.second_opinion.data):
            self.note.errors = ["Write a note, choose a physician, or ask for a second opinion."]
            return False
        return sound

    @property
    def assigned_to(self) -> int | None:
        """A user's id, EVERYONE, or None for no change."""
        return None if self.assign_to.data == AS_IT_IS else int(self.assign_to.data)


class AgreeForm(FlaskForm):  # type: ignore[misc]
    """`decision_seen` is the id of the decision that counted when the page was read."""

    agree_note = _note("Why you agree (optional)")
    decision_seen = IntegerField(validators=[InputRequired(), within(1, ROW_ID_MAX)])


def handing_form(physicians: Iterable[User], *, assigned: bool, **given: Any) -> HandingForm:
    """The form for a case that is assigned to somebody, or not. `physicians`: whom it may go to."""
    form = HandingForm(**given)
    everyone = [SelectChoice(str(EVERYONE), "Everyone: nobody in particular")] if assigned else []
    people = [SelectChoice(str(user.id), user.full_name) for user in physicians]
    form.assign_to.choices = [SelectChoice(AS_IT_IS, "No change"), *everyone, *people]
    return form
