"""The clinic's page of languages: what patients read in each, and the clinic's word that it is good."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.access import Permission, requires
from screening.actions.languages import WordsChanged, approve_translation
from screening.auth import actor
from screening.queries import languages as queries

bp = Blueprint("languages", __name__, url_prefix="/staff/admin/languages")


@bp.get("")
@requires(Permission.MANAGE_CLINIC)
def languages() -> ResponseReturnValue:
    return render_template("admin/languages.html", rows=queries.languages())


@bp.get("/<language>")
@requires(Permission.MANAGE_CLINIC)
def language(language: str) -> ResponseReturnValue:
    return render_template("admin/language.html", words=queries.translation(language) or abort(404))


@bp.post("/<language>/approval")
@requires(Permission.MANAGE_CLINIC)
def approve(language: str) -> ResponseReturnValue:
    words = queries.translation(language) or abort(404)
    try:
        approve_translation(language=language, sha256=request.form.get("sha256", ""), by=actor())
    except WordsChanged:
        flash("The words have changed since you opened the page. Read them once more.")
        return redirect(url_for("languages.language", language=language))
    flash(f"{words.row.english_name} is approved.")
    return redirect(url_for("languages.languages"))
