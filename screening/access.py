"""Who may do what: the whole permission matrix, and the two marks that every view carries one of."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast

from flask import abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_security import current_user


class Role(StrEnum):
    FRONT_DESK = "front_desk"
    PHYSICIAN = "physician"
    MEDICAL_LEAD = "medical_lead"
    ADMIN = "admin"

    @property
    def title(self) -> str:  # type: ignore[override]
        return self.value.replace("_", " ").capitalize()


class Permission(StrEnum):
    SEE_CASES = "see_cases"
    """Identity, answers and tier of submitted cases; never a physician's reason or notes."""
    PRINT_CASES = "print_cases"
    CORRECT_IDENTITY = "correct_identity"
    """Correct the name, date of birth and contact of a person, with a reason."""
    JOIN_RECORDS = "join_records"
    """Say that two records are of one person, and undo it."""
    INVITE = "invite"
    """Invite people to fill in the form, and see how far they have come."""
    SEE_QUEUE = "see_queue"
    """The flagged cases with findings, reasons and notes."""
    DECIDE = "decide"
    HAND_OVER = "hand_over"
    """Leave notes for the other physicians, ask one to take a case up, or for a second opinion."""
    WRITE_LETTERS = "write_letters"
    """Sign a letter to a referrer, and print it again."""
    SEE_ALERTS = "see_alerts"
    ACKNOWLEDGE_ALERTS = "acknowledge_alerts"
    START_KIOSK = "start_kiosk"
    """Make a browser a tablet that patients answer on, see the tablets in use, and end them."""
    ENTER_ANSWERS = "enter_answers"
    """Print the blank paper form, and key in what is on paper or is said on the telephone."""
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_CLINIC = "manage_clinic"
    MANAGE_RETENTION = "manage_retention"
    """See what is forgotten and when, and place and lift legal holds: by references alone."""
    ERASE_PEOPLE = "erase_people"
    """Erase one person from all that is kept, for good."""
    SEE_AUDIT = "see_audit"
    SEE_BOARD = "see_board"
    """How many cases and forms there were, and how long they took: counts alone."""
    EXPORT_DATA = "export_data"
    """Answers and findings of all cases by reference, without names and free text, for a stated purpose."""
    SEE_RULES = "see_rules"
    """The rule sets in plain words, and how often each rule fired."""
    SIGN_RULES = "sign_rules"
    """Sign a rule set for the clinic, and see what it would change in past cases."""
    ACTIVATE_RULES = "activate_rules"
    """Put a rule set that is signed in force."""
    USE_OWN_ACCOUNT = "use_own_account"


PHYSICIAN = frozenset(
    {
        Permission.SEE_CASES,
        Permission.PRINT_CASES,
        Permission.CORRECT_IDENTITY,
        Permission.JOIN_RECORDS,
        Permission.INVITE,
        Permission.SEE_QUEUE,
        Permission.DECIDE,
        Permission.HAND_OVER,
        Permission.WRITE_LETTERS,
        Permission.SEE_ALERTS,
        Permission.ACKNOWLEDGE_ALERTS,
        Permission.ENTER_ANSWERS,
        Permission.SEE_RULES,
        Permission.USE_OWN_ACCOUNT,
    }
)

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.FRONT_DESK: frozenset(
        {
            Permission.SEE_CASES,
            Permission.PRINT_CASES,
            Permission.CORRECT_IDENTITY,
            Permission.JOIN_RECORDS,
            Permission.INVITE,
            Permission.SEE_ALERTS,
            Permission.ACKNOWLEDGE_ALERTS,
            Permission.START_KIOSK,
            Permission.ENTER_ANSWERS,
            Permission.USE_OWN_ACCOUNT,
        }
    ),
    Role.PHYSICIAN: PHYSICIAN,
    Role.MEDICAL_LEAD: PHYSICIAN | {Permission.SIGN_RULES, Permission.SEE_BOARD},
    Role.ADMIN: frozenset(
        {
            Permission.MANAGE_ACCOUNTS,
            Permission.MANAGE_CLINIC,
            Permission.MANAGE_RETENTION,
            Permission.ERASE_PEOPLE,
            Permission.SEE_AUDIT,
            Permission.SEE_BOARD,
            Permission.EXPORT_DATA,
            Permission.SEE_RULES,
            Permission.ACTIVATE_RULES,
            Permission.USE_OWN_ACCOUNT,
        }
    ),
}

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


def roles_of(user: Any) -> list[Role]:
    return [Role(role.name) for role in getattr(user, "roles", [])]


def may(user: Any, permission: Permission) -> bool:
    """Whether an account in use holds a permission."""
    return bool(user.is_authenticated and user.active and any(permission in GRANTS[role] for role in roles_of(user)))


def requires(permission: Permission) -> Callable[[View], View]:
    """Refuse the view to anyone without the permission: to the sign-in page, or 403 when signed in."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                return cast(ResponseReturnValue, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
            if not may(current_user, permission):
                current_app.logger.warning("refused %s to user %s", request.endpoint, current_user.id)
                abort(403)
            return view(*args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return cast(View, guarded)

    return mark


def public(view: View) -> View:
    """Mark a view as open to everyone. A view without either mark fails the tests."""
    view.required_permission = None  # type: ignore[attr-defined]
    return view
