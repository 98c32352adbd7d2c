"""Physicians: the queue in its two lanes, one case with all that was found, decisions."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.access import Permission, requires
from screening.actions import claims, review
from screening.actions.unit import Missing
from screening.auth import actor
from screening.handing_forms import AgreeForm, HandingForm, handing_form
from screening.queries import cases
from screening.queries import queue as waiting
from screening.queries.handing import handing_sheet, physicians
from screening.queries.letters import letters_of
from screening.queries.people import of_case
from screening.queries.queue import Held, QueueFilter
from screening.queries.review import CaseFile, case_file
from screening.queries.rule_sets import re_reviews
from screening.queries.tallies import tallies
from screening.score_history import score_history
from screening.staff_forms import AnnulForm, ClaimForm, DecisionForm, decision_form, error_list
from screening.staff_pages import cursor, tier_filter
from screening.views.asking import Asking, asking, key_in

MEANWHILE: dict[type[Exception], str] = {
    review.DecidedMeanwhile: (
        "Somebody else signed a decision while you were reading. Read it, then sign yours or leave it."
    ),
    review.AmendedMeanwhile: (
        "Answers were changed while you were reading. Read what changed, then sign. What you typed is still here."
    ),
}

bp = Blueprint("physician", __name__, url_prefix="/staff/queue")


@bp.get("")
@requires(Permission.SEE_QUEUE)
def queue() -> ResponseReturnValue:
    held, user_id = request.args.get("held", Held.ALL, type=Held), actor().user_id or 0
    narrowed = QueueFilter(held, tier_filter(), user_id)
    lanes = {lane: waiting.queue(lane, cursor(lane.value), narrowed) for lane in cases.Lane}
    again = {lane: re_reviews(lane) for lane in cases.Lane}
    waits = tallies().waiting()
    counts = {lane: sum(waits[tier] for tier in lane.tiers) for lane in cases.Lane}
    shared = {
        "assigned": waiting.assigned(user_id, cursor("assigned")),
        "opinions": waiting.awaiting_opinions(cursor("opinions")),
    }
    return render_template(
        "physician/queue.html", lanes=lanes, again=again, narrowed=narrowed, counts=counts, shared=shared
    )


@bp.get("/reviewed")
@requires(Permission.SEE_QUEUE)
def reviewed() -> ResponseReturnValue:
    return render_template("physician/reviewed.html", page=waiting.reviewed(cursor("after")))


@bp.get("/next")
@requires(Permission.SEE_QUEUE)
def next_case() -> ResponseReturnValue:
    """The case to take up after the one that `after` names."""
    after = cases.case_id(request.args.get("after", ""))
    reference = waiting.next_case(after, actor().user_id or 0)
    if reference is None:
        flash("No other case waits for you.")
        return redirect(url_for("physician.queue"))
    return redirect(url_for("physician.case", reference=reference))


@bp.get("/<reference>")
@requires(Permission.SEE_QUEUE)
def case(reference: str) -> ResponseReturnValue:
    review.note_view(case_id=_case_id(reference), page="physician", by=actor())
    file = case_file_or_404(reference)
    return show_case(file)


@bp.post("/<reference>/answers")
@requires(Permission.DECIDE)
def key_in_answers(reference: str) -> ResponseReturnValue:
    """What the person said by telephone to any question, those that only a clinician asks among them."""

    def show(asked: Asking) -> str:
        file = case_file_or_404(reference)
        return show_case(file, asked=asked)

    return key_in(reference, clinician=True, show=show, address=url_for("physician.case", reference=reference))


@bp.post("/<reference>/claim")
@requires(Permission.DECIDE)
def claim(reference: str) -> ResponseReturnValue:
    form = ClaimForm()
    if not form.validate():
        abort(400)
    try:
        claims.claim(case_id=_case_id(reference), last_seen=form.last_seen.data, by=actor())
    except claims.ClaimedMeanwhile as other:
        flash(f"{other.name} claimed this case a moment ago.")
    except Missing:
        flash("This case is decided on.")
    return redirect(url_for("physician.case", reference=reference))


@bp.post("/<reference>/release")
@requires(Permission.DECIDE)
def release(reference: str) -> ResponseReturnValue:
    try:
        claims.release(case_id=_case_id(reference), by=actor())
    except Missing:
        flash("This case is decided on.")
    return redirect(url_for("physician.case", reference=reference))


@bp.post("/<reference>/decision")
@requires(Permission.DECIDE)
def decide(reference: str) -> ResponseReturnValue:
    file = case_file_or_404(reference)
    form = decision_form(_rules(file))
    if not form.validate():
        return show_case(file, form), 422
    try:
        review.decide(
            case_id=_case_id(reference),
            kind=review.DecisionKind(form.kind.data),
            reason=form.reason.data,
            last_seen=form.last_seen.data,
            assessment_seen=form.assessment_seen.data,
            not_relevant=form.not_relevant(),
            by=actor(),
        )
    except (review.DecidedMeanwhile, review.AmendedMeanwhile) as news:
        return _show_meanwhile(reference, form, MEANWHILE[type(news)])
    flash("Your decision is signed.")
    return redirect(url_for("physician.case", reference=reference))


@bp.post("/<reference>/annulment")
@requires(Permission.DECIDE)
def annul(reference: str) -> ResponseReturnValue:
    file, form = case_file_or_404(reference), AnnulForm()
    if not form.validate():
        return show_case(file, annul_form=form), 422
    if form.decision.data not in {decision.id for decision in file.standing}:
        abort(404)
    try:
        review.annul(decision_id=form.decision.data, reason=form.annul_reason.data, by=actor())
    except review.NotAnnullable:
        flash("This decision was annulled a moment ago by somebody else.")
    else:
        flash("The decision is annulled.")
    return redirect(url_for("physician.case", reference=reference))


def _case_id(reference: str) -> int:
    found = cases.case_id(reference)
    if found is None:
        abort(404)
    return found


def case_file_or_404(reference: str) -> CaseFile:
    file = case_file(reference)
    if file is None:
        abort(404)
    return file


def _rules(file: CaseFile) -> list[str]:
    return [finding.rule for finding in file.findings]


def _empty_form(file: CaseFile) -> DecisionForm:
    number = file.case.assessment_number
    return decision_form(_rules(file), formdata=None, last_seen=file.last_seen, assessment_seen=number)


def _show_meanwhile(reference: str, typed: DecisionForm, words: str) -> ResponseReturnValue:
    """What is new, above what this physician typed: a mark stays with its finding, or goes into the reason."""
    file = case_file_or_404(reference)
    form = decision_form(_rules(file), last_seen=file.last_seen, assessment_seen=file.case.assessment_number)
    for seen in (form.last_seen, form.assessment_seen):
        seen.raw_data, seen.data = None, seen.object_data
    form.reason.data = "\n".join([typed.reason.data or "", *_left_over(typed, file)]).strip()
    form.form_errors = [words]
    return show_case(file, form), 409


def _left_over(typed: DecisionForm, file: CaseFile) -> list[str]:
    """What was typed beside findings that are gone."""
    return [f"{rule}: {reason}" for rule, reason in typed.not_relevant().items() if rule not in _rules(file)]


def handing_form_of(file: CaseFile, *, renewed: bool = False, **given: object) -> HandingForm:
    """The form to hand the case over, as posted unless `given` says otherwise; `renewed`: all is read by now."""
    sheet = handing_sheet(file.case, actor().user_id or 0)
    assigned = sheet.state.assigned_name is not None
    form = handing_form(physicians(but=actor().user_id), assigned=assigned, **given)
    if renewed:
        form.handover_seen.raw_data, form.handover_seen.data = None, sheet.last_seen
    return form


def show_case(
    file: CaseFile,
    form: DecisionForm | None = None,
    annul_form: AnnulForm | None = None,
    asked: Asking | None = None,
    handing_form: HandingForm | None = None,
    agree_form: AgreeForm | None = None,
) -> str:
    """The page of a case, with the forms that somebody has filled in."""
    asked = asked or asking(file.case.reference, clinician=True)
    form, annul_form = form or _empty_form(file), annul_form or AnnulForm(formdata=None)
    sheet = handing_sheet(file.case, actor().user_id or 0)
    handing_form = handing_form or handing_form_of(file, formdata=None, handover_seen=sheet.last_seen)
    agree_form = agree_form or AgreeForm(formdata=None)
    forms = (form, annul_form, handing_form, agree_form)
    person = of_case(file.case.reference)
    return render_template(
        "physician/case.html",
        file=file,
        person=person,
        score_history=score_history(person.all),
        form=form,
        annul_form=annul_form,
        handing=sheet,
        letters=letters_of(file.case),
        handing_form=handing_form,
        agree_form=agree_form,
        asking=asked,
        errors=[*asked.problems, *(error for one in forms for error in error_list(one))],
        meanwhile=bool(form.form_errors),
    )
