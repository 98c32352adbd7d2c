"""Views: parse, authorise, call one action, respond. Each carries @public or @requires (see access.py)."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from screening.clinic import current_clinic, last_known_clinic
from screening.staff_pages import init_staff_pages
from screening.views import (
    account,
    admin,
    alerts,
    audit,
    batches,
    board,
    entry,
    exports,
    front_desk,
    handing,
    health,
    invitations,
    kiosk,
    languages,
    letters,
    passkeys,
    patient,
    people,
    physician,
    prints,
    retention,
    rule_sets,
    second_factor,
)

BLUEPRINTS = (
    patient.bp,
    account.bp,
    second_factor.bp,
    passkeys.bp,
    front_desk.bp,
    batches.bp,
    prints.bp,
    invitations.bp,
    physician.bp,
    people.bp,
    handing.bp,
    letters.bp,
    alerts.bp,
    entry.bp,
    kiosk.bp,
    rule_sets.bp,
    admin.bp,
    retention.bp,
    audit.bp,
    board.bp,
    languages.bp,
    exports.bp,
    health.bp,
)


def init_views(app: Flask) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.context_processor(page_furniture)
    init_staff_pages(app)
    kiosk.init_tablets(app)


def page_furniture() -> dict[str, Any]:
    """What every page shows: the clinic, and whether this is the demo."""
    try:
        clinic = current_clinic()
    except SQLAlchemyError:
        # An error page must show the emergency numbers even while the database does not answer.
        clinic = last_known_clinic()
    return {"clinic": clinic, "demo_mode": current_app.extensions["settings"].demo}
