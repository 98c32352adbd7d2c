"""A person reads and answers in their own language; staff read English, and can see what the person saw."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from screening.access import Role
from screening.clinic import current_clinic
from screening.language import catalogue
from screening.models import AuditEvent, Case, Notice, db
from screening.pdf import prepare, summary_of
from screening.questions import PAGES
from tests.conftest import Browser, SignIn, new_browser
from tests.patient.conftest import the_draft
from tests.pdf_pages import all_text, flat
from tests.walk import BORN, HttpWalker, page_data, person

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("noon"),
]
SWITCH = {"switch_language": "es"}
MEXICO = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}


def spoken(html: str) -> str:
    found = re.search(r'<html lang="([a-z]+)"[^>]*dir="([a-z]+)"', html)
    assert found, html[:300]
    return f"{found[1]} {found[2]}"


def test_the_browser_s_language_then_the_person_s_choice_then_the_form_s(app: Flask, client: Browser) -> None:
    assert spoken(client.get("/").text) == "en ltr"
    assert spoken(client.get("/", headers={"Accept-Language": "fr"}).text) == "en ltr"
    page = client.get("/", headers=MEXICO).text
    assert spoken(page) == "es ltr" and "Preguntas sobre su dolor" in page
    assert '<span class="app-languages__one" lang="es" aria-current="true">Español</span>' in page
    assert re.search(r'<button [^>]*value="en" lang="en"[^>]*>English</button>', page)

    typed = client.send("/", {**SWITCH, "consent": "yes", **BORN}, page="/")
    assert typed.status_code == 200 and spoken(typed.text) == "es ltr"
    assert 'value="1981"' in typed.text and re.search(r'name="consent"[^>]*checked', typed.text)
    assert db.session.scalar(select(AuditEvent).where(AuditEvent.action == "draft.started")) is None

    walker = HttpWalker(client)
    walker.start(person())
    assert the_draft().language == "es" and spoken(walker.text) == "es ltr"
    assert spoken(client.get(walker.address, headers={"Accept-Language": "en"}).text) == "es ltr"


def test_the_switch_keeps_what_was_typed_and_sends_nothing(client: Browser) -> None:
    walker = HttpWalker(client)
    walker.arrive(person(), "contact")
    typed = walker.post(walker.address, {**page_data(PAGES["contact"], person(full_name="Ñandú <b>")), **SWITCH})
    assert typed.status_code == 200 and spoken(typed.text) == "es ltr"
    assert "Ñandú &lt;b&gt;" in typed.text and "Nombre completo" in typed.text
    assert not the_draft().identity.get("full_name") and the_draft().language == "es"
    assert db.session.scalars(select(AuditEvent.action).where(AuditEvent.action == "draft.language_changed")).all()

    walker.until("check", person())
    again = walker.post("/screening/check", {"switch_language": "en", "agree": "yes"})
    assert again.status_code == 200 and re.search(r'name="agree"[^>]*checked', again.text)
    assert the_draft().closed_at is None and the_draft().language == "en"
    assert walker.post("/screening/check", {"switch_language": "xx"}).status_code == 200
    assert the_draft().language == "en"


def test_a_page_without_a_form_switches_and_comes_back(client: Browser) -> None:
    lost = client.get("/screening/contact")
    assert lost.status_code == 410
    moved = client.post("/language", data={"csrf_token": client.token("/"), "from": "/screening/contact", **SWITCH})
    assert moved.status_code == 303 and moved.location == "/screening/contact"
    assert spoken(client.get("/screening/contact").text) == "es ltr"
    with client.session_transaction() as session:
        session["draft_id"] = 2**31 - 1
    back = {"csrf_token": client.token("/"), "from": "/screening/contact", "switch_language": "en"}
    assert client.post("/language", data=back).status_code == 303
    assert spoken(client.get("/screening/contact").text) == "en ltr"
    for elsewhere in ("//evil.example", "/staff/", "https://evil.example/", "/language", ""):
        data = {"csrf_token": client.token("/"), "from": elsewhere, **SWITCH}
        assert client.post("/language", data=data).location == "/", elsewhere


def test_what_was_told_at_once_is_told_again_in_the_new_language(client: Browser) -> None:
    walker = HttpWalker(client)
    emergency = person(rf_saddle="new_or_worse_2w")
    walker.start(emergency)
    walker.until("emergency", emergency)
    assert "Stop and call 911 now" in walker.text
    spanish = walker.post("/screening/emergency", {**SWITCH, "place": "Calle 5"}).text
    assert "Deténgase y llame al 911 ahora" in spanish and "sala de emergencias" in spanish
    assert "Stop and call" not in spanish and 'value="Calle 5"' in spanish
    told = db.session.scalars(select(Notice).order_by(Notice.id)).all()
    assert [(n.kind, n.text["language"]) for n in told if n.kind == "emergency"] == [
        ("emergency", "en"),
        ("emergency", "es"),
    ]


def test_staff_read_english_and_can_see_what_the_person_saw(app: Flask, client: Browser, sign_in: SignIn) -> None:
    client.post("/language", data={"csrf_token": client.token("/"), "from": "/", **SWITCH})
    walker = HttpWalker(client)
    done = walker.finish(person(rf_leg_weakness="mild_stable"))
    assert spoken(done) == "es ltr" and "Sus respuestas se enviaron" in done
    rule_text = "Su pierna o su pie está débil desde hace un tiempo."
    assert rule_text in done and "Español" not in done

    case = db.session.scalars(select(Case)).one()
    assert case.language == "es" and case.record["language"] == "en"
    assert case.as_seen and case.as_seen["record"]["language"] == "es" and not case.as_seen["approved"]
    physician = sign_in(Role.PHYSICIAN).get(f"/staff/queue/{case.reference}").text
    desk = sign_in(Role.FRONT_DESK).get(f"/staff/cases/{case.reference}").text
    question = "¿Tiene una pierna o un pie débil?"
    for page in (physician, desk):
        assert "Is one leg or foot weak?" in page and question in page and spoken(page) == "en ltr"
        assert "Spanish (translation awaiting review)" in page
    assert rule_text in physician and rule_text not in desk and "Your leg or foot has been weak" in physician

    printed = flat(all_text(client.get("/screening/copy.pdf").data))
    seen = [row for part in case.as_seen["record"]["sections"] for row in part["rows"]]
    assert [row["id"] for row in seen if flat(row["question"] + row["answer"]) not in printed] == []
    assert flat(rule_text) in printed and "Your leg or foot" not in printed
    copy = prepare(summary_of(case, current_clinic(), True, base_url="https://x.org"), "patient").html
    assert '<html lang="es" dir="ltr">' in copy
    staff = prepare(summary_of(case, current_clinic(), True, base_url="https://x.org"), "staff").html
    assert question not in staff and rule_text not in staff


def test_a_translation_awaits_review_until_the_clinic_approves_it(app: Flask, sign_in: SignIn) -> None:
    line = catalogue("es")["The clinic has not checked this translation yet."]
    assert line in new_browser(app).get("/", headers=MEXICO).text
    assert line not in new_browser(app).get("/").text
    admin = sign_in(Role.ADMIN)
    page = "/staff/admin/languages/es"
    assert "Awaiting review" in admin.get("/staff/admin/languages").text
    stale = admin.send(f"{page}/approval", {"sha256": "0" * 64}, page=page)
    assert stale.location == page and "changed since" in admin.get(page).text
    sha256 = re.search(r'name="sha256" value="([0-9a-f]{64})"', admin.get(page).text)
    assert sha256
    admin.send(f"{page}/approval", {"sha256": sha256[1]}, page=page)
    assert "Approved by Sam Admin" in admin.get("/staff/admin/languages").text
    assert line not in new_browser(app).get("/", headers=MEXICO).text
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "translation.approved")).one()
    assert event.detail == {"language": "es", "sha256": sha256[1]} and event.actor.startswith("staff:")


def test_a_clinic_chooses_its_languages(app: Flask, sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMIN)
    settings = admin.get("/staff/admin/clinic").text
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', settings))
    fields = {name: value for name, value in fields.items() if name not in ("offer_es", "csrf_token")}
    fields["place_es"] = "el hospital de la calle Mayor"
    saved = admin.send("/staff/admin/clinic", {**fields, "paper": "Letter", "alcohol_screening": "y"})
    assert saved.status_code == 302, re.findall(r"error-summary__list.*?</ul>", saved.text, re.DOTALL)
    page = new_browser(app).get("/", headers=MEXICO).text
    assert spoken(page) == "en ltr" and "Español" not in page
    assert current_clinic().languages == ("en",)
    assert current_clinic().place_in("es") == "el hospital de la calle Mayor"
