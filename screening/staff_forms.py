"""The forms that staff fill in, but for the clinic's settings (clinic_form.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask_security.forms import ChangePasswordForm
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from screening.access import Role
from screening.actions.review import DecisionKind
from screening.actions.second_factor import ResetReason

REASON_LENGTH_MAX = 2000
SEARCH_LENGTH_MAX = 120
NAME_LENGTH_MAX = 120
TABLET_LENGTH_MAX = 40
MARK_LENGTH_MAX = 500
CODE_LENGTH_MAX = 60
CREDENTIAL_LENGTH_MAX = 20_000
NOT_RELEVANT = "not_relevant_"
"""How the fields that mark findings begin; the rule follows."""
ROW_ID_MAX = 2**31 - 1


def cleaned(typed: str | None) -> str | None:
    """Without marks that no one types on purpose: control characters, and blanks at the ends."""
    if typed is None:
        return None
    return "".join(mark for mark in typed if mark.isprintable() or mark in "\n\t").strip()


def within(low: int, high: int, message: str | None = None) -> Callable[[Any, Any], None]:
    """A whole number's range. WTForms' own check fails on a number too long to be a float."""

    def check(_form: Any, field: Any) -> None:
        if field.data is not None and not low <= field.data <= high:
            raise ValidationError(message or f"Enter a whole number from {low} to {high}.")

    return check


def error_list(form: FlaskForm) -> list[dict[str, str]]:
    """A form's errors for the summary on top of its page, each with a link to its field."""
    listed = [
        {"text": str(fault), "href": f"#{form[name].id}"}
        for name, faults in form.errors.items()
        if name
        for fault in faults
    ]
    return listed + [{"text": str(fault)} for fault in form.form_errors]


class SearchForm(FlaskForm):  # type: ignore[misc]
    text = StringField("Search", filters=[cleaned], validators=[Length(max=SEARCH_LENGTH_MAX)])


class TabletForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        "Name of the tablet",
        filters=[cleaned],
        validators=[
            DataRequired("Enter a name for the tablet."),
            Length(max=TABLET_LENGTH_MAX, message=f"The name must have {TABLET_LENGTH_MAX} characters or fewer."),
        ],
        description="As staff call it, such as Tablet 2. Alerts show it.",
    )


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """`last_seen` is the id of the newest decision that the page showed, `assessment_seen` the assessment's number."""

    kind = RadioField(
        "What happens next",
        choices=[SelectChoice(kind.value, kind.staff_name) for kind in DecisionKind],
        validators=[InputRequired("Choose a decision.")],
    )
    reason = TextAreaField(
        "Reason",
        filters=[cleaned],
        validators=[
            DataRequired("Enter the reason for the decision."),
            Length(max=REASON_LENGTH_MAX, message=f"The reason must have {REASON_LENGTH_MAX} characters or fewer."),
        ],
    )
    last_seen = IntegerField(validators=[InputRequired(), within(0, ROW_ID_MAX)])
    assessment_seen = IntegerField(default=0, validators=[within(0, ROW_ID_MAX)])

    def not_relevant(self) -> dict[str, str]:
        """Why findings are not relevant, by rule: the fields that decision_form adds and somebody filled in."""
        filled = {name: reason for name, reason in self.data.items() if name.startswith(NOT_RELEVANT) and reason}
        return {name.removeprefix(NOT_RELEVANT): reason for name, reason in filled.items()}

    def mark_field(self, rule: str) -> Any:
        return self[f"{NOT_RELEVANT}{rule}"]


def decision_form(rules: Iterable[str], **given: Any) -> DecisionForm:
    """The form of a decision on a case in which these rules fired, with a field to mark each as not relevant."""
    fields = {
        f"{NOT_RELEVANT}{rule}": StringField(
            f"{rule} is not relevant because",
            filters=[cleaned],
            validators=[
                Length(max=MARK_LENGTH_MAX, message=f"The reason must have {MARK_LENGTH_MAX} characters or fewer.")
            ],
        )
        for rule in rules
    }
    form: DecisionForm = type("CaseDecisionForm", (DecisionForm,), fields)(**given)
    return form


class ClaimForm(FlaskForm):  # type: ignore[misc]
    """`last_seen` is the id of the user who had the case when the page was read, 0 for nobody."""

    last_seen = IntegerField(validators=[InputRequired(), within(0, ROW_ID_MAX)])


class AnnulForm(FlaskForm):  # type: ignore[misc]
    decision = IntegerField(validators=[InputRequired(), within(1, ROW_ID_MAX)])
    annul_reason = TextAreaField(
        "Why it is annulled",
        filters=[cleaned],
        validators=[
            DataRequired("Enter why the decision is annulled."),
            Length(max=REASON_LENGTH_MAX, message=f"The reason must have {REASON_LENGTH_MAX} characters or fewer."),
        ],
    )


def role_field() -> Any:
    return RadioField(
        "Role",
        choices=[SelectChoice(role.value, role.title) for role in Role],
        validators=[InputRequired("Choose a role.")],
    )


class AccountForm(FlaskForm):  # type: ignore[misc]
    full_name = StringField(
        "Full name",
        filters=[cleaned],
        validators=[DataRequired("Enter the name that decisions are signed with."), Length(max=NAME_LENGTH_MAX)],
    )
    email = StringField(
        "E-mail address", filters=[cleaned], validators=[DataRequired("Enter an e-mail address."), Length(max=254)]
    )
    role = role_field()


class RoleForm(FlaskForm):  # type: ignore[misc]
    role = role_field()


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """One box to tick before something that counts for the whole clinic."""

    confirm = BooleanField(validators=[DataRequired("Tick the box to confirm.")])


class CodeForm(FlaskForm):  # type: ignore[misc]
    code = StringField(
        "Code",
        filters=[cleaned],
        validators=[DataRequired("Enter the code that your app shows."), Length(max=CODE_LENGTH_MAX)],
    )


class SetUpForm(CodeForm):
    present_code = StringField(
        "Code from your present app, or a recovery code", filters=[cleaned], validators=[Length(max=CODE_LENGTH_MAX)]
    )
    own_password = PasswordField("Your password")


class PasskeyForm(FlaskForm):  # type: ignore[misc]
    """`credential` is what the browser made."""

    name = StringField(
        "Name of the device",
        filters=[cleaned],
        validators=[DataRequired("Enter a name, such as Laptop at work."), Length(max=TABLET_LENGTH_MAX)],
    )
    passkey_password = PasswordField("Your password", validators=[DataRequired("Enter your password.")])
    credential = HiddenField(
        validators=[DataRequired("Your browser gave no passkey."), Length(max=CREDENTIAL_LENGTH_MAX)]
    )


class ElsewhereForm(FlaskForm):  # type: ignore[misc]
    """Signs out everywhere else."""

    elsewhere_password = PasswordField("Password of your account", validators=[DataRequired("Enter your password.")])


class ResetFactorForm(FlaskForm):  # type: ignore[misc]
    why = RadioField(
        "Why",
        choices=[SelectChoice(reason.value, reason.words) for reason in ResetReason],
        validators=[InputRequired("Choose why.")],
    )


class PasswordForm(ChangePasswordForm):
    """Flask-Security checks the present password, and that the new one is typed twice alike."""
