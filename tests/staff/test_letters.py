"""Letters to referrers: written from the clinic's template, signed, kept as they were signed, told from stale ones."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import select

from screening.access import Role
from screening.actions import review
from screening.actions.unit import Actor
from screening.letter_words import DEFAULT_TEMPLATE
from screening.models import AuditEvent, Case, ReferralLetter, User, db
from tests.conftest import Browser, SignIn
from tests.factories import URGENT, submit_case
from tests.pdf_pages import all_text, flat
from tests.staff.test_queue import another_physician

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
REASON = "Foot drop is old."
TO = {"recipient": "Dr. Jane Roe", "address": "Springfield Medical Group\n12 Main Street\nSpringfield, IL 62704"}
TEMPLATE = "/staff/admin/letter"


def address(case: Case) -> str:
    return f"/staff/queue/{case.reference}"


def decide(case: Case, name: str = "Sam Physician") -> int:
    user = db.session.scalars(select(User).where(User.full_name == name)).one()
    by = Actor("staff", user.id, user.full_name)
    kind = review.DecisionKind.REFER_SPECIALIST
    return review.decide(case_id=case.id, kind=kind, reason=REASON, by=by).id


def write(browser: Browser, case: Case) -> dict[str, str]:
    """The form of a new letter as it is shown."""
    page = browser.get(f"{address(case)}/letters/new").text
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    text = re.search(r"<textarea[^>]*name=\"text\"[^>]*>(.*?)</textarea>", page, re.DOTALL)
    return {**sent, "text": unescape(text[1]).strip()} if text else {}


@SQLITE
def test_a_letter_is_written_signed_printed_and_told_from_a_stale_one(sign_in: SignIn) -> None:
    case = submit_case(name="Ana Whitfield-Ortega", **URGENT)
    physician = sign_in(Role.PHYSICIAN)
    assert "No decision counts" in physician.get(f"{address(case)}/letters/new").text
    decided = decide(case)
    form = write(physician, case)
    for said in ("Ana Whitfield-Ortega", "born March 4, 1981", "my decision: Refer to a pain specialist", REASON):
        assert said in form["text"]
    assert "- Same-day review: Weak leg or foot" in form["text"]
    assert not re.search(r"\b(eligible|suitable|cleared|safe)\b", form["text"], re.IGNORECASE)

    text = form["text"].replace("Dear colleague", "Dear Jane")
    answer = physician.post(f"{address(case)}/letters", data={**form, **TO, "text": text})
    assert answer.status_code == 302, answer.text
    letter = db.session.scalars(select(ReferralLetter)).one()
    assert (letter.decision_id, letter.signed_name) == (decided, "Sam Physician")
    printed = physician.send(f"{address(case)}/letters/{letter.id}", page=address(case))
    assert printed.data == letter.pdf
    assert flat("Dear Jane") in flat(all_text(printed.data)) and flat(TO["address"]) in flat(all_text(printed.data))
    events = db.session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("case.letter%"))).all()
    assert sorted(events) == ["case.letter_printed", "case.letter_signed"]

    front_desk = sign_in(Role.FRONT_DESK)
    check = f"/staff/prints/{case.reference}/{letter.mark}"
    seen = front_desk.get(check).text
    assert "This letter is current" in seen and REASON not in seen and "Refer to" not in seen
    by = Actor("staff", letter.user_id, letter.signed_name)
    review.annul(decision_id=decided, reason="Wrong person", by=by)
    stale = front_desk.get(check).text
    assert "This letter is superseded" in stale and "Its decision was annulled." in stale
    assert "Superseded" in physician.get(address(case)).text
    assert physician.send(f"{address(case)}/letters/{letter.id}", page=address(case)).data == letter.pdf


@SQLITE
def test_a_letter_is_not_signed_on_what_its_writer_has_not_read(app: Flask, sign_in: SignIn) -> None:
    case = submit_case(name="Ana Whitfield-Ortega", **URGENT)
    physician, second = sign_in(Role.PHYSICIAN), another_physician(app)
    decide(case)
    form = write(physician, case)
    assert "signs the letter that tells it" in second.get(f"{address(case)}/letters/new").text
    own_token = {"csrf_token": second.token(address(case))}
    assert second.post(f"{address(case)}/letters", data={**form, **TO, **own_token}).status_code == 409
    decide(case)
    late = physician.post(f"{address(case)}/letters", data={**form, **TO, "text": "Typed for long."})
    assert late.status_code == 409
    assert "decided on while you wrote" in late.text and "Typed for long.</textarea>" in late.text
    decide(case, "Alex Second")
    wide = {**write(second, case), **TO, "address": "x" * 60}
    refused = second.post(f"{address(case)}/letters", data=wide)
    assert refused.status_code == 422 and "to show in the window" in refused.text
    assert db.session.scalars(select(ReferralLetter)).all() == []


@SQLITE
def test_the_clinic_edits_the_template_and_a_name_that_is_not_listed_is_told(sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMIN)
    text = "About {patient_name} {{7*7}}\n\nCall {clinic_phone}\n\n- {findings}"
    for typed, fault in (("{patients}", "{patients} is not in the list"), ("a { b", "There is a { alone.")):
        page = admin.send(TEMPLATE, {"letter_template": typed}).text
        assert fault in unescape(page)
    assert "There is a { alone." in admin.send(TEMPLATE, {"letter_template": text}).text
    text = text.replace("{{7*7}}", "[7*7]")
    preview = admin.send(f"{TEMPLATE}/preview", {"letter_template": text}, page=TEMPLATE).text
    assert "About Alex Example [7*7]" in preview and "Call {clinic_phone}" not in preview.split("<form")[0]
    assert DEFAULT_TEMPLATE.splitlines()[0] in admin.get(TEMPLATE).text
    admin.send(TEMPLATE, {"letter_template": text})
    case = submit_case(name="{reference} {{ 7*7 }}", **URGENT)
    physician = sign_in(Role.PHYSICIAN)
    decide(case)
    assert write(physician, case)["text"].startswith("About {reference} {{ 7*7 }} [7*7]")


@SQLITE
def test_a_letter_is_tagged_and_has_its_parts_in_order(sign_in: SignIn) -> None:
    case = submit_case(name="Ana Whitfield-Ortega", **URGENT)
    physician = sign_in(Role.PHYSICIAN)
    decide(case)
    physician.post(f"{address(case)}/letters", data={**write(physician, case), **TO})
    letter = db.session.scalars(select(ReferralLetter)).one()
    with pikepdf.open(BytesIO(letter.pdf)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked) and str(pdf.Root.Lang) == "en"
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
        assert pdf.open_outline().root[0].title.startswith("About Ana Whitfield-Ortega")
    words = flat(all_text(letter.pdf))
    places = [words.index(flat(part)) for part in ("Dr. Jane Roe", "About Ana", "Dear colleague", "Signed in the")]
    assert places == sorted(places)
