"""Every address, for every role and for none, against the matrix in access.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from screening.access import GRANTS, Permission, Role
from screening.models import Alert, db
from screening.rulebook import in_force_sha256
from tests.conftest import SignIn, new_browser
from tests.factories import EMERGENCY, submit_case

OPEN = None
"""Anyone may open it."""

MATRIX: dict[str, Permission | None] = {
    "account.change_password": Permission.USE_OWN_ACCOUNT,
    "account.home": Permission.USE_OWN_ACCOUNT,
    "account.late_page": Permission.USE_OWN_ACCOUNT,
    "account.own": Permission.USE_OWN_ACCOUNT,
    "account.sign_out_elsewhere": Permission.USE_OWN_ACCOUNT,
    "account.stay": Permission.USE_OWN_ACCOUNT,
    "admin.account": Permission.MANAGE_ACCOUNTS,
    "admin.accounts": Permission.MANAGE_ACCOUNTS,
    "admin.add_account": Permission.MANAGE_ACCOUNTS,
    "admin.change_role": Permission.MANAGE_ACCOUNTS,
    "admin.clinic_settings": Permission.MANAGE_CLINIC,
    "admin.end_account": Permission.MANAGE_ACCOUNTS,
    "admin.preview_settings": Permission.MANAGE_CLINIC,
    "admin.renew_password": Permission.MANAGE_ACCOUNTS,
    "admin.reset_second_factor": Permission.MANAGE_ACCOUNTS,
    "alerts.acknowledge": Permission.ACKNOWLEDGE_ALERTS,
    "alerts.alerts": Permission.SEE_ALERTS,
    "audit.audit": Permission.SEE_AUDIT,
    "audit.export": Permission.SEE_AUDIT,
    "board.board": Permission.SEE_BOARD,
    "board.chart": Permission.SEE_BOARD,
    "entry.answer": Permission.ENTER_ANSWERS,
    "entry.begin": Permission.ENTER_ANSWERS,
    "entry.blank_form": Permission.ENTER_ANSWERS,
    "entry.call": Permission.ENTER_ANSWERS,
    "entry.check": Permission.ENTER_ANSWERS,
    "entry.discard": Permission.ENTER_ANSWERS,
    "entry.entries": Permission.ENTER_ANSWERS,
    "entry.go_on": Permission.ENTER_ANSWERS,
    "entry.page": Permission.ENTER_ANSWERS,
    "entry.resume": Permission.ENTER_ANSWERS,
    "entry.send": Permission.ENTER_ANSWERS,
    "exports.dictionary": Permission.EXPORT_DATA,
    "exports.export": Permission.EXPORT_DATA,
    "exports.exports": Permission.EXPORT_DATA,
    "batches.ask": Permission.PRINT_CASES,
    "batches.cancel": Permission.PRINT_CASES,
    "batches.file": Permission.PRINT_CASES,
    "batches.job": Permission.PRINT_CASES,
    "batches.progress": Permission.PRINT_CASES,
    "front_desk.case": Permission.SEE_CASES,
    "front_desk.cases": Permission.SEE_CASES,
    "front_desk.found": Permission.SEE_CASES,
    "front_desk.key_in_answers": Permission.ENTER_ANSWERS,
    "front_desk.print_summary": Permission.PRINT_CASES,
    "front_desk.summary_progress": Permission.PRINT_CASES,
    "front_desk.search": Permission.SEE_CASES,
    "front_desk.search_as_typed": Permission.SEE_CASES,
    "handing.agree": Permission.DECIDE,
    "handing.hand_over": Permission.HAND_OVER,
    "health.healthz": OPEN,
    "health.readyz": OPEN,
    "invitations.invitation": Permission.INVITE,
    "invitations.invitations": Permission.INVITE,
    "invitations.invite": Permission.INVITE,
    "invitations.print_sheet": Permission.INVITE,
    "invitations.remind": Permission.INVITE,
    "invitations.revoke": Permission.INVITE,
    "invitations.show_code": Permission.INVITE,
    "languages.approve": Permission.MANAGE_CLINIC,
    "languages.language": Permission.MANAGE_CLINIC,
    "languages.languages": Permission.MANAGE_CLINIC,
    "letters.preview_template": Permission.MANAGE_CLINIC,
    "letters.print_letter": Permission.WRITE_LETTERS,
    "letters.sign": Permission.WRITE_LETTERS,
    "letters.template": Permission.MANAGE_CLINIC,
    "letters.write": Permission.WRITE_LETTERS,
    "kiosk.end": Permission.START_KIOSK,
    "kiosk.here": OPEN,
    "kiosk.idle": OPEN,
    "kiosk.start": Permission.START_KIOSK,
    "kiosk.stop": OPEN,
    "kiosk.tablets": Permission.START_KIOSK,
    "people.compare": Permission.JOIN_RECORDS,
    "people.correct": Permission.CORRECT_IDENTITY,
    "people.find_other": Permission.JOIN_RECORDS,
    "people.identity": Permission.CORRECT_IDENTITY,
    "people.join": Permission.JOIN_RECORDS,
    "people.records": Permission.JOIN_RECORDS,
    "people.scores": Permission.SEE_QUEUE,
    "people.undo": Permission.JOIN_RECORDS,
    "passkeys.add": Permission.USE_OWN_ACCOUNT,
    "passkeys.new_options": Permission.USE_OWN_ACCOUNT,
    "passkeys.remove": Permission.USE_OWN_ACCOUNT,
    "passkeys.sign_in": OPEN,
    "passkeys.sign_in_options": OPEN,
    "physician.annul": Permission.DECIDE,
    "physician.case": Permission.SEE_QUEUE,
    "physician.claim": Permission.DECIDE,
    "physician.decide": Permission.DECIDE,
    "physician.key_in_answers": Permission.DECIDE,
    "physician.next_case": Permission.SEE_QUEUE,
    "physician.queue": Permission.SEE_QUEUE,
    "physician.release": Permission.DECIDE,
    "physician.reviewed": Permission.SEE_QUEUE,
    "prints.print_check": Permission.PRINT_CASES,
    "retention.check_erasure": Permission.ERASE_PEOPLE,
    "retention.erase": Permission.ERASE_PEOPLE,
    "retention.find": Permission.ERASE_PEOPLE,
    "retention.lift": Permission.MANAGE_RETENTION,
    "retention.person": Permission.ERASE_PEOPLE,
    "retention.place": Permission.MANAGE_RETENTION,
    "retention.retention": Permission.MANAGE_RETENTION,
    "rule_sets.activate": Permission.ACTIVATE_RULES,
    "rule_sets.health": Permission.SEE_RULES,
    "rule_sets.health_csv": Permission.SEE_RULES,
    "rule_sets.in_force": Permission.SEE_RULES,
    "rule_sets.rule_set": Permission.SEE_RULES,
    "rule_sets.run_what_if": Permission.SIGN_RULES,
    "rule_sets.sign": Permission.SIGN_RULES,
    "rule_sets.what_if": Permission.SIGN_RULES,
    "rule_sets.what_if_chart": Permission.SIGN_RULES,
    "rule_sets.what_if_csv": Permission.SIGN_RULES,
    "second_factor.enter": OPEN,
    "second_factor.renew_codes": Permission.USE_OWN_ACCOUNT,
    "second_factor.set_up": Permission.USE_OWN_ACCOUNT,
    "security.login": OPEN,
    "security.logout": Permission.USE_OWN_ACCOUNT,
}
PATIENT_PAGES = "patient."
"""Patients have no account: every view of theirs is open, and shows what their own session holds."""
FILES = "static"
"""Flask's own view of style sheets and pictures, which cannot carry a mark."""

SIGN_OUT = "security.logout"

PEOPLE_TABLES = ("identity_correction", "patient_join", "case_assessment")
INVITATION_TABLES = ("invitation", "return_code", "patient_mail")
HANDED_TABLES = ("handover", "referral_letter")
RULE_TABLES = (
    "rule_set",
    "rule_set_signature",
    "rule_set_activation",
    "re_review",
    "finding_mark",
    "what_if_run",
    "what_if_case",
)


@dataclass(frozen=True)
class Address:
    endpoint: str
    url: str
    method: str

    @property
    def may_end_session(self) -> bool:
        """Signing out, and a patient's form that is handed over, begin a new session: these come last."""
        return self.endpoint == SIGN_OUT or self.endpoint.startswith(PATIENT_PAGES)


@pytest.fixture
def addresses(app: Flask) -> list[Address]:
    """Every address of the application, with ids of rows that are there."""
    app.config["WTF_CSRF_ENABLED"] = False
    case = submit_case(**EMERGENCY)
    other = submit_case()
    alert = db.session.scalars(select(Alert)).one()
    ids = {
        "reference": case.reference,
        "other": other.reference,
        "alert_id": alert.id,
        "invitation_id": 2**31 - 1,
        "user_id": 2**31 - 1,
        "passkey_id": 2**31 - 1,
        "job_id": 2**31 - 1,
        "letter_id": 2**31 - 1,
        "draft_id": 2**31 - 1,
        "kiosk_id": 2**31 - 1,
        "hold_id": 2**31 - 1,
        "channel": "paper",
        "page_id": "contact",
        "filename": "x",
        "mark": "0" * 16,
        "language": "es",
        "name": "tiers",
        "sha256": in_force_sha256(),
    }
    listed = [address for rule in app.url_map.iter_rules() for address in _addresses(app, rule, ids)]
    assert other.id != case.id
    return sorted(listed, key=lambda address: (address.may_end_session, address.endpoint, address.method))


def _addresses(app: Flask, rule: Rule, ids: dict[str, Any]) -> Iterator[Address]:
    values = {name: ids[name] for name in rule.arguments}
    with app.test_request_context():
        url = app.url_for(rule.endpoint, **values)
    for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
        yield Address(rule.endpoint, url, method)


def needed(endpoint: str) -> Permission | None:
    return OPEN if endpoint.startswith(PATIENT_PAGES) or endpoint == FILES else MATRIX[endpoint]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_view_carries_the_mark_that_the_matrix_has(app: Flask) -> None:
    marks = {
        endpoint: getattr(view, "required_permission", "no mark")
        for endpoint, view in app.view_functions.items()
        if endpoint != FILES
    }
    assert {name: mark for name, mark in marks.items() if not name.startswith(PATIENT_PAGES)} == MATRIX
    assert {mark for name, mark in marks.items() if name.startswith(PATIENT_PAGES)} <= {OPEN}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", [*Role])
def test_a_role_opens_what_it_is_granted_and_no_more(addresses: list[Address], sign_in: SignIn, role: Role) -> None:
    browser = sign_in(role)
    for address in addresses:
        permission = needed(address.endpoint)
        answer = browser.open(address.url, method=address.method)
        refused = answer.status_code == 403
        assert refused == (permission is not None and permission not in GRANTS[role]), (address, answer.status)
        assert address.may_end_session or not _to_sign_in(answer), address
        assert address.endpoint == FILES or _kept_private(answer), (address, answer.headers)


def test_without_an_account_only_open_pages_answer(app: Flask, addresses: list[Address]) -> None:
    for address in addresses:
        answer = new_browser(app).open(address.url, method=address.method)
        assert _to_sign_in(answer) == (needed(address.endpoint) is not None), (address, answer.status)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", [None, *Role])
def test_looking_changes_no_clinical_row(
    app: Flask, addresses: list[Address], sign_in: SignIn, role: Role | None
) -> None:
    browser = sign_in(role) if role else new_browser(app)
    before = _clinical_rows()
    for address in addresses:
        if address.method == "GET":
            browser.get(address.url)
    assert _clinical_rows() == before


def test_a_get_never_signs_out(app: Flask, sign_in: SignIn) -> None:
    browser = sign_in(Role.FRONT_DESK)
    assert browser.get("/staff/sign-out").status_code == 405
    assert browser.get("/staff/cases").status_code == 200


def _to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 302 and str(answer.location).startswith("/staff/sign-in")


def _kept_private(answer: TestResponse) -> bool:
    """Whether no browser keeps a page, frames it, or tells others where somebody was: redirects and errors too."""
    headers = answer.headers
    return (
        headers["Cache-Control"] == "no-store"
        and headers["Referrer-Policy"] == "same-origin"
        and headers["X-Content-Type-Options"] == "nosniff"
        and "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        and "unsafe" not in headers["Content-Security-Policy"]
    )


def _clinical_rows() -> dict[str, list[Any]]:
    kept = ("draft", "screening_case", "case_finding", "patient", "search_token", "decision", "alert", "notice")
    tables = db.metadata.tables
    db.session.rollback()
    return {
        name: [tuple(row) for row in db.session.execute(select(tables[name]).order_by(*tables[name].primary_key))]
        for name in (
            *kept,
            *INVITATION_TABLES,
            *PEOPLE_TABLES,
            *HANDED_TABLES,
            "stored_pdf",
            "outbox_message",
            "clinic_setting",
            *RULE_TABLES,
        )
    }
