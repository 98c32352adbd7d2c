"""A case goes from one physician to another, comes back, and its letter goes to the referrer, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Response, expect
from sqlalchemy import select

from screening.access import Role
from screening.models import Case, ReferralLetter, db
from tests.browser.conftest import AuditPage, SignInPage
from tests.factories import URGENT, submit_case

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


def test_a_case_is_handed_over_answered_and_told_in_a_letter(sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    # Given a case that Sam Physician decided and is not sure of
    reference = submit_case(name="Ana Whitfield-Ortega", **URGENT).reference
    second = sign_in_page(Role.MEDICAL_LEAD)
    sam = sign_in_page(Role.PHYSICIAN)
    sam.goto(f"/staff/queue/{reference}")
    sam.get_by_label("Refer to a pain specialist").check()
    sam.get_by_label("Reason").fill("Foot drop, as I read it.")
    sam.get_by_role("button", name="Sign decision").click()
    # When Sam asks the medical lead for a second opinion
    sam.get_by_text("Leave a note or hand over").click()
    sam.get_by_role("button", name="Hand over").click()
    expect(sam.get_by_role("alert")).to_contain_text("Write a note, choose a physician, or ask for a second opinion.")
    audit_page(sam)
    sam.get_by_label("Note for the other physicians").fill("Is this old?")
    sam.get_by_label("Who is to take it up").select_option("Sam Medical lead")
    sam.get_by_label("Ask another physician for a second opinion").check()
    sam.get_by_role("button", name="Hand over").click()
    expect(sam.get_by_role("region", name="Second opinion needed")).to_contain_text("another physician signs")
    audit_page(sam)

    # Then the lead has it on top of the queue, and agrees
    second.goto("/staff/queue")
    expect(second.get_by_role("region", name="Assigned to you (1)")).to_contain_text(reference)
    audit_page(second)
    second.get_by_role("region", name="Second opinion needed (1)").get_by_role("link", name="Ana").click()
    expect(second.get_by_text("Is this old?")).to_be_visible()
    audit_page(second)
    second.get_by_label("Why you agree (optional)").fill("New this week.")
    second.get_by_role("button", name="Sign that I agree").click()
    expect(second.get_by_role("region", name="Handing over")).to_contain_text("New this week.")
    expect(second.get_by_role("region", name="Second opinion needed")).to_have_count(0)
    _write_letter(sam, reference, audit_page)


def _write_letter(page: Page, reference: str, audit_page: AuditPage) -> None:
    # When the one who decided writes to the referrer
    page.goto(f"/staff/queue/{reference}")
    page.get_by_role("link", name="Write a letter").click()
    page.get_by_label("Text of the letter").press("Control+End")
    page.get_by_role("button", name="Sign the letter").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the referrer's name.")
    audit_page(page)
    page.get_by_label("Name of the referrer").fill("Dr. Jane Roe")
    page.get_by_label("Address").fill("12 Main Street\nSpringfield, IL 62704")
    page.get_by_role("button", name="Sign the letter").click()
    # Then it is kept as it was signed, and printed from there
    letters = page.get_by_role("region", name="Letters to the referrer")
    expect(letters).to_contain_text("To Dr. Jane Roe")
    audit_page(page)
    printed: list[Response] = []
    page.context.on("response", lambda response: printed.append(response) if "/letters/" in response.url else None)
    with page.context.expect_page():
        letters.get_by_role("button", name="Print letter").click()
    page.goto("/staff/queue")
    assert printed[0].headers["content-type"] == "application/pdf"
    db.session.rollback()
    letter = db.session.scalars(select(ReferralLetter).join(Case, Case.id == ReferralLetter.case_id)).one()
    page.goto(f"/staff/prints/{reference}/{letter.mark}")
    expect(page.get_by_role("heading", level=1)).to_have_text("This letter is current")
    audit_page(page)
