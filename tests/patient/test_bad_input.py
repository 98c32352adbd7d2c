"""Wrong, hostile and broken input: a message or a clear page, never a 500, and never a save."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter

from screening.questions import PAGES
from tests.conftest import Browser, new_browser
from tests.patient.conftest import the_draft
from tests.walk import BORN, LONGEST, HttpWalker, errors_on, page_data, person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HOSTILE = ["9" * 400, "\x00", "a\x00b", "<script>alert(1)</script>", "' OR 1=1 --", "\u202egnp", "😀" * 50, "١٢", "1e9"]


def test_every_page_takes_hostile_input_as_a_field_error_or_text(walker: HttpWalker) -> None:
    answers = person(**LONGEST)
    walker.start(answers)
    while walker.at != "check":
        names = page_data(PAGES[walker.at], answers)
        for hostile in HOSTILE:
            sent = walker.post(walker.address, dict.fromkeys(names, hostile))
            assert sent.status_code in (303, 422), (walker.at, hostile[:10], sent.status)
            assert "<script>alert" not in sent.text
        walker.open(walker.address)
        assert "<script>alert" not in walker.text
        walker.answer(answers)
    assert set(PAGES) <= set(walker.visited)
    assert "<script>alert" not in walker.text


def test_a_wrong_answer_keeps_what_was_typed_and_says_what_to_enter(walker: HttpWalker) -> None:
    walker.arrive(person(), "blood-pressure")
    sent = walker.post(walker.address, {"hx_bp": "no", "bp_systolic": "1200", "bp_diastolic": "80"})
    assert sent.status_code == 422
    assert 'value="1200"' in sent.text and 'value="80"' in sent.text
    assert errors_on(sent.text) == ["Enter a whole number from 60 to 260, or leave it blank"]
    assert "<title>" in sent.text and "Error:" in sent.text.split("</title>")[0]
    assert "hx_bp" not in the_draft().answers


@pytest.mark.parametrize("token", [None, "", "wrong", "foreign"])
def test_without_the_forms_token_nothing_is_saved_and_the_typed_is_kept(walker: HttpWalker, token: str | None) -> None:
    walker.arrive(person(), "contact")
    data: dict[str, Any] = {"full_name": "Robin Q. Wells", "phone": "555-010-0142"}
    if token == "foreign":
        token = new_browser(walker.client.application).token("/")
    if token is not None:
        data["csrf_token"] = token
    sent = walker.client.post("/screening/contact", data=data)
    assert sent.status_code == 400
    assert 'value="Robin Q. Wells"' in sent.text
    assert "press the button again" in sent.text
    assert "full_name" not in the_draft().identity
    walker.text = sent.text
    assert walker.send("/screening/contact", {"full_name": "Robin Q. Wells", "phone": "555-010-0142"}) == "sex"


@pytest.mark.parametrize("address", ["/", "/screening/date-of-birth", "/screening/emergency", "/screening/go-on"])
def test_every_form_is_shown_again_without_its_token(walker: HttpWalker, address: str) -> None:
    walker.walk(person(rf_bladder="new_or_worse_2w"), until="emergency")
    sent = walker.client.post(address, data=BORN)
    assert sent.status_code == 400
    assert "press the button again" in sent.text


def test_the_check_page_is_shown_again_without_its_token(walker: HttpWalker) -> None:
    walker.arrive(person())
    sent = walker.client.post("/screening/check", data={"agree": "yes"})
    assert sent.status_code == 400
    assert "press the button again" in sent.text
    assert the_draft().closed_at is None


def _of(kind: BaseConverter) -> str | int:
    """A part of an address that leads to nothing."""
    if isinstance(kind, AnyConverter):
        return next(iter(kind.items))
    return 1 if isinstance(kind, IntegerConverter) else "nowhere"


def test_no_post_without_a_token_is_a_failure_of_ours(app: Flask, walker: HttpWalker) -> None:
    walker.arrive(person(), "legs")
    sent: dict[str, int] = {}
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()):
            continue
        given = {name: _of(kind) for name, kind in rule._converters.items()}
        address = app.url_map.bind("localhost").build(rule.endpoint, given, method="POST")
        sent[address] = walker.client.post(address).status_code
    assert sent["/screening/nowhere"] == 404 and sent["/screening/check"] == 400 and len(sent) > 80
    assert not [(address, status) for address, status in sent.items() if status >= 500]


@pytest.mark.parametrize("address", ["/screening/nowhere", "/screening/%00", "/screening/who/more", "/nothing"])
def test_an_unknown_page_is_not_found(walker: HttpWalker, address: str) -> None:
    walker.arrive(person(), "legs")
    assert walker.client.get(address).status_code == 404


def test_a_megabyte_is_too_long(walker: HttpWalker) -> None:
    walker.arrive(person(), "anything-else")
    sent = walker.post(walker.address, {"anything_else": "a" * 1024 * 1024})
    assert sent.status_code == 413
    assert "anything_else" not in the_draft().answers


def test_a_wrong_way_back_is_no_way_out(walker: HttpWalker) -> None:
    walker.arrive(person(), "legs")
    for to in ("https://elsewhere.example", "//elsewhere.example", "Check"):
        walker.open("/screening/who")
        sent = walker.client.post(
            "/screening/who", query_string={"to": to}, data={"csrf_token": _token(walker), "completed_by": "self"}
        )
        assert sent.location == "/screening/bladder-bowel"


@pytest.mark.parametrize(
    "address", ["/screening/who", "/screening/check", "/screening/emergency", "/screening/date-of-birth"]
)
def test_a_lost_form_has_a_kind_page(client: Browser, address: str) -> None:
    for response in (client.get(address), client.post(address, data={})):
        assert response.status_code in (400, 410)
        assert "Your form is not open here" in response.text
        assert "You did nothing wrong" in response.text


def test_a_made_up_session_id_is_nobodys(client: Browser) -> None:
    for made_up in ("x", "\x00", "a" * 4000, "../../etc/passwd"):
        client.set_cookie("session", made_up)
        assert client.get("/screening/who").status_code == 410


def _token(walker: HttpWalker) -> str:
    return walker.text.split('name="csrf_token" value="')[1].split('"')[0]
