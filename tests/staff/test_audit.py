"""The audit list: searched by action, person, case and days, and taken out."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from screening import clock
from screening.access import Role
from screening.models import AuditEvent, User, db
from screening.queries import audit as queries
from tests.conftest import NOON, SignIn
from tests.factories import submit_case

AUDIT = "/staff/admin/audit"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def listed(page: str) -> list[tuple[str, ...]]:
    """Who, action and subject of each event on a page."""
    rows = re.findall(r"<tr><td class=\"app-nowrap\">(.*?)</tr>", page[page.index("<tbody>") :])
    return [tuple(re.findall(r">([^<]*)</td>", row)[:3]) for row in rows]


@pytest.mark.usefixtures("app", "noon")
def test_the_list_is_searched_and_taken_out(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "BATCH", 2)
    with clock.fixed_at(NOON - timedelta(days=2)):
        case, other = submit_case(), submit_case()
        desk = sign_in(Role.FRONT_DESK)
        for one in (case, other, case):
            desk.get(f"/staff/cases/{one.reference}")
    admin = sign_in(Role.ADMIN)
    user = db.session.scalars(select(User).where(User.email == "front_desk@clinic.example")).one()
    viewed = ("Sam Front desk", "case.viewed", f"case {case.reference}")
    of_case = listed(admin.get(f"{AUDIT}?reference={case.reference.lower()}").text)
    assert of_case[:2] == [viewed, viewed]
    assert ("patient", "draft.started", f"draft {case.draft_id}") in of_case
    assert not any(other.reference in row[2] for row in of_case)
    mine = listed(admin.get(f"{AUDIT}?who=staff:{user.id}&action=case.viewed").text)
    assert [row[0] for row in mine] == ["Sam Front desk"] * 3
    assert listed(admin.get(f"{AUDIT}?first_day=2026-11-16&last_day=2026-11-16&action=case.viewed").text) == mine
    assert listed(admin.get(f"{AUDIT}?first_day=2026-11-17&action=case.viewed").text) == []
    assert "No such event." in admin.get(f"{AUDIT}?reference=3333-3333").text
    user.full_name = "=Sam"
    asked = {"who": f"staff:{user.id}", "action": "case.viewed", "last_day": "2026-11-16"}
    answer = admin.send(f"{AUDIT}/export.csv", asked, page=AUDIT)
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["who"], row["subject"]) for row in rows] == [
        ("'=Sam", f"case {one.reference}") for one in (case, other, case)
    ]
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "audit.exported")).one()
    assert event.detail == {"actor": f"staff:{user.id}", "action": "case.viewed", "last_day": "2026-11-16"}
    assert admin.get(f"{AUDIT}/export.csv").status_code == 405
    refused = admin.get(f"{AUDIT}?first_day=2026-11-17&last_day=2026-11-16")
    assert (refused.status_code, listed(refused.text)) == (422, [])
    assert "To: enter a day that is not before the first one." in refused.text
    assert admin.get(f"{AUDIT}?who=nobody").status_code == 422


@pytest.mark.usefixtures("app")
def test_a_search_leaves_word_of_who_came_up_and_not_of_what_was_typed(sign_in: SignIn) -> None:
    case, desk = submit_case(name="Nadia Quist"), sign_in(Role.FRONT_DESK)
    desk.send("/staff/cases/search/typed", {"text": "qui"}, page="/staff/cases")
    desk.send("/staff/cases/search", {"text": "nobody"}, page="/staff/cases")
    desk.get("/staff/cases/search")
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "cases.searched")).all()
    assert [event.detail for event in events] == [{"cases": [case.id]}]
