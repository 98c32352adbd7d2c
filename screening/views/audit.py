"""The audit list: searched, and taken out as CSV."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from screening.access import Permission, requires
from screening.actions.audit_exports import note_audit_export
from screening.audit_form import AuditForm, audit_form
from screening.auth import actor
from screening.clinic import current_clinic
from screening.export.files import BYTE_ORDER_MARK, csv_text
from screening.queries import audit as queries
from screening.queries.audit import AuditSearch
from screening.queries.cases import Page
from screening.staff_forms import error_list
from screening.staff_pages import cursor

bp = Blueprint("audit", __name__, url_prefix="/staff/admin/audit")

HEAD = ("at", "who", "action", "subject", "detail")


@bp.get("")
@requires(Permission.SEE_AUDIT)
def audit() -> ResponseReturnValue:
    form = audit_form(request.args)
    return _show(form) if form.validate() else (_show(form, found=False), 422)


@bp.post("/export.csv")
@requires(Permission.SEE_AUDIT)
def export() -> ResponseReturnValue:
    form = audit_form(request.form)
    if not form.validate():
        return _show(form, found=False), 422
    search = form.search()
    note_audit_export(search=search, by=actor())
    headers = {"Content-Disposition": "attachment; filename=audit.csv"}
    return Response(stream_with_context(_csv(search)), mimetype="text/csv", headers=headers)


def _show(form: AuditForm, *, found: bool = True) -> str:
    nothing: Page[queries.AuditRow] = Page((), None)
    page = queries.audit_list(form.search(), current_clinic().zone, cursor("after")) if found else nothing
    return render_template("admin/audit.html", page=page, form=form, errors=error_list(form), asked=form.asked())


def _csv(search: AuditSearch) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_text([HEAD])
    for rows in queries.audit_batches(search, current_clinic().zone):
        yield csv_text([getattr(row, name) for name in HEAD] for row in rows)
