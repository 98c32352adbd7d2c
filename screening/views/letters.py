"""Letters to referrers: written and signed by the physician whose decision they tell, and the clinic's template."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from screening.access import Permission, requires
from screening.actions import letters as actions
from screening.actions import review
from screening.actions.clinic import save_settings
from screening.actions.unit import Missing
from screening.auth import actor
from screening.clinic import current_clinic
from screening.letter import blocks
from screening.letter_forms import LetterForm, LetterTemplateForm
from screening.letter_words import DEFAULT_TEMPLATE, EXAMPLE, PLACEHOLDERS, filled_in
from screening.queries.handing import handing_sheet
from screening.queries.letters import first_text, letters_of
from screening.queries.review import CaseFile
from screening.rendering import NotPrinted
from screening.staff_forms import error_list
from screening.views.physician import case_file_or_404

bp = Blueprint("letters", __name__, url_prefix="/staff")

CASE = "/queue/<reference>/letters"
MEANWHILE = "The case was changed or decided on while you wrote. Read it, then sign the letter if it still holds."
NOT_MADE = "The letter could not be made, and nothing is signed. Your text is still here: try again."


@bp.get(f"{CASE}/new")
@requires(Permission.WRITE_LETTERS)
def write(reference: str) -> ResponseReturnValue:
    file = case_file_or_404(reference)
    review.note_view(case_id=file.case.id, page="letter", by=actor())
    return _show(file, None)


@bp.post(CASE)
@requires(Permission.WRITE_LETTERS)
def sign(reference: str) -> ResponseReturnValue:
    file, form = case_file_or_404(reference), LetterForm()
    if not form.validate():
        return _show(file, form), 422
    try:
        actions.sign_letter(
            case_id=file.case.id,
            recipient=form.lines(),
            text=form.text.data,
            decision_seen=form.decision_seen.data,
            assessment_seen=form.assessment_seen.data,
            by=actor(),
        )
    except NotPrinted:
        form.form_errors = [NOT_MADE]
        return _show(file, form), 503
    except (review.DecidedMeanwhile, review.AmendedMeanwhile, actions.NoDecision, actions.NotOwnDecision):
        return _show_meanwhile(case_file_or_404(reference), form), 409
    flash("The letter is signed. Print it here.")
    return redirect(f"{url_for('physician.case', reference=reference)}#letters-heading")


@bp.post(f"{CASE}/<int(max=2147483647):letter_id>")
@requires(Permission.WRITE_LETTERS)
def print_letter(reference: str, letter_id: int) -> ResponseReturnValue:
    file = case_file_or_404(reference)
    try:
        pdf = actions.print_letter(case_id=file.case.id, letter_id=letter_id, by=actor())
    except Missing:
        abort(404)
    disposition = f'inline; filename="letter-{reference}-{letter_id}.pdf"'
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": disposition})


@bp.route("/admin/letter", methods=["GET", "POST"])
@requires(Permission.MANAGE_CLINIC)
def template() -> ResponseReturnValue:
    form = LetterTemplateForm(data={"letter_template": current_clinic().letter_template})
    if not form.validate_on_submit():
        return _show_template(form)
    changed = save_settings(values={"letter_template": _lines(form)}, by=actor())
    flash("The template is saved." if changed else "Nothing was different, so nothing was changed.")
    return redirect(url_for("letters.template"))


@bp.post("/admin/letter/preview")
@requires(Permission.MANAGE_CLINIC)
def preview_template() -> ResponseReturnValue:
    form = LetterTemplateForm()
    return _show_template(form, preview=form.validate())


def _lines(form: LetterTemplateForm) -> str:
    """What was entered, with line ends of one kind."""
    return "\n".join(form.letter_template.data.splitlines())


def _show(file: CaseFile, form: LetterForm | None) -> str:
    """The form as it was sent, or as a new letter begins; none where there is nothing that this physician may tell."""
    by, decision = actor(), file.counting
    own = decision is not None and decision.user_id == by.user_id
    if form is None and own and decision is not None:
        form = LetterForm(
            formdata=None,
            text=first_text(file, current_clinic(), by.name),
            decision_seen=decision.id,
            assessment_seen=file.case.assessment_number,
            **_last_recipient(file),
        )
    return render_template(
        "physician/letter.html",
        file=file,
        form=form,
        own=own,
        asked_by=handing_sheet(file.case, by.user_id or 0).asked_by,
        errors=error_list(form) if form else [],
    )


def _show_meanwhile(file: CaseFile, typed: LetterForm) -> str:
    """What was typed, to be signed with what the case is now."""
    form = LetterForm(formdata=None, recipient=typed.recipient.data, address=typed.address.data, text=typed.text.data)
    form.decision_seen.data = file.counting.id if file.counting else 0
    form.assessment_seen.data = file.case.assessment_number
    form.form_errors = [MEANWHILE]
    return _show(file, form)


def _last_recipient(file: CaseFile) -> dict[str, str]:
    """Whom the case's last letter went to."""
    if not (sent := letters_of(file.case)):
        return {}
    name, *address = sent[0].letter.recipient
    return {"recipient": name, "address": "\n".join(address)}


def _show_template(form: LetterTemplateForm, preview: bool = False) -> str:
    clinic = current_clinic()
    own = {"clinic_name": clinic.name, "clinic_address": clinic.address, "clinic_phone": clinic.phone}
    return render_template(
        "admin/letter.html",
        form=form,
        errors=error_list(form),
        placeholders=PLACEHOLDERS,
        default=DEFAULT_TEMPLATE,
        preview=blocks(filled_in(_lines(form), {**EXAMPLE, **own})) if preview else None,
    )
