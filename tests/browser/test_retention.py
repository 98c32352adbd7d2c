"""An admin holds a person, lifts the hold, and erases one, in a browser."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from screening.access import Role
from screening.models import Case, LegalHold, db
from tests.browser.conftest import AuditPage, SignInPage
from tests.factories import CONSULT, start_form, submit_case

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

NAME = "Ana Whitfield-Ortega"


def test_a_person_is_held_and_then_erased(sign_in_page: SignInPage, audit_page: AuditPage) -> None:
    """Given a screening and a form of one person, when an admin holds, lifts and erases, then all is gone."""
    case, other = submit_case(name=NAME, **CONSULT), submit_case(name="Ben Sand")
    start_form(name=NAME)
    db.session.commit()
    reference, other_id = case.reference, other.id
    page = sign_in_page(Role.ADMIN)
    page.get_by_role("link", name="Retention").click()
    hold = page.locator("form[action$=holds]")
    hold.get_by_role("button").click()
    audit_page(page)
    hold.get_by_label("Reference").fill(reference)
    hold.get_by_label("Why nothing").fill("A letter of a court")
    hold.get_by_role("button").click()
    page.get_by_text("Lift this hold").click()
    audit_page(page)
    page.get_by_label("Why the hold is lifted").fill("The case is over")
    page.get_by_role("button", name="Lift the hold").click()
    find = page.locator("form[action$=people]")
    find.get_by_label("Reference").fill(reference.lower())
    find.get_by_role("button").click()
    page.get_by_label("Unfinished form").check()
    page.get_by_label("Why the person").fill("Asked for in a letter")
    audit_page(page)
    page.get_by_role("button", name="Show what would go").click()
    page.get_by_label("Type the reference").fill("wrong")
    page.get_by_role("button", name="Erase for good").click()
    audit_page(page)
    page.get_by_label("Type the reference").fill(reference)
    page.get_by_role("button", name="Erase for good").click()
    page.get_by_text("The person is erased.").wait_for()
    audit_page(page)
    db.session.rollback()
    assert db.session.scalars(select(Case.id)).all() == [other_id]
    assert db.session.scalars(select(LegalHold)).all() == []
