"""Every staff page, at a desk and on a phone: no barrier that axe finds, nothing that scrolls sideways."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from screening.access import Role
from screening.actions import alerts, drafts
from screening.actions.review import DecisionKind, annul, decide
from screening.actions.unit import PATIENT, Actor
from screening.models import User, db
from tests.browser.conftest import DESK, PHONE, AuditPage, SignInPage, run_axe
from tests.conftest import SIGN_IN
from tests.factories import A04, EMERGENCY, PRIORITY, URGENT, start_form, submit_case

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

LONG_NAME = "Maximiliana Featherstonehaugh-Abernathy-Cholmondeley"
OPEN = {"hx_eye": None, "hx_heart": "not_sure", "considering_ketamine": "yes", "ketamine_setting": "not_sure"}
CONTRADICTORY = {"tx_ketamine": "never", "ketamine_allergy": "yes"}


@pytest.fixture
def busy_clinic(sign_in_page: SignInPage) -> tuple[Page, str]:
    """A physician's page, and the reference of a case that shows all that a case page can."""
    page = sign_in_page(Role.PHYSICIAN)
    user = db.session.scalars(select(User)).one()
    by = Actor("staff", user.id, user.full_name)
    case = submit_case(name=LONG_NAME, **{**URGENT, **A04, **OPEN, **CONTRADICTORY})
    for changes in (EMERGENCY, PRIORITY, A04, {}):
        submit_case(**changes)
    form = start_form(origin="Tablet 2", **EMERGENCY)
    place = {"name": "Ben", "phone": "555 010 0155", "place": "12 Quay Street"}
    alerts.add_contact(draft_id=form.id, contact=place, by=PATIENT)
    drafts.save_page(draft_id=form.id, values={"rf_saddle": "no"}, by=PATIENT)
    wrong = decide(case_id=case.id, kind=DecisionKind.CALL_PATIENT, reason="Call before noon.", by=by)
    annul(decision_id=wrong.id, reason="Signed on the wrong person.", by=by)
    decide(case_id=case.id, kind=DecisionKind.MORE_INFORMATION, reason="Asked for the scan.", by=by)
    db.session.commit()
    return page, case.reference


def audit_all(page: Page, audit_page: AuditPage, addresses: list[str]) -> None:
    for address in addresses:
        page.set_viewport_size(DESK)
        page.goto(address)
        assert run_axe(page) == [], f"barriers on {address} at a desk"
        page.set_viewport_size(PHONE)
        audit_page(page)


def test_the_physicians_pages(busy_clinic: tuple[Page, str], audit_page: AuditPage) -> None:
    page, reference = busy_clinic
    audit_all(page, audit_page, ["/staff/queue", "/staff/queue/reviewed", f"/staff/queue/{reference}"])


def test_the_front_desks_pages(busy_clinic: tuple[Page, str], sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    _, reference = busy_clinic
    page = sign_in_page(Role.FRONT_DESK)
    addresses = ["/staff/cases", "/staff/cases?show=not_printed", "/staff/cases/search", f"/staff/cases/{reference}"]
    audit_all(page, audit_page, [*addresses, "/staff/alerts", "/staff/password"])


def test_the_admins_pages(busy_clinic: tuple[Page, str], sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    page = sign_in_page(Role.ADMIN)
    user = db.session.scalars(select(User)).first()
    assert user is not None
    accounts = "/staff/admin/accounts"
    addresses = [accounts, f"{accounts}/new", f"{accounts}/{user.id}", "/staff/admin/clinic", "/staff/admin/audit"]
    audit_all(page, audit_page, [*addresses, "/staff/board?weeks=4"])
    page.goto("/staff/admin/clinic")
    page.get_by_label("Time zone").fill("Mars/Olympus")
    page.get_by_role("button", name="Save settings").click()
    audit_page(page)
    page.goto(f"{accounts}/{user.id}")
    page.get_by_role("button", name="Make a one-time password").click()
    audit_page(page)


def test_the_sign_in_page(page: Page, audit_page: AuditPage) -> None:
    audit_all(page, audit_page, [SIGN_IN])
    page.get_by_role("button", name="Sign in", exact=True).click()
    audit_page(page)
