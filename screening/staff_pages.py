"""What all staff pages share: the navigation, the strip of open alerts, and how times and people are written."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Flask, request, url_for
from flask_security import current_user
from sqlalchemy.exc import SQLAlchemyError

from rules.model import Tier
from screening import clock, staff_visit
from screening.access import Permission, may
from screening.clinic import current_clinic
from screening.person import birth_date
from screening.queries.alerts import open_alerts
from screening.rulebook import rules_approved

STAFF_PREFIX = "/staff"
CURSOR_DIGITS_MAX = 9

NAVIGATION = (
    ("physician.queue", "Queue", Permission.SEE_QUEUE),
    ("front_desk.cases", "Submissions", Permission.SEE_CASES),
    ("invitations.invitations", "Invitations", Permission.INVITE),
    ("alerts.alerts", "Alerts", Permission.SEE_ALERTS),
    ("entry.entries", "Paper and phone", Permission.ENTER_ANSWERS),
    ("kiosk.tablets", "Tablets", Permission.START_KIOSK),
    ("admin.accounts", "Accounts", Permission.MANAGE_ACCOUNTS),
    ("admin.clinic_settings", "Clinic", Permission.MANAGE_CLINIC),
    ("retention.retention", "Retention", Permission.MANAGE_RETENTION),
    ("audit.audit", "Audit", Permission.SEE_AUDIT),
    ("board.board", "Board", Permission.SEE_BOARD),
    ("exports.exports", "Export", Permission.EXPORT_DATA),
    ("rule_sets.in_force", "Rules", Permission.SEE_RULES),
    ("account.own", "My account", Permission.USE_OWN_ACCOUNT),
)
"""Endpoint, words and permission, in the order shown. The first that an account may see is its home."""


def init_staff_pages(app: Flask) -> None:
    app.context_processor(staff_context)
    app.add_template_filter(clinic_time)
    app.add_template_filter(waited)
    app.add_template_filter(span)
    app.add_template_global(review_by)
    app.add_template_filter(birth_date)


def staff_context() -> dict[str, Any]:
    """Nothing on a patient's page, whoever is signed in, and nothing while the database does not answer."""
    try:
        signed_in = request.path.startswith(STAFF_PREFIX) and current_user.is_authenticated
        return _staff_furniture() if signed_in else {}
    except SQLAlchemyError:
        return {}


def _staff_furniture() -> dict[str, Any]:
    return {
        "staff_nav": navigation(),
        "home_href": url_for("account.home"),
        "sign_out_href": url_for("security.logout"),
        "open_alerts": open_alerts() if may(current_user, Permission.SEE_ALERTS) else None,
        "may": lambda name: may(current_user, Permission(name)),
        "now": clock.now(),
        "rules_approved": rules_approved(),
        "stay_seconds": staff_visit.seconds_left(),
        "stay_warned_before": int(staff_visit.WARNED_BEFORE.total_seconds()),
    }


def navigation() -> list[dict[str, Any]]:
    here = (request.endpoint or "").split(".")[0]
    shared = sum(endpoint.startswith(f"{here}.") for endpoint, _, _ in NAVIGATION) > 1
    return [
        {
            "href": url_for(endpoint),
            "text": words,
            "active": request.endpoint == endpoint if shared else endpoint.startswith(f"{here}."),
        }
        for endpoint, words, permission in NAVIGATION
        if may(current_user, permission)
    ]


def home_endpoint() -> str:
    """Where an account's work begins."""
    return next(endpoint for endpoint, _, permission in NAVIGATION if may(current_user, permission))


def clinic_time(moment: datetime) -> str:
    """A moment in the clinic's time zone: 22 Nov, 09:14; with the year if it is another one."""
    clinic = current_clinic()
    local = moment.astimezone(clinic.zone)
    year = "" if local.year == clinic.today(clock.now()).year else f" {local.year}"
    return f"{local.day} {local:%b}{year}, {local:%H:%M}"


def waited(since: datetime) -> str:
    """How long ago."""
    return span(clock.now() - since)


def span(length: timedelta) -> str:
    """A stretch of time in its two largest units, without a unit of none: 35 min, 3 h 20 min, 2 d 4 h, 14 d."""
    minutes = max(0, int(length / timedelta(minutes=1)))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{days} d", f"{hours} h"] if days else [f"{hours} h", f"{rest} min"]
    return " ".join(part for part in parts if not part.startswith("0 ")) or "0 min"


def review_by(tier: Tier, submitted_at: datetime) -> datetime | None:
    """By when the clinic wants a case decided on."""
    return current_clinic().review_by(tier.name, submitted_at)


def cursor(name: str) -> int | None:
    """The id of the last row shown, from the address. Anything else there counts as the first page."""
    typed = request.args.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= CURSOR_DIGITS_MAX else None


def tier_filter() -> Tier | None:
    """The tier that a list is narrowed to, from the address: its name in small letters. Anything else is no filter."""
    return {tier.name.lower(): tier for tier in Tier}.get(request.args.get("tier", ""))
