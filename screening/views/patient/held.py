"""A page that is sent when its form is not open in this browser any more: it is kept until the person comes back."""

from __future__ import annotations

from flask import render_template, request, session
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from screening.actions import holding
from screening.actions.alerts import add_contact
from screening.actions.holding import TooLarge
from screening.actions.unit import PATIENT
from screening.forms import QuestionForm
from screening.language import choose
from screening.models import Case, Draft, db
from screening.questions import PAGES
from screening.views.patient.blueprint import BIRTH, EMERGENCY, bp
from screening.views.patient.coming_back import come_back_page
from screening.views.patient.emergency import contact_sent, emergency_told
from screening.views.patient.marks import Mark, mark_sent
from screening.views.patient.pages import form_of
from screening.views.patient.typed import fit_answers, typed_here
from screening.visit import keep_visit


@bp.before_request
def before_page() -> ResponseReturnValue | None:
    keep_visit()
    return late_page()


def late_page() -> ResponseReturnValue | None:
    """What to answer to a page of a form that is not open here; None for every other request.

    Its mark shows that we served it. It is never taken for a page of another form that is open here now.
    """
    mark = mark_sent() if request.method == "POST" else None
    if mark is None or mark.draft_id == session.get("draft_id"):
        return None
    draft = db.session.get(Draft, mark.draft_id)
    if draft is None or _was_sent_here(draft):
        return None
    if draft.closed_at is not None:
        return render_template("patient/already_sent.html", posted=True), 409
    choose(draft.language)
    return _contact_late(draft) if mark.page == EMERGENCY else _keep(draft, mark)


def _was_sent_here(draft: Draft) -> bool:
    receipt = session.get("receipt")
    return receipt is not None and receipt == db.session.scalar(select(Case.id).where(Case.draft_id == draft.id))


def _contact_late(draft: Draft) -> ResponseReturnValue:
    """Who and where somebody in danger is goes to the clinic at once: no code stands before it."""
    contact = contact_sent(draft)
    message = emergency_told(draft)
    if any(contact.values()):
        add_contact(draft_id=draft.id, contact=contact, by=PATIENT)
    return come_back_page(message=message, told_clinic=any(contact.values()))


def _keep(draft: Draft, mark: Mark) -> ResponseReturnValue:
    if mark.page not in PAGES and mark.page != BIRTH:
        return come_back_page()
    typed = typed_here()
    answers = {}
    if mark.page in PAGES:
        form = form_of(PAGES[mark.page], draft)
        form.validate()
        answers = fit_answers(form, draft, typed) if isinstance(form, QuestionForm) else {}
    try:
        message = holding.hold(draft_id=draft.id, page=mark.page, typed=typed, answers=answers, by=PATIENT)
    except TooLarge:
        return come_back_page(), 413
    return come_back_page(message=message, kept=True)
