"""The pages of the questionnaire."""

from __future__ import annotations

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from rules import AnswerError
from screening import journey
from screening.access import public
from screening.actions import drafts
from screening.actions.drafts import Saved
from screening.actions.unit import PATIENT
from screening.forms import ContactForm, QuestionForm, contact_form, page_form
from screening.models import Draft
from screening.questions import PAGES
from screening.questions.spec import Page
from screening.rulebook import ruleset
from screening.views.patient.blueprint import bp, current_draft, open_page, see_other, to_check, told_context


@bp.get("/screening/<page_id>")
@public
def page(page_id: str) -> ResponseReturnValue:
    asked = PAGES.get(page_id) or abort(404)
    draft = current_draft()
    return _elsewhere(asked, draft) or question_page(asked, draft)


@bp.post("/screening/<page_id>")
@public
def answer(page_id: str) -> ResponseReturnValue:
    asked = PAGES.get(page_id) or abort(404)
    draft = current_draft()
    if away := _elsewhere(asked, draft):
        flash(_("We did not need the page you sent any more. Please go on from here."))
        return away
    form = _form(asked, draft)
    if not form.validate():
        return question_page(asked, draft, form), 422
    return _onward(asked, _save(asked, draft, form))


def question_page(asked: Page, draft: Draft, form: QuestionForm | ContactForm | None = None, problem: str = "") -> str:
    """A page of the form, with `problem` on top where something other than an answer is wrong."""
    form = form or _form(asked, draft)
    return render_template(
        "patient/page.html",
        page=asked,
        form=form,
        errors=form.problems(),
        problem=problem,
        progress=journey.progress(asked),
        back_href=_back_href(asked, draft),
        to=to_check(),
        **told_context(draft, mood=asked.crisis_line),
    )


def _back_href(asked: Page, draft: Draft) -> str:
    previous = journey.previous_page(ruleset(), asked, drafts.answers_so_far(draft))
    if to_check():
        return url_for("patient.check")
    return url_for("patient.page", page_id=previous.id) if previous else url_for("patient.birth")


def _form(asked: Page, draft: Draft) -> QuestionForm | ContactForm:
    if asked.identity:
        return contact_form(draft.identity)
    answers = drafts.answers_so_far(draft)
    return page_form(asked, journey.questions_on_page(ruleset(), asked, answers), answers)


def _elsewhere(asked: Page, draft: Draft) -> Response | None:
    """Where to go if the page is off the path, or ahead of the first one that still needs an answer."""
    path = journey.pages_on_path(ruleset(), drafts.answers_so_far(draft))
    first = drafts.first_unfinished(draft)
    if asked in path and (first is None or path.index(asked) <= path.index(first)):
        return None
    return open_page(first, to_check())


def _save(asked: Page, draft: Draft, form: QuestionForm | ContactForm) -> Saved:
    if isinstance(form, ContactForm):
        return drafts.save_identity(draft_id=draft.id, identity=form.identity(), by=PATIENT)
    try:
        return drafts.save_page(draft_id=draft.id, values=form.answers(), by=PATIENT)
    except AnswerError:
        # Each answer passed its form: only a program can send what the rules still refuse.
        abort(400)


def _onward(asked: Page, saved: Saved) -> Response:
    if saved.show_emergency:
        return see_other("patient.emergency", to=to_check())
    if to_check():
        return open_page(drafts.first_unfinished(saved.draft), to_check())
    return open_page(journey.next_page(ruleset(), asked, drafts.answers_so_far(saved.draft)), None)


def resume(draft: Draft) -> Response:
    """To the page where the person was."""
    return open_page(drafts.first_unfinished(draft), to_check())


def page_asked() -> Page:
    """The page that the present request names."""
    return PAGES.get((request.view_args or {}).get("page_id", "")) or abort(404)
