"""The front desk: submitted cases, the search for a person, one case, its printed summary."""

from __future__ import annotations

from datetime import datetime

from cryptography.fernet import InvalidToken
from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from screening import clock
from screening.access import Permission, requires
from screening.actions import review, summaries
from screening.actions.searching import note_search
from screening.auth import actor
from screening.clinic import current_clinic
from screening.crypto import cipher
from screening.queries import desk
from screening.queries.cases import CaseRow, CaseSheet, Page, case_id, case_sheet
from screening.queries.people import of_case
from screening.queries.tallies import tallies
from screening.rendering import NotPrinted
from screening.staff_forms import SearchForm
from screening.staff_pages import cursor, tier_filter
from screening.views.asking import Asking, asking, key_in

bp = Blueprint("front_desk", __name__, url_prefix="/staff/cases")

PATIENCE = 1.0
"""Seconds that a page waits for a summary that is not ready, before it says that the summary is on its way."""
LOOK_AGAIN = 2

SEARCH = "case_search"
"""What was searched for, kept in the staff session alone, and encrypted there."""
FEW = 10
"""Cases that come up while somebody types are noted once there are no more than these: it is a person by then."""


@bp.get("")
@requires(Permission.SEE_CASES)
def cases() -> ResponseReturnValue:
    shown, tier = request.args.get("show", desk.Tab.TODAY, type=desk.Tab), tier_filter()
    counts = desk.tab_counts(tallies(), today_began(), tier)
    if shown is desk.Tab.WAITING:
        forms = desk.open_forms(cursor("after"))
        return render_template("front_desk/waiting.html", page=forms, shown=shown, counts=counts, tier=tier)
    page = desk.desk_list(shown, today_began(), cursor("after"), tier)
    return render_template("front_desk/cases.html", page=page, shown=shown, counts=counts, tier=tier)


@bp.post("/search")
@requires(Permission.SEE_CASES)
def search() -> ResponseReturnValue:
    _keep_typed()
    return redirect(url_for("front_desk.found"))


@bp.post("/search/typed")
@requires(Permission.SEE_CASES)
def search_as_typed() -> ResponseReturnValue:
    """The rows alone, for the script that asks while somebody types."""
    typed = _keep_typed()
    page = desk.found(typed, None)
    if page and len(page.rows) <= FEW:
        _note(page)
    return render_template("front_desk/found_rows.html", page=page)


@bp.get("/search")
@requires(Permission.SEE_CASES)
def found() -> ResponseReturnValue:
    typed = _typed_before()
    page = desk.found(typed, cursor("after"))
    _note(page)
    return render_template("front_desk/found.html", page=page, typed=typed)


@bp.get("/<reference>")
@requires(Permission.SEE_CASES)
def case(reference: str) -> ResponseReturnValue:
    sheet = _sheet(reference)
    review.note_view(case_id=sheet.case.id, page="front_desk", by=actor())
    return _show_case(sheet, asking(reference, clinician=False))


@bp.post("/<reference>/answers")
@requires(Permission.ENTER_ANSWERS)
def key_in_answers(reference: str) -> ResponseReturnValue:
    """What the person said by telephone to the front desk's own questions."""

    def show(asked: Asking) -> str:
        return _show_case(_sheet(reference), asked)

    return key_in(reference, clinician=False, show=show, address=url_for("front_desk.case", reference=reference))


@bp.get("/<reference>/summary")
@requires(Permission.PRINT_CASES)
def summary_progress(reference: str) -> ResponseReturnValue:
    found_case = case_id(reference)
    if found_case is None:
        abort(404)
    state = "ready" if summaries.is_ready(case_id=found_case) else "under way"
    headers = {} if state == "ready" else {"Refresh": str(LOOK_AGAIN)}
    return render_template("front_desk/summary.html", reference=reference, state=state), 200, headers


@bp.post("/<reference>/summary")
@requires(Permission.PRINT_CASES)
def print_summary(reference: str) -> ResponseReturnValue:
    found_case = case_id(reference)
    if found_case is None:
        abort(404)
    try:
        pdf = summaries.print_summary(case_id=found_case, by=actor(), wait=PATIENCE)
    except TimeoutError:
        return redirect(url_for("front_desk.summary_progress", reference=reference))
    except NotPrinted:
        return render_template("front_desk/summary.html", reference=reference, state="failed"), 503
    disposition = f'inline; filename="{reference}.pdf"'
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": disposition})


def today_began() -> datetime:
    clinic = current_clinic()
    return clock.midnight(clinic.today(clock.now()), clinic.zone)


def _show_case(sheet: CaseSheet, asked: Asking) -> str:
    person = of_case(sheet.case.reference)
    return render_template("front_desk/case.html", sheet=sheet, asking=asked, person=person)


def _sheet(reference: str) -> CaseSheet:
    return case_sheet(reference) or abort(404)


def _keep_typed() -> str:
    """Keep what was typed in the staff session alone, for the pages that follow."""
    form = SearchForm()
    typed = (form.text.data or "") if form.validate() else ""
    session[SEARCH] = cipher().encrypt(typed.encode()).decode() if typed else ""
    return typed


def _typed_before() -> str:
    try:
        return cipher().decrypt(session[SEARCH].encode()).decode() if session.get(SEARCH) else ""
    except InvalidToken:
        # From before the keys were rotated.
        return ""


def _note(page: Page[CaseRow] | None) -> None:
    if page and page.rows:
        note_search(case_ids=[row.id for row in page.rows], by=actor())
