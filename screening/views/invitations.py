"""Invitations: who was asked to fill in the form, how far they are, and the sheet to hand over."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening import clock
from screening.access import Permission, requires
from screening.actions import invitations as actions
from screening.auth import actor
from screening.clinic import current_clinic
from screening.invitation_form import invitation_form
from screening.language import english_name, offered
from screening.queries import invitations as queries
from screening.queries.invitations import InvitationFilter
from screening.staff_pages import cursor

bp = Blueprint("invitations", __name__, url_prefix="/staff/invitations")

ONE = "/<int(max=2147483647):invitation_id>"


@bp.get("")
@requires(Permission.INVITE)
def invitations() -> ResponseReturnValue:
    shown = request.args.get("show", InvitationFilter.OPEN, type=InvitationFilter)
    page = queries.invitation_list(shown, cursor("after"))
    return render_template(
        "front_desk/invitations.html", page=page, shown=shown, filters=InvitationFilter, can_mail=actions.can_mail()
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.INVITE)
def invite() -> ResponseReturnValue:
    form = invitation_form(_today(), offered())
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        shown = {"form": form, "errors": form.problems(), "can_mail": actions.can_mail()}
        return render_template("front_desk/invite.html", **shown), status
    invitation = actions.create(identity=form.identity(), language=form["language"].data, by=actor())
    return _back(invitation.id, "The invitation is made.")


@bp.get(ONE)
@requires(Permission.INVITE)
def invitation(invitation_id: int) -> ResponseReturnValue:
    return _page(invitation_id)


@bp.post(f"{ONE}/sheet")
@requires(Permission.INVITE)
def print_sheet(invitation_id: int) -> ResponseReturnValue:
    pdf = actions.print_sheet(invitation_id=_known(invitation_id), by=actor())
    disposition = f'inline; filename="invitation-{invitation_id}.pdf"'
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": disposition})


@bp.post(f"{ONE}/code")
@requires(Permission.INVITE)
def show_code(invitation_id: int) -> ResponseReturnValue:
    return _page(invitation_id, code=actions.show_code(invitation_id=_known(invitation_id), by=actor()))


@bp.post(f"{ONE}/reminder")
@requires(Permission.INVITE)
def remind(invitation_id: int) -> ResponseReturnValue:
    sent = actions.remind(invitation_id=_known(invitation_id), by=actor())
    return _back(invitation_id, "The reminder is on its way." if sent else "There was nothing to send.")


@bp.post(f"{ONE}/revocation")
@requires(Permission.INVITE)
def revoke(invitation_id: int) -> ResponseReturnValue:
    actions.revoke(invitation_id=_known(invitation_id), by=actor())
    return _back(invitation_id, "The invitation is revoked. Its code does not work any more.")


@bp.errorhandler(actions.NotOpen)
def not_open(_error: actions.NotOpen) -> ResponseReturnValue:
    """Somebody revoked it, or the person sent the form, since the page was opened."""
    invitation_id = (request.view_args or {})["invitation_id"]
    return _back(invitation_id, "This invitation is not open any more, so nothing was done.")


def _today() -> date:
    return current_clinic().today(clock.now())


def _known(invitation_id: int) -> int:
    """The id, if there is such an invitation; else the page is not found."""
    return invitation_id if queries.invitation_row(invitation_id) else abort(404)


def _page(invitation_id: int, code: str | None = None) -> str:
    row = queries.invitation_row(invitation_id) or abort(404)
    return render_template(
        "front_desk/invitation.html",
        row=row,
        code=code,
        language=english_name(row.language),
        come_back=actions.come_back_address(),
        can_mail=actions.can_mail(),
    )


def _back(invitation_id: int, done: str) -> ResponseReturnValue:
    flash(done)
    return redirect(url_for("invitations.invitation", invitation_id=invitation_id))
