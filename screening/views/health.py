"""Whether the process serves, and whether the installation is whole: for supervisors, load balancers and alarms."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from screening.access import public
from screening.queries.health import reasons_not_ready

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process serves. Nothing else is asked: pages say themselves when the database is away."""
    return {"status": "ok"}


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """The database answers at this release's schema, and a worker is at work; if not, 503 and why."""
    reasons = reasons_not_ready()
    return {"status": "not ready" if reasons else "ok", "reasons": reasons}, 503 if reasons else 200
