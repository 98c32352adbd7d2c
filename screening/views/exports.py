"""Exports of cases, answers and findings."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, stream_with_context
from flask.typing import ResponseReturnValue

from screening.access import Permission, requires
from screening.actions.exports import note_export
from screening.auth import actor
from screening.clinic import current_clinic
from screening.export.dictionary import dictionary_rows
from screening.export.files import BYTE_ORDER_MARK, FORMATS, csv_text
from screening.export.tables import TABLES
from screening.export_form import ExportForm
from screening.queries import exports as queries
from screening.rulebook import ruleset
from screening.staff_forms import error_list

bp = Blueprint("exports", __name__, url_prefix="/staff/exports")


@bp.get("")
@requires(Permission.EXPORT_DATA)
def exports() -> ResponseReturnValue:
    return _show(ExportForm(formdata=None))


@bp.post("")
@requires(Permission.EXPORT_DATA)
def export() -> ResponseReturnValue:
    form = ExportForm()
    if not form.validate():
        return _show(form), 422
    made = note_export(**form.values, by=actor())
    table, given = TABLES[made.table], FORMATS[made.file_format]
    batches = queries.batches(made.first_day, made.last_day, current_clinic().zone)
    name = f"{table.id}-{made.first_day}-{made.last_day}.{given.id}"
    return _file(stream_with_context(given.parts(table, batches)), given.mimetype, name)


@bp.get("/dictionary.csv")
@requires(Permission.EXPORT_DATA)
def dictionary() -> ResponseReturnValue:
    return _file([BYTE_ORDER_MARK + csv_text(dictionary_rows(ruleset()))], "text/csv", "data-dictionary.csv")


def _show(form: ExportForm) -> str:
    return render_template("admin/exports.html", form=form, errors=error_list(form), made=queries.made(), tables=TABLES)


def _file(parts: object, mimetype: str, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(parts, mimetype=mimetype, headers=headers)  # type: ignore[arg-type]
