"""What staff key in: forms on paper, and answers given by telephone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from rules import AnswerError
from rules.model import ENGLISH
from screening import clock, journey
from screening.access import Permission, requires
from screening.actions import drafts
from screening.actions import entry as actions
from screening.actions.drafts import Saved
from screening.actions.submit import Unfinished
from screening.actions.unit import Missing
from screening.auth import actor
from screening.clinic import current_clinic
from screening.entry_forms import SentForm, about_form, begin_form, sent_form
from screening.forms import ContactForm, QuestionForm, page_form
from screening.language import english_name, offered
from screening.models import Draft
from screening.notices import Kind, Message
from screening.paper_form import PAGE_CODES, pressed
from screening.paper_form import blank_form as blank_form_of
from screening.provenance import Channel
from screening.queries.entry import open_entries
from screening.questions import PAGES, step_of
from screening.questions.spec import Page
from screening.record import build_record
from screening.rulebook import ruleset

bp = Blueprint("entry", __name__, url_prefix="/staff/entry")

OPEN = "/<int(max=2147483647):draft_id>"
CHECK = "check"
CALL = (Kind.EMERGENCY, Kind.URGENT)
"""What stands on the page that says whom to call now."""


@bp.get("")
@requires(Permission.ENTER_ANSWERS)
def entries() -> ResponseReturnValue:
    languages = {code: english_name(code) for code in offered()}
    return render_template(
        "entry/entries.html", rows=open_entries(), pages=PAGES, codes=PAGE_CODES, languages=languages
    )


@bp.get("/blank-form.pdf")
@requires(Permission.ENTER_ANSWERS)
def blank_form() -> ResponseReturnValue:
    language = request.args.get("language", ENGLISH)
    if language not in offered():
        abort(404)
    form = blank_form_of(ruleset(), current_clinic(), language)
    return Response(pressed(form), mimetype="application/pdf")


@bp.route("/new/<any(paper,phone):channel>", methods=["GET", "POST"])
@requires(Permission.ENTER_ANSWERS)
def begin(channel: str) -> ResponseReturnValue:
    form = begin_form(Channel(channel), current_clinic().today(clock.now()))
    if not form.validate_on_submit():
        page = render_template("entry/begin.html", form=form, errors=form.problems(), channel=Channel(channel))
        return page, 422 if form.is_submitted() else 200
    saved = actions.begin(
        channel=Channel(channel),
        identity=form.identity(),
        filled_on=form.day(),
        language=form.written_in(),
        by=actor(),
    )
    return _to(saved.draft, drafts.first_unfinished(saved.draft))


@bp.get(OPEN)
@requires(Permission.ENTER_ANSWERS)
def resume(draft_id: int) -> ResponseReturnValue:
    draft = actions.load(draft_id)
    return _to(draft, drafts.first_unfinished(draft))


@bp.get(f"{OPEN}/pages/<page_id>")
@requires(Permission.ENTER_ANSWERS)
def page(draft_id: int, page_id: str) -> ResponseReturnValue:
    draft = actions.load(draft_id)
    asked = PAGES.get(page_id) or abort(404)
    return _off_path(draft, asked) or _page(draft, asked, _form(draft, asked))


@bp.post(f"{OPEN}/pages/<page_id>")
@requires(Permission.ENTER_ANSWERS)
def answer(draft_id: int, page_id: str) -> ResponseReturnValue:
    draft = actions.load(draft_id)
    asked = PAGES.get(page_id) or abort(404)
    if away := _off_path(draft, asked):
        return away
    form = _form(draft, asked)
    if not form.validate():
        return _page(draft, asked, form), 422
    saved = _save(draft, form)
    if saved.show_emergency or saved.urgent_new:
        return _see("entry.call", draft, after=asked.id, to=_to_check())
    return _onward(saved.draft, asked)


@bp.get(f"{OPEN}/call")
@requires(Permission.ENTER_ANSWERS)
def call(draft_id: int) -> ResponseReturnValue:
    """Whom to call now, in place of the page that a patient would be shown."""
    draft = actions.load(draft_id)
    shown = _told(draft, *CALL)
    if not shown:
        return _onward(draft, _after())
    return render_template("entry/call.html", draft=draft, messages=shown, after=_after(), to=_to_check())


@bp.post(f"{OPEN}/call")
@requires(Permission.ENTER_ANSWERS)
def go_on(draft_id: int) -> ResponseReturnValue:
    return _onward(actions.note_call(draft_id=draft_id, by=actor()), _after())


@bp.get(f"{OPEN}/check")
@requires(Permission.ENTER_ANSWERS)
def check(draft_id: int) -> ResponseReturnValue:
    draft = actions.load(draft_id)
    unfinished = drafts.first_unfinished(draft)
    if unfinished:
        flash("These answers are not keyed in yet.")
        return _to(draft, unfinished)
    return _check(draft, sent_form(Channel(draft.channel)))


@bp.post(f"{OPEN}/check")
@requires(Permission.ENTER_ANSWERS)
def send(draft_id: int) -> ResponseReturnValue:
    draft = actions.load(draft_id)
    form = sent_form(Channel(draft.channel))
    if not form.validate():
        return _check(draft, form), 422
    try:
        reference = actions.send(draft_id=draft_id, by=actor()).reference
    except Unfinished as unfinished:
        return redirect(url_for("entry.page", draft_id=draft_id, page_id=unfinished.page.id), 303)
    flash("The form is sent.")
    return redirect(url_for("front_desk.case", reference=reference), 303)


@bp.post(f"{OPEN}/discard")
@requires(Permission.ENTER_ANSWERS)
def discard(draft_id: int) -> ResponseReturnValue:
    actions.discard(draft_id=draft_id, by=actor())
    flash("The form is put away. An alert that it raised stays open.")
    return redirect(url_for("entry.entries"), 303)


@bp.errorhandler(Missing)
def not_open(_error: Missing) -> ResponseReturnValue:
    """Sent or put away meanwhile, by somebody else perhaps, or never one of these."""
    return render_template("entry/not_open.html", posted=request.method == "POST"), 404


def _form(draft: Draft, asked: Page) -> QuestionForm | ContactForm:
    if asked.identity:
        return about_form(current_clinic().today(clock.now()), draft.identity)
    answers = drafts.answers_so_far(draft)
    return page_form(asked, journey.questions_on_page(ruleset(), asked, answers), answers, allow_blank=True)


def _save(draft: Draft, form: QuestionForm | ContactForm) -> Saved:
    if isinstance(form, ContactForm):
        return actions.save_identity(draft_id=draft.id, identity=form.identity(), by=actor())
    try:
        return actions.save_page(draft_id=draft.id, values=form.answers(), by=actor())
    except AnswerError:
        # Each answer passed its form: only a program can send what the rules still refuse.
        abort(400)


def _page(draft: Draft, asked: Page, form: QuestionForm | ContactForm) -> str:
    answers = drafts.answers_so_far(draft)
    previous = journey.previous_page(ruleset(), asked, answers)
    return render_template(
        "entry/page.html",
        draft=draft,
        page=asked,
        step=step_of(asked),
        form=form,
        errors=form.problems(),
        back=previous,
        path=journey.pages_on_path(ruleset(), answers),
        unfinished=journey.unfinished(ruleset(), answers, draft.identity),
        codes=PAGE_CODES,
        told=[message for message in _told(draft) if message.everywhere or asked.crisis_line],
        to=_to_check(),
    )


def _check(draft: Draft, form: SentForm) -> str:
    return render_template(
        "entry/check.html",
        draft=draft,
        sections=build_record(ruleset(), drafts.answers_so_far(draft)).sections,
        form=form,
        errors=form.problems(),
        told=_told(draft),
        codes=PAGE_CODES,
        to=CHECK,
    )


def _told(draft: Draft, *kinds: Kind) -> list[Message]:
    """What was found: the given kinds, or what stands on top of other pages."""
    found = drafts.messages_of(draft)
    return [told for told in found if (told.kind in kinds if kinds else told.kind != Kind.EMERGENCY)]


def _off_path(draft: Draft, asked: Page) -> Response | None:
    if asked in journey.pages_on_path(ruleset(), drafts.answers_so_far(draft)):
        return None
    flash("That page is not asked of this person.")
    return _to(draft, drafts.first_unfinished(draft))


def _onward(draft: Draft, asked: Page | None) -> Response:
    """To the page after this one, or back to the summary where that is where the clerk came from."""
    if _to_check() or asked is None:
        return _to(draft, drafts.first_unfinished(draft))
    return _to(draft, journey.next_page(ruleset(), asked, drafts.answers_so_far(draft)))


def _to(draft: Draft, asked: Page | None) -> Response:
    """To a page, or to the summary when there is none left."""
    if asked is None:
        return _see("entry.check", draft)
    return _see("entry.page", draft, page_id=asked.id, to=_to_check())


def _see(endpoint: str, draft: Draft, **values: Any) -> Response:
    return redirect(url_for(endpoint, draft_id=draft.id, **values), 303)


def _to_check() -> str | None:
    return CHECK if request.args.get("to") == CHECK else None


def _after() -> Page | None:
    """The page whose answers led to the present one."""
    return PAGES.get(request.args.get("after", ""))
