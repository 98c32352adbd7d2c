"""An invited person, known by code and date of birth, gives consent and begins."""

from __future__ import annotations

from flask import render_template, session
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from screening.access import public
from screening.actions import drafts, invitations
from screening.actions.unit import PATIENT, Missing
from screening.forms import StartForm, start_form
from screening.language import choose, language_now
from screening.models import Invitation, db
from screening.sessions import on_tablet, start_over
from screening.tablet import came_by
from screening.views.patient.blueprint import bp, open_page, see_other, today
from screening.visit import begin_visit

HELD = "invitation_id"
"""Where the session keeps the invitation until its form is begun."""


def come_to(invitation: Invitation) -> Response:
    """To the consent, for somebody who gave the code and the date of birth of an invitation."""
    held, language = invitation.id, invitation.language
    start_over(keep=("csrf_token",))
    session[HELD] = held
    choose(language)
    return see_other("patient.invited")


@bp.get("/invitation")
@public
def invited() -> ResponseReturnValue:
    return invited_page()


@bp.post("/invitation")
@public
def accept() -> ResponseReturnValue:
    invitation, form = _held(), _consent()
    if not form.validate():
        return invited_page(form), 422
    came = came_by() if on_tablet() else {}
    draft = invitations.open_invitation(invitation_id=invitation.id, language=language_now(), by=PATIENT, **came)
    draft_id, first = draft.id, drafts.first_unfinished(draft)
    begin_visit(draft_id)
    return open_page(first, None)


def invited_page(form: StartForm | None = None, problem: str = "") -> str:
    invitation, form = _held(), form or _consent()
    return render_template(
        "patient/start.html", invitation=invitation, form=form, errors=form.problems(), problem=problem
    )


def _consent() -> StartForm:
    """The start page's form without the date of birth, which the person gave beside the code."""
    form = start_form(today())
    del form["date_of_birth"]
    return form


def _held() -> Invitation:
    """The invitation that this browser came with, while it is open. Raises Missing."""
    invitation = db.session.get(Invitation, session.get(HELD, 0))
    if invitation is None or not invitations.is_open(invitation):
        raise Missing("no open invitation in this session")
    return invitation
