"""One person over time: correcting who they are, joining records that are theirs, and their scores."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug.wrappers import Response as Redirect

from screening.access import Permission, may, requires
from screening.actions import joining, review
from screening.actions.correcting import Corrected, CorrectedMeanwhile, correct_identity
from screening.actions.unit import Missing
from screening.auth import actor
from screening.clinic import current_clinic
from screening.entry_forms import AboutForm, about_form
from screening.forms import as_stored
from screening.people_forms import CorrectionForm, JoinForm, OtherForm, UndoForm
from screening.person import PARTS, changed_parts, said
from screening.queries.cases import case_id
from screening.queries.people import Person, identity_at, person_of
from screening.score_history import score_chart, score_history
from screening.staff_forms import error_list

bp = Blueprint("people", __name__, url_prefix="/staff/people")

MEANWHILE = (
    "Somebody else corrected this person’s data while you were typing. Read it above, then save yours or leave it."
)
CHANGED = "One of the two records was changed while you were reading. Compare them again."
THEIRS = "Somebody else corrected this a moment ago. Save again to put yours in its place."


@bp.get("/<reference>/identity")
@requires(Permission.CORRECT_IDENTITY)
def identity(reference: str) -> ResponseReturnValue:
    person = _person(reference)
    review.note_view(case_id=person.this.case_id, page="identity", by=actor())
    return _show_identity(person, about_form(_day(person), person.this.identity), CorrectionForm(formdata=None))


@bp.post("/<reference>/identity")
@requires(Permission.CORRECT_IDENTITY)
def correct(reference: str) -> ResponseReturnValue:
    person = _person(reference)
    form, why = about_form(_day(person), person.this.identity), CorrectionForm()
    sound = [form.validate(), why.validate()]
    seen = why.identity_seen.data
    if why.identity_seen.errors:
        abort(400)
    if not all(sound):
        return _show_identity(person, form, why, seen), 422
    patient, values = person.this.patient_id, form.identity()
    try:
        corrected = correct_identity(patient_id=patient, values=values, reason=why.reason.data, seen=seen, by=actor())
    except CorrectedMeanwhile:
        return _show_both(_person(reference), form, why)
    flash(_said(corrected))
    return _to_case(reference)


@bp.get("/<reference>")
@requires(Permission.JOIN_RECORDS)
def records(reference: str) -> ResponseReturnValue:
    person = _person(reference)
    review.note_view(case_id=person.this.case_id, page="records", by=actor())
    return _show_records(person, OtherForm(formdata=None))


@bp.post("/<reference>/other")
@requires(Permission.JOIN_RECORDS)
def find_other(reference: str) -> ResponseReturnValue:
    person, form = _person(reference), OtherForm()
    if not form.validate():
        return _show_records(person, form), 422
    other = form.other.data.upper()
    if case_id(other) is None:
        form.other.errors = ["There is no screening with this reference. Check it."]
        return _show_records(person, form), 422
    return redirect(url_for("people.compare", reference=reference, other=other), 303)


@bp.get("/<reference>/with/<other>")
@requires(Permission.JOIN_RECORDS)
def compare(reference: str, other: str) -> ResponseReturnValue:
    one, two = _person(reference), _person(other)
    for person in (one, two):
        review.note_view(case_id=person.this.case_id, page="compare", by=actor())
    return _show_two(one, two, JoinForm(formdata=None))


@bp.post("/<reference>/with/<other>")
@requires(Permission.JOIN_RECORDS)
def join(reference: str, other: str) -> ResponseReturnValue:
    one, two, form = _person(reference), _person(other), JoinForm()
    if not form.validate():
        return _show_two(one, two, form), 422
    try:
        joining.join(
            patient_id=one.this.patient_id,
            other_id=two.this.patient_id,
            reason=form.join_reason.data or "",
            seen=(form.identity_seen.data, form.other_seen.data),
            by=actor(),
        )
    except joining.NotJoined as refused:
        form.join_reason.errors = [str(refused)]
        return _show_two(one, two, form), 422
    except joining.ChangedMeanwhile:
        form.form_errors = [CHANGED]
        return _show_two(_person(reference), _person(other), form), 409
    flash("The records are joined. Undo it below if they are of two people.")
    return redirect(url_for("people.records", reference=reference), 303)


@bp.post("/<reference>/undo")
@requires(Permission.JOIN_RECORDS)
def undo(reference: str) -> ResponseReturnValue:
    person, form = _person(reference), UndoForm()
    if not form.validate():
        abort(400)
    try:
        joining.undo(join_id=form.join.data, patient_id=person.this.patient_id, by=actor())
    except Missing:
        flash("Somebody else undid this a moment ago.")
    else:
        flash("The join is undone. Each record is as it was.")
    return redirect(url_for("people.records", reference=reference), 303)


@bp.get("/<reference>/scores.svg")
@requires(Permission.SEE_QUEUE)
def scores(reference: str) -> ResponseReturnValue:
    screenings = _person(reference).all
    if not score_history(screenings).has_chart:
        abort(404)
    return Response(score_chart(screenings), mimetype="image/svg+xml")


def _person(reference: str) -> Person:
    return person_of(reference) or abort(404)


def _day(person: Person) -> date:
    """The day of the screening: a person is of some age on it."""
    return current_clinic().today(person.this.submitted_at)


def _case_href(reference: str) -> str:
    endpoint = "physician.case" if may(current_user, Permission.SEE_QUEUE) else "front_desk.case"
    return url_for(endpoint, reference=reference)


def _to_case(reference: str) -> Redirect:
    return redirect(_case_href(reference), 303)


def _show_identity(person: Person, form: AboutForm, why: CorrectionForm, seen: int | None = None) -> str:
    return render_template(
        "people/identity.html",
        person=person,
        form=form,
        why=why,
        seen=person.corrections_seen if seen is None else seen,
        errors=[*form.problems(), *error_list(why)],
        case_href=_case_href(person.this.reference),
    )


def _show_both(person: Person, typed: AboutForm, why: CorrectionForm) -> ResponseReturnValue:
    """What somebody else corrected, with what this one changed from what they saw on top of it."""
    now = person.this.identity
    seen = identity_at(person.this.patient_id, why.identity_seen.data) or now
    own, theirs = changed_parts(seen, typed.identity()), changed_parts(seen, now)
    with as_stored():
        form = about_form(_day(person), {**now, **own})
    for part in changed_parts(now, own).keys() & theirs.keys():
        form[part].errors = [THEIRS]
    why.form_errors = [MEANWHILE]
    return _show_identity(person, form, why, person.corrections_seen), 409


def _show_records(person: Person, form: OtherForm) -> str:
    return render_template(
        "people/records.html",
        person=person,
        form=form,
        errors=error_list(form),
        case_href=_case_href(person.this.reference),
        parts=PARTS,
        said=said,
    )


def _show_two(one: Person, two: Person, form: JoinForm) -> str:
    errors = error_list(form)
    return render_template("people/compare.html", one=one, two=two, form=form, errors=errors, parts=PARTS, said=said)


def _said(corrected: Corrected) -> str:
    if not corrected.parts:
        return "Nothing was changed."
    if not corrected.reassessed:
        return "The correction is saved."
    same = all(row.before == row.after for row in corrected.reassessed)
    again = " The case waits for a decision again." if any(row.reopened for row in corrected.reassessed) else ""
    tier = "The tier is the same." if same else "The tier changed."
    return f"The correction is saved. The case was assessed again with the new age. {tier}{again}"
