"""Printing in a browser: how far a file of many is, cancelling it, and what the code on a paper leads to."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from screening.access import Role
from screening.actions import printing, summaries
from screening.actions.unit import SYSTEM, Actor
from screening.models import User, db
from tests.browser.conftest import AuditPage, SignInPage
from tests.factories import submit_case

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


def fits(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_file_is_cancelled_and_a_paper_asked_whether_it_is_current(
    app: Flask, sign_in_page: SignInPage, audit_page: AuditPage
) -> None:
    case = submit_case()
    page = sign_in_page(Role.FRONT_DESK)
    desk = db.session.scalars(select(User.id)).one()
    job = printing.request(case_ids=[case.id], by=Actor("staff", desk))
    page.goto(f"/staff/prints/{job.id}")
    expect(page.get_by_text("0 of 1 made")).to_be_visible()
    for width in (320, 1280):
        fits(page, width)
    audit_page(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("you cancelled it")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)

    summaries.print_summary(case_id=case.id, by=SYSTEM)
    page.goto(f"/staff/prints/{case.reference}/{summaries.current_mark(case_id=case.id)}")
    expect(page.get_by_role("heading", name="This print is current")).to_be_visible()
    audit_page(page)
    page.goto(f"/staff/prints/{case.reference}/{'0' * 16}")
    expect(page.get_by_text("Do not rely on this paper.")).to_be_visible()
    for width in (320, 1280):
        fits(page, width)
    audit_page(page)
