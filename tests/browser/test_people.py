"""A person who came twice: a wrong date of birth is put right, and two records are joined, in a real browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from screening import clock
from screening.access import Role
from tests.browser.conftest import AuditPage, SignInPage
from tests.factories import CONSULT, submit_case

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

ANA = "Ana Whitfield-Ortega"
SAVE, JOIN, UNDO = "Save the correction", "Join as one person", "Undo the join"


def test_a_birth_date_is_corrected_and_two_records_are_joined(sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    # Given a person who came before, and comes again with a slip in the date of birth
    with clock.fixed_at(clock.now() - timedelta(days=120)):
        first = submit_case(name=ANA, peg_pain=8, peg_enjoyment=8, peg_activity=9, phq_interest=2, phq_down=1).reference
    stranger = submit_case(name="Ana Lind", born="1979-01-01").reference
    second = submit_case(name=ANA, born="1918-03-04", **CONSULT).reference
    desk, physician = sign_in_page(Role.FRONT_DESK), sign_in_page(Role.PHYSICIAN)
    physician.goto(f"/staff/people/{second}/identity")
    # When the front desk corrects it, then the case is assessed again, and who typed at the same time loses nothing
    desk.goto(f"/staff/cases/{second}")
    correct_the_year(desk, audit_page)
    save_a_phone_too_late(physician, audit_page)
    # When the two records are joined, then a physician sees both with their scores, until they are parted
    compare_and_join(desk, first, audit_page)
    refuse_without_a_reason(desk, stranger, audit_page)
    physician.goto(f"/staff/queue/{second}")
    screenings = physician.get_by_role("region", name="Screenings of this person", exact=True)
    expect(screenings.get_by_role("row")).to_have_count(3)
    assert screenings.get_by_role("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    audit_page(physician)
    desk.goto(f"/staff/people/{second}")
    desk.get_by_role("button", name=UNDO).click()
    expect(desk.get_by_role("alert", name="Success")).to_contain_text("The join is undone.")
    physician.reload()
    expect(screenings).to_have_count(0)
    expect(physician.get_by_role("region", name="1 other screening may be of this person")).to_be_visible()


def correct_the_year(desk: Page, audit_page: AuditPage) -> None:
    expect(desk.get_by_role("region", name="Other screenings")).to_have_count(0)
    desk.get_by_role("link", name="Correct name, birth date or contact").click()
    desk.get_by_label("Year").fill("1981")
    desk.get_by_role("button", name=SAVE).click()
    expect(desk.get_by_role("alert")).to_contain_text("Enter why it is corrected.")
    expect(desk.get_by_label("Year")).to_have_value("1981")
    desk.get_by_label("Why it is corrected").fill("The 8 and the 1 were swapped.")
    desk.get_by_role("button", name=SAVE).click()
    expect(desk.get_by_role("alert", name="Success")).to_contain_text("assessed again with the new age")
    expect(desk.get_by_role("region", name="Name, birth date or contact corrected")).to_contain_text("swapped")
    audit_page(desk)


def save_a_phone_too_late(physician: Page, audit_page: AuditPage) -> None:
    physician.get_by_label("Phone number").fill("555 010 0777")
    physician.get_by_label("Why it is corrected").fill("A new phone.")
    physician.get_by_role("button", name=SAVE).click()
    expect(physician.get_by_role("alert")).to_contain_text("Somebody else corrected this person’s data")
    expect(physician.get_by_label("Phone number")).to_have_value("555 010 0777")
    expect(physician.get_by_label("Year")).to_have_value("1981")
    audit_page(physician)


def compare_and_join(desk: Page, other: str, audit_page: AuditPage) -> None:
    desk.get_by_role("link", name=f"Compare with {other}").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Are these of one person?")
    desk.get_by_role("button", name=JOIN).click()
    expect(desk.get_by_role("button", name=UNDO)).to_be_visible()
    audit_page(desk)


def refuse_without_a_reason(desk: Page, stranger: str, audit_page: AuditPage) -> None:
    desk.get_by_label("Reference of the other screening").fill(stranger)
    desk.get_by_role("button", name="Compare").click()
    desk.get_by_role("button", name=JOIN).click()
    expect(desk.get_by_role("alert")).to_contain_text("Enter why these are of one person")
    audit_page(desk)
