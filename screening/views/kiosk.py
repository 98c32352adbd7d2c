"""Tablets: staff start and end them; a tablet clears itself between one patient and the next."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import user_authenticated as signed_in

from screening import tablet
from screening.access import Permission, public, requires
from screening.actions import kiosk as actions
from screening.actions.unit import Actor, Missing
from screening.auth import actor
from screening.models import Kiosk, User
from screening.queries import kiosk as queries
from screening.security import clear_browser
from screening.sessions import TABLET, on_tablet, start_over
from screening.staff_forms import TabletForm, error_list
from screening.tablet import Tablet

bp = Blueprint("kiosk", __name__)

NOT_ON_TABLETS = ("patient.copy", "patient.your_copy", "patient.download_copy")
"""A download would stay on the tablet."""
START = ("patient.start", "patient.begin")
"""Where one patient after another begins: the time runs from the first touch."""
PUBLIC = ("patient", "kiosk")
"""Parts that are refused on a tablet that was ended."""


@bp.get("/staff/tablets")
@requires(Permission.START_KIOSK)
def tablets() -> ResponseReturnValue:
    return _tablets(TabletForm())


@bp.post("/staff/tablets")
@requires(Permission.START_KIOSK)
def start() -> ResponseReturnValue:
    """This browser is a tablet from now on: its session holds that alone, and nobody is signed in on it."""
    form = TabletForm()
    if not form.validate():
        return _tablets(form), 422
    kiosk_id = actions.start(name=form.name.data, by=actor()).id
    start_over(keep=())
    session[TABLET] = kiosk_id
    return redirect(url_for("patient.start"), 303)


@bp.post("/staff/tablets/<int(max=2147483647):kiosk_id>/end")
@requires(Permission.START_KIOSK)
def end(kiosk_id: int) -> ResponseReturnValue:
    try:
        actions.end(kiosk_id=kiosk_id, by=actor())
    except Missing:
        abort(404)
    flash("The tablet is ended. It shows nothing more until somebody signs in on it.")
    return redirect(url_for("kiosk.tablets"), 303)


@bp.post("/tablet/stop")
@public
def stop() -> ResponseReturnValue:
    """The person stops, or is gone."""
    if on_tablet():
        tablet.clear_away()
    return redirect(url_for("patient.start"), 303)


@bp.post("/tablet/here")
@public
def here() -> ResponseReturnValue:
    """Word of the page's script that somebody is there."""
    if on_tablet() and not tablet.is_over():
        tablet.touch(session.get(tablet.SECONDS, tablet.seconds_for(None)))
    return "", 204


@bp.get("/tablet/idle")
@public
def idle() -> ResponseReturnValue:
    """Where a page without a script goes when its time is over: a minute to say that somebody is there."""
    if not (on_tablet() and tablet.holds_form()):
        return redirect(url_for("patient.start"), 303)
    tablet.touch(tablet.WARNING_SECONDS, grace=0)
    return render_template("kiosk/idle.html", seconds=tablet.WARNING_SECONDS)


def keep_apart() -> ResponseReturnValue | None:
    """On a tablet: refuse one that was ended, and clear away a form that was left, before anything of it is shown."""
    if request.endpoint == "static" or not on_tablet():
        return None
    g.kiosk = queries.in_use(session[TABLET])
    if request.blueprint not in PUBLIC or request.path.startswith("/staff"):
        return None
    if g.kiosk is None:
        if tablet.holds_form():
            tablet.clear_away()
        return render_template("kiosk/ended.html"), 410
    if request.endpoint in NOT_ON_TABLETS:
        abort(404)
    if request.method == "GET" and tablet.holds_form() and tablet.is_over():
        tablet.clear_away()
        return redirect(url_for("patient.start"), 303)
    if request.blueprint == "patient":
        tablet.touch(tablet.seconds_for(request.endpoint))
    return None


@bp.app_context_processor
def tablet_context() -> dict[str, Any]:
    kiosk: Kiosk | None = g.get("kiosk")
    if kiosk is None:
        return {}
    seconds = tablet.seconds_for(request.endpoint)
    armed = tablet.holds_form() or request.endpoint not in START
    return {"tablet": Tablet(kiosk.name, seconds, tablet.WARNING_SECONDS, armed)}


def init_tablets(app: Flask) -> None:
    # Before all else: what answers a post without its mark would show a page of the form.
    app.before_request_funcs.setdefault(None, []).insert(0, keep_apart)
    signed_in.connect(_leave, app)


def _leave(_app: Flask, user: User, **_details: Any) -> None:
    """A member of staff has signed in on a tablet, which is one no more, and what it held is gone."""
    if on_tablet():
        actions.end(kiosk_id=session[TABLET], by=Actor("staff", user_id=user.id, name=user.full_name))
        clear_browser()
        for name in (*tablet.OWN, *tablet.FORM):
            session.pop(name, None)


def _tablets(form: TabletForm) -> str:
    return render_template("kiosk/tablets.html", form=form, errors=error_list(form), rows=queries.running())
