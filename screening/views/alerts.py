"""Alerts: who needs a clinician now or today."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from screening.access import Permission, requires
from screening.actions import alerts as actions
from screening.actions.unit import Missing
from screening.auth import actor
from screening.queries import alerts as queries

bp = Blueprint("alerts", __name__, url_prefix="/staff/alerts")


@bp.get("")
@requires(Permission.SEE_ALERTS)
def alerts() -> ResponseReturnValue:
    return render_template(
        "staff/alerts.html", waiting=queries.alerts_to_acknowledge(), seen=queries.alerts_acknowledged()
    )


@bp.post("/<int(max=2147483647):alert_id>/acknowledgement")
@requires(Permission.ACKNOWLEDGE_ALERTS)
def acknowledge(alert_id: int) -> ResponseReturnValue:
    try:
        actions.acknowledge(alert_id=alert_id, by=actor())
    except Missing:
        abort(404)
    flash("The alert is yours now.")
    return redirect(url_for("alerts.alerts"))
