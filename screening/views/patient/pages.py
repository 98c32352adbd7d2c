"""The pages of the questionnaire."""

from __future__ import annotations

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from rules import AnswerError
from screening import journey
from screening.access import public
from screening.actions import drafts, holding
from screening.actions.drafts import Saved
from screening.actions.unit import PATIENT
from screening.forms import ContactForm, QuestionForm, as_if_sent, contact_form, page_form
from screening.models import Draft
from screening.questions import PAGES
from screening.questions.spec import Page
from screening.rulebook import ruleset
from screening.views.patient.blueprint import BIRTH, bp, current_draft, open_page, see_other, to_check, told_context
from screening.views.patient.typed import STOP, fit_answers, has_text, typed_here


@bp.get("/screening/<page_id>")
@public
def page(page_id: str) -> ResponseReturnValue:
    asked = PAGES.get(page_id) or abort(404)
    draft = current_draft()
    return elsewhere(asked, draft) or question_page(asked, draft)


@bp.post("/screening/<page_id>")
@public
def answer(page_id: str) -> ResponseReturnValue:
    asked = PAGES.get(page_id) or abort(404)
    draft = current_draft()
    if away := elsewhere(asked, draft):
        flash(_("We did not need the page you sent any more. Please go on from here."))
        return away
    form = form_of(asked, draft)
    if STOP in request.form:
        return stop_here(asked, draft, form)
    if not form.validate():
        return question_page(asked, draft, form), 422
    return _onward(asked, save_form(asked, draft, form))


def question_page(asked: Page, draft: Draft, form: QuestionForm | ContactForm | None = None, problem: str = "") -> str:
    """A page of the form, with `problem` on top where something other than an answer is wrong."""
    if form is None and request.method == "GET" and (typed := holding.held_of(draft, asked.id)):
        form = form_of(asked, draft, typed)
        form.validate()
        problem = _("We kept what you typed here. Look at it once more, then press the button.")
    form = form or form_of(asked, draft)
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


def form_of(asked: Page, draft: Draft, typed: holding.Typed | None = None) -> QuestionForm | ContactForm:
    """The form of a page, filled in with `typed`, with what is being sent, or with what is stored."""
    if typed is not None:
        with as_if_sent(typed):
            return form_of(asked, draft)
    if asked.identity:
        return contact_form(draft.identity)
    answers = drafts.answers_so_far(draft)
    return page_form(asked, journey.questions_on_page(ruleset(), asked, answers), answers)


def elsewhere(asked: Page, draft: Draft) -> Response | None:
    """Where to go if the page is off the path, or ahead of the first one that still needs an answer."""
    path = journey.pages_on_path(ruleset(), drafts.answers_so_far(draft))
    first = drafts.first_unfinished(draft)
    if asked in path and (first is None or path.index(asked) <= path.index(first)):
        return None
    return open_page(first, to_check())


def save_form(asked: Page, draft: Draft, form: QuestionForm | ContactForm) -> Saved:
    """Keep what a valid form holds."""
    if isinstance(form, ContactForm):
        return drafts.save_identity(draft_id=draft.id, identity=form.identity(), page=asked.id, by=PATIENT)
    try:
        return drafts.save_page(draft_id=draft.id, values=form.answers(), page=asked.id, by=PATIENT)
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
    """To a page where something that was typed waits to be saved, else to where the person was."""
    waiting = [held.page for held in holding.all_held(draft)]
    if BIRTH in waiting:
        return see_other("patient.birth", to=to_check())
    held = next((PAGES[page] for page in waiting if page in PAGES and not elsewhere(PAGES[page], draft)), None)
    return open_page(held or drafts.first_unfinished(draft), to_check())


def page_asked() -> Page:
    """The page that the present request names."""
    return PAGES.get((request.view_args or {}).get("page_id", "")) or abort(404)


def stop_here(asked: Page, draft: Draft, form: QuestionForm | ContactForm) -> Response:
    """Keep all that was typed before the person stops: answers that are fit to save are saved, the rest is held."""
    typed = typed_here()
    saved = None
    left = [field.name for field in form.shown()]
    if form.validate() and isinstance(form, ContactForm):
        saved, left = save_form(asked, draft, form), []
    elif isinstance(form, QuestionForm):
        left = [field.name for field in form.shown() if field.errors]
        if answers := fit_answers(form, draft, typed):
            saved = drafts.save_page(draft_id=draft.id, values=answers, page=asked.id, by=PATIENT)
    if any(has_text(name, typed) for name in left):
        holding.hold(draft_id=draft.id, page=asked.id, typed=typed, answers={}, by=PATIENT)
    if saved and saved.show_emergency:
        return see_other("patient.emergency", to=to_check())
    return see_other("patient.stop")
