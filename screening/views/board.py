"""The practice manager's board: numbers of the last weeks, as charts and tables."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from screening import clock
from screening.access import Permission, requires
from screening.board import PANELS, WEEKS
from screening.clinic import current_clinic
from screening.queries.board import Span

bp = Blueprint("board", __name__, url_prefix="/staff/board")


@bp.get("")
@requires(Permission.SEE_BOARD)
def board() -> ResponseReturnValue:
    span, clinic = _span(), current_clinic()
    panels = {name: panel(span, clinic) for name, panel in PANELS.items()}
    return render_template("admin/board.html", span=span, panels=panels, choices=WEEKS)


@bp.get("/<name>.svg")
@requires(Permission.SEE_BOARD)
def chart(name: str) -> ResponseReturnValue:
    if name not in PANELS:
        abort(404)
    return Response(PANELS[name](_span(), current_clinic()).chart(), mimetype="image/svg+xml")


def _span() -> Span:
    """The weeks that the address asks for. Anything else there is the usual span."""
    weeks = {str(weeks): weeks for weeks in WEEKS}.get(request.args.get("weeks", ""), WEEKS[1])
    return Span.of(weeks, clock.now(), current_clinic().zone)
