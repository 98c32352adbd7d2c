"""A person who came twice: a wrong date of birth is put right, and two records are joined, in a real browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from screening import clock
from screening.access import Role
from tests.browser.conftest import AuditPage, SignInPage
from tests.factories import CONSULT, submit_case

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

ANA = "Ana Whitfield-Ortega"


def test_a_birth_date_is_corrected_and_two_records_are_joined(sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    # Given a person who came before, and comes again with a slip in the date of birth
    with clock.fixed_at(clock.now() - timedelta(days=120)):
        first = submit_case(name=ANA, peg_pain=8, peg_enjoyment=8, peg_activity=9, phq_interest=2, phq_down=1)
    second = submit_case(name=ANA, born="1918-03-04", **CONSULT)
    desk = sign_in_page(Role.FRONT_DESK)
    desk.goto(f"/staff/cases/{second.reference}")
    expect(desk.get_by_role("region", name="Other screenings of this person")).to_have_count(0)

    # When the front desk corrects it, the case is assessed again, and the first screening is suggested
    desk.get_by_role("link", name="Correct name, birth date or contact").click()
    desk.get_by_label("Year").fill("1981")
    desk.get_by_role("button", name="Save the correction").click()
    expect(desk.get_by_role("alert")).to_contain_text("Enter why it is corrected.")
    expect(desk.get_by_label("Year")).to_have_value("1981")
    audit_page(desk)
    desk.get_by_label("Why it is corrected").fill("The 8 and the 1 were swapped.")
    desk.get_by_role("button", name="Save the correction").click()
    expect(desk.get_by_role("alert", name="Success")).to_contain_text("assessed again with the new age")
    expect(desk.get_by_role("region", name="Name, birth date or contact corrected")).to_contain_text("swapped")
    audit_page(desk)

    # Then the two are compared and joined
    desk.get_by_role("link", name=f"Compare with {first.reference}").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Are these of one person?")
    audit_page(desk)
    desk.get_by_role("button", name="Join as one person").click()
    expect(desk.get_by_role("button", name="Undo the join")).to_be_visible()
    audit_page(desk)

    # And a physician sees both with their scores, until the join is undone
    physician = sign_in_page(Role.PHYSICIAN)
    physician.goto(f"/staff/queue/{second.reference}")
    screenings = physician.get_by_role("region", name="Screenings of this person", exact=True)
    expect(screenings.get_by_role("row")).to_have_count(3)
    expect(screenings.get_by_role("img")).to_have_js_property("complete", True)
    assert screenings.get_by_role("img").evaluate("image => image.naturalWidth") > 0
    audit_page(physician)
    desk.get_by_role("button", name="Undo the join").click()
    expect(desk.get_by_role("alert", name="Success")).to_contain_text("The join is undone.")
    physician.reload()
    expect(screenings.get_by_role("row")).to_have_count(0)
    expect(physician.get_by_role("region", name="1 other screening may be of this person")).to_be_visible()
    audit_page(physician)
