"""Questions put by telephone and keyed in on the case pages, and a decision that is taken again, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from screening.access import Role
from screening.models import Case, db
from tests.browser.conftest import AuditPage, SignInPage
from tests.factories import submit_case
from tests.staff.test_call_list import UNSURE

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


def test_a_call_settles_the_tier_and_reopens_a_decision(sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    reference = submit_case(name="Ana Whitfield-Ortega", **UNSURE).reference
    physician = sign_in_page(Role.PHYSICIAN)
    physician.goto(f"/staff/queue/{reference}")
    physician.get_by_label("Call the patient").check()
    physician.get_by_label("Reason").fill("Ask about the tablets.")
    physician.get_by_role("button", name="Sign decision").click()

    desk = sign_in_page(Role.FRONT_DESK)
    desk.goto(f"/staff/cases/{reference}")
    audit_page(desk)
    call = desk.get_by_role("form", name="Answers given by telephone")
    expect(call.get_by_role("group")).to_have_count(1)
    call.get_by_label("Opioid", exact=False).first.check()
    call.get_by_label("I’m not sure").uncheck()
    call.get_by_role("button", name="Save answers").click()
    expect(desk.get_by_role("alert", name="Success")).to_contain_text("The answers are saved.")
    expect(call.get_by_role("group").first).to_be_visible()
    expect(desk.get_by_role("region", name="Answers changed since they were sent")).to_contain_text("Sam Front desk")
    audit_page(desk)

    physician.reload()
    expect(physician.get_by_role("region", name="Decide again")).to_be_visible()
    physician.get_by_text("Key in answers given by telephone").click()
    audit_page(physician)
    physician.get_by_label("Call the patient").check()
    physician.get_by_label("Reason").fill("As before.")
    physician.get_by_role("button", name="Sign decision").click()
    expect(physician.get_by_role("region", name="Decide again")).to_have_count(0)
    db.session.rollback()
    case = db.session.query(Case).one()
    assert [row.assessment_number for row in case.decisions] == [0, 1]
