"""The rules in plain words, how they have done, and what it takes to put another set in force."""

from __future__ import annotations

from itertools import chain

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue

import rules
from screening import clock, rule_pages
from screening.access import Permission, requires
from screening.actions import rule_sets as actions
from screening.actions import what_if as runs
from screening.actions.unit import Missing
from screening.auth import actor
from screening.charts import tier_chart
from screening.clinic import current_clinic
from screening.export.files import csv_text
from screening.queries import rule_sets as queries
from screening.queries.rule_sets import Health, KnownSet
from screening.rulebook import in_force_sha256, rulebook
from screening.staff_forms import ConfirmForm, error_list
from screening.staff_pages import cursor
from screening.what_if_rows import case_row, count_rows, lines

bp = Blueprint("rule_sets", __name__, url_prefix="/staff/rules")

SET = "/set/<string(length=64):sha256>"
LOOK_AGAIN_SECONDS = 5
"""How soon the page of a run under way asks again."""
HEALTH_HEAD = ("rule", "title", "cases", "fired", "unknown", "not_relevant", "note")


@bp.get("")
@requires(Permission.SEE_RULES)
def in_force() -> ResponseReturnValue:
    return _show(in_force_sha256(), ConfirmForm(formdata=None))


@bp.get(SET)
@requires(Permission.SEE_RULES)
def rule_set(sha256: str) -> ResponseReturnValue:
    return _show(sha256, ConfirmForm(formdata=None))


@bp.post(f"{SET}/signature")
@requires(Permission.SIGN_RULES)
def sign(sha256: str) -> ResponseReturnValue:
    form = ConfirmForm()
    if not form.validate():
        return _show(sha256, form)
    try:
        actions.sign(sha256=sha256, by=actor())
    except Missing:
        abort(404)
    except actions.AlreadySigned:
        flash("You have signed this rule set before.")
    except rules.RuleError as fault:
        return _unusable(sha256, form, fault)
    else:
        flash("The rule set is signed.")
    return redirect(url_for("rule_sets.rule_set", sha256=sha256))


@bp.post(f"{SET}/activation")
@requires(Permission.ACTIVATE_RULES)
def activate(sha256: str) -> ResponseReturnValue:
    form = ConfirmForm()
    if not form.validate():
        return _show(sha256, form)
    try:
        rise = actions.activate(sha256=sha256, by=actor())
    except Missing:
        abort(404)
    except actions.NotSigned:
        form.form_errors.append("A medical lead has to sign this rule set first.")
        return _show(sha256, form)
    except rules.RuleError as fault:
        return _unusable(sha256, form, fault)
    except actions.AlreadyInForce:
        flash("This rule set is in force already.")
    else:
        flash(f"The rule set is in force. Open cases to review again: {rise}.")
    return redirect(url_for("rule_sets.rule_set", sha256=sha256))


@bp.get("/health")
@requires(Permission.SEE_RULES)
def health() -> ResponseReturnValue:
    return render_template("staff/rules/health.html", rows=_health_rows())


@bp.get("/health.csv")
@requires(Permission.SEE_RULES)
def health_csv() -> ResponseReturnValue:
    rows = (
        (rule.id, rule.title, row.cases, row.fired, row.unknown, row.not_relevant, row.note)
        for rule, row in _health_rows()
    )
    headers = {"Content-Disposition": "attachment; filename=rule-health.csv"}
    return Response(csv_text([HEALTH_HEAD, *rows]), mimetype="text/csv", headers=headers)


@bp.get(f"{SET}/what-if")
@requires(Permission.SIGN_RULES)
def what_if(sha256: str) -> ResponseReturnValue:
    known, run = _known(sha256), queries.latest_run(sha256)
    report = runs.report_of(run.result) if run and run.result else None
    after = cursor("after") or 0
    cases = queries.what_if_cases(run, after, queries.WHAT_IF_SHOWN + 1) if run and report else []
    still = "still" in request.args
    shown = render_template(
        "staff/rules/what_if.html",
        known=known,
        run=run,
        report=report,
        cases=cases[: queries.WHAT_IF_SHOWN],
        more=len(cases) > queries.WHAT_IF_SHOWN,
        after=after,
        still=still,
    )
    under_way = run is not None and run.finished_at is None and not still
    return shown, {"Refresh": str(LOOK_AGAIN_SECONDS)} if under_way else {}


@bp.get(f"{SET}/what-if.csv")
@requires(Permission.SIGN_RULES)
def what_if_csv(sha256: str) -> ResponseReturnValue:
    run = queries.latest_run(sha256)
    if run is None or run.result is None:
        abort(404)
    rows = chain(count_rows(runs.report_of(run.result)), map(case_row, queries.all_what_if_cases(run)))
    text = (f"{line}\r\n" for line in lines(rows))
    headers = {"Content-Disposition": "attachment; filename=what-if.csv"}
    return Response(stream_with_context(text), mimetype="text/csv", headers=headers)


@bp.post(f"{SET}/what-if")
@requires(Permission.SIGN_RULES)
def run_what_if(sha256: str) -> ResponseReturnValue:
    try:
        runs.request_run(sha256=sha256, by=actor())
    except Missing:
        abort(404)
    return redirect(url_for("rule_sets.what_if", sha256=sha256))


@bp.get(f"{SET}/what-if.svg")
@requires(Permission.SIGN_RULES)
def what_if_chart(sha256: str) -> ResponseReturnValue:
    run = queries.latest_run(sha256)
    if run is None or run.result is None:
        abort(404)
    return Response(tier_chart(runs.report_of(run.result)), mimetype="image/svg+xml")


def _health_rows() -> list[tuple[rules.Rule, Health]]:
    ruleset = queries.ruleset_of(in_force_sha256())
    rows = queries.rule_health(tuple(ruleset.rules))
    return [(ruleset.rules[row.rule], row) for row in rows]


def _known(sha256: str) -> KnownSet:
    found = next((known for known in queries.known_sets() if known.sha256 == sha256), None)
    if found is None:
        abort(404)
    return found


def _unusable(sha256: str, form: ConfirmForm, fault: rules.RuleError) -> ResponseReturnValue:
    form.form_errors.append(f"This rule set cannot be used: {fault}")
    return _show(sha256, form)


def _show(sha256: str, form: ConfirmForm) -> ResponseReturnValue:
    known = _known(sha256)
    status = 422 if form.errors or form.form_errors else 200
    shown = {
        "known": known,
        "sets": queries.known_sets(),
        "fault": queries.folder_fault(),
        "unusable": rulebook().unusable,
        "form": form,
    }
    try:
        ruleset = queries.ruleset_of(sha256)
    except rules.RuleError as fault:
        return render_template("staff/rules/broken.html", own_fault=fault, **shown), status
    today = current_clinic().today(clock.now())
    health = {row.rule: row for row in queries.rule_health(tuple(ruleset.rules))}
    return render_template(
        "staff/rules/rule_set.html",
        ruleset=ruleset,
        parts=rule_pages.parts(ruleset, health, today),
        overdue=rule_pages.overdue(ruleset, today),
        errors=error_list(form),
        **shown,
    ), status
