"""The medical lead reads and signs the rules, and sees what a candidate would change, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect

from screening.access import Role
from screening.actions import what_if
from tests.browser.conftest import AuditPage, SignInPage
from tests.factories import PRIORITY, submit_case
from tests.staff.rule_folders import STRICTER, restart_with, rules_folder

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

NOT_APPROVED = "Rules not yet approved by this clinic"


def test_the_lead_reads_signs_and_looks_ahead(
    app: Flask, sign_in_page: SignInPage, audit_page: AuditPage, tmp_path: Path
) -> None:
    submit_case(name="Bo Lind")
    page = sign_in_page(Role.MEDICAL_LEAD)
    expect(page.get_by_text(NOT_APPROVED)).to_be_visible()
    page.get_by_role("link", name="Rules", exact=True).click()
    rule = page.get_by_role("article", name="Cancer and the spine")
    expect(rule).to_contain_text("Any of these:")
    rule.get_by_text("Examples").click()
    page.get_by_role("button", name="Sign this rule set").click()
    expect(page.get_by_role("alert")).to_contain_text("Tick the box to confirm.")
    audit_page(page)
    page.get_by_label("approve it for this clinic").check()
    page.get_by_role("button", name="Sign this rule set").click()
    expect(page.get_by_text("The rule set is signed.")).to_be_visible()
    expect(page.get_by_text(NOT_APPROVED)).to_have_count(0)

    restart_with(app, rules_folder(tmp_path / "stricter", STRICTER))
    page.get_by_role("link", name="Rules", exact=True).click()
    page.get_by_role("link", name="1.1.0").click()
    page.get_by_role("link", name="What it would change in past cases").click()
    page.get_by_role("button", name="Assess all past cases").click()
    expect(page.get_by_text("takes it up within a minute")).to_be_visible()
    page.get_by_role("link", name="Stop looking again").click()
    audit_page(page)
    assert what_if.run_next(processes=1)
    page.get_by_role("link", name="Look again every few seconds").click()
    page.wait_for_load_state("load")
    chart = page.get_by_role("img", name="Bars: cases in each tier")
    assert chart.evaluate("drawn => drawn.naturalWidth") > 0
    expect(page.get_by_role("row", name="Routine follow-up Specialist consult A07")).to_have_count(1)
    audit_page(page)
    page.get_by_role("link", name="Rules", exact=True).click()
    page.get_by_role("link", name="Rule health").click()
    expect(page.get_by_role("row", name="A13")).to_contain_text("Always fires")
    audit_page(page)


def test_a_finding_marked_as_not_relevant_keeps_its_tier(sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    submit_case(name="Ana Whitfield-Ortega", **PRIORITY)
    page = sign_in_page(Role.PHYSICIAN)
    page.get_by_role("link", name="Ana Whitfield-Ortega").click()
    page.get_by_label("No specialist needed now").check()
    page.get_by_role("textbox", name="Reason", exact=True).fill("Nothing new since 1998.")
    page.get_by_text("Mark findings as not relevant").click()
    page.get_by_label("S04 Cancer and the spine").fill("Discharged from follow-up.")
    audit_page(page)
    page.get_by_role("button", name="Sign decision").click()
    finding = page.get_by_role("article", name="Cancer and the spine")
    expect(finding).to_contain_text("Not relevant: Discharged from follow-up.")
    expect(finding).to_contain_text("Priority specialist consult")
    audit_page(page)
