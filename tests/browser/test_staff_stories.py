"""The front desk prints a summary, and a physician decides, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Response, expect
from sqlalchemy import select

from screening.access import Role
from screening.models import Case, Decision, db
from tests.browser.conftest import AuditPage, SignInPage
from tests.factories import CONSULT, URGENT, submit_case

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


def test_the_front_desk_finds_a_person_and_prints(sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    reference = submit_case(name="Ana Whitfield-Ortega", **CONSULT).reference
    submit_case(name="Bo Lind")
    page = sign_in_page(Role.FRONT_DESK)
    page.get_by_label("Find a person").fill("whi")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row")).to_have_count(2)
    audit_page(page)
    page.get_by_role("link", name="Ana Whitfield-Ortega").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Whitfield-Ortega")
    assert "Whitfield" not in page.url and "Whitfield" not in page.title()

    printed: list[Response] = []
    page.context.on("response", lambda response: _note(printed, response))
    with page.context.expect_page():
        page.get_by_role("button", name="Print summary").click()
    page.goto("/staff/cases")
    expect(page.get_by_role("row", name="Ana Whitfield-Ortega")).to_contain_text("Printed")
    pdf = printed[0]
    assert (pdf.status, pdf.headers["content-type"]) == (200, "application/pdf")
    assert pdf.headers["content-disposition"] == f'inline; filename="{reference}.pdf"'
    db.session.rollback()
    case = db.session.scalars(select(Case).where(Case.reference == reference)).one()
    assert case.printed_at is not None


def _note(printed: list[Response], response: Response) -> None:
    if response.url.endswith("/summary"):
        printed.append(response)


def test_a_physician_reads_why_and_decides(sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    submit_case(name="Ana Whitfield-Ortega", **URGENT)
    page = sign_in_page(Role.PHYSICIAN)
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
    page.get_by_role("link", name="Ana Whitfield-Ortega").click()
    expect(page.get_by_role("region", name="Why")).to_contain_text("Weak leg or foot")
    page.get_by_role("region", name="Why").get_by_role("link", name="Weak leg or foot").click()
    expect(page.get_by_role("article", name="Weak leg or foot")).to_be_in_viewport()

    page.get_by_role("button", name="Sign decision").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a decision.")
    audit_page(page)
    page.get_by_role("link", name="Enter the reason for the decision.").click()
    expect(page.get_by_label("Reason")).to_be_focused()
    page.get_by_label("Reason").fill("Foot drop since this morning.")
    page.get_by_label("Same-day visit").check()
    page.get_by_role("button", name="Sign decision").click()
    expect(page.get_by_role("alert", name="Success")).to_contain_text("Your decision is signed.")
    expect(page.get_by_role("listitem").filter(has_text="Same-day visit")).to_contain_text(
        "Foot drop since this morning."
    )
    page.get_by_role("link", name="Queue").first.click()
    expect(page.get_by_text("Nobody is waiting in this list.")).to_have_count(2)
    db.session.rollback()
    (signed,) = db.session.scalars(select(Decision)).all()
    assert (signed.kind, signed.reason) == ("same_day_visit", "Foot drop since this morning.")


def test_whoever_changed_their_mind_annuls_in_place(sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    reference = submit_case(**URGENT).reference
    page = sign_in_page(Role.PHYSICIAN)
    page.goto(f"/staff/queue/{reference}")
    page.get_by_label("Call the patient").check()
    page.get_by_label("Reason").fill("Meant for somebody else.")
    page.get_by_role("button", name="Sign decision").click()
    page.get_by_text("Annul a decision").click()
    page.get_by_label("Why it is annulled").fill("Wrong person.")
    audit_page(page)
    page.get_by_role("button", name="Annul", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text="Meant for somebody else.")).to_contain_text("Annulled")
    page.goto("/staff/queue")
    expect(page.get_by_role("row", name=reference)).to_be_visible()
