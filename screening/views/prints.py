"""The page that the QR code of a printed summary or letter opens: is this sheet of paper still right?"""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from screening.access import Permission, requires
from screening.actions import review, summaries
from screening.auth import actor
from screening.queries.cases import case_id
from screening.queries.letters import letter_by_mark
from screening.queries.prints import prints_of

bp = Blueprint("prints", __name__, url_prefix="/staff/prints")


@bp.get("/<reference>/<mark>")
@requires(Permission.PRINT_CASES)
def print_check(reference: str, mark: str) -> ResponseReturnValue:
    found_case = case_id(reference)
    if found_case is None:
        abort(404)
    if letter := letter_by_mark(found_case, mark):
        review.note_view(case_id=found_case, page="letter_check", by=actor())
        return render_template("front_desk/letter.html", reference=reference, letter=letter)
    current = summaries.current_mark(case_id=found_case)
    prints = prints_of(found_case)
    review.note_view(case_id=found_case, page="print_check", by=actor())
    return render_template("front_desk/print.html", reference=reference, mark=mark, current=current, prints=prints)
