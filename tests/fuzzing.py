"""Hostile requests, the same ones for the same seed: posts of every page, and addresses that nobody would type."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

from flask import Flask
from werkzeug.routing import Rule

import rules
from screening.forms.fields import DONT_KNOW
from screening.questions import PAGES
from screening.questions.spec import Page
from screening.text import clean_line, clean_text, read_number
from tests.walk import page_data, person

FORM = "application/x-www-form-urlencoded"
TYPES = (
    FORM,
    FORM,
    FORM,
    FORM,
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
)
METHODS = ("GET", "GET", "GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "BREW")
NUMBERS = (
    *("9" * 400, "-1", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "1e9", "1e999", "NaN"),
    *("Infinity", "-0", "0x10", "1_000", "٣", "½", "1.5", "00012", "+5"),
)
TEXTS = (
    *("", " ", "\x00", "a\x00b", "\r\n\r\nSet-Cookie: x=1", "<script>alert(1)</script>", "' OR 1=1 --", "{{7*7}}"),
    *("${jndi:ldap://x}", "../../../etc/passwd", "\u202egnp.exe", "\ufeff", "e\u0301" * 40, "👩‍👩‍👧‍👦" * 20, "م" * 60),
    *("%00", "%ff", "a" * 5000, "[" * 900, '{"a": {"b": [1, 1]}}', "yes", "no", "none", "\u2028x", "\U0010ffff"),
    *("1981-03-04", "0000-00-00", "9999-12-31", DONT_KNOW),
)
RAW = (
    *(b"%", b"%zz=1", b"=", b"&&&&", b"a" * 3000, b"%ff%fe=%c3%28", b"\xff\xfe\x00", b"a[b][c][d]=1", b"{" * 2000),
    *(b"opioids-99999999999-drug=x", b'{"a":1}', b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--"),
    *(b"--x\r\n", b"\x00" * 64, b"=\xe9", "full_name=é".encode("utf-16"), b"csrf_token=&csrf_token=", b"a=1;b=2"),
)
HUGE = (b"9223372036854775808", b"2147483648")
SEGMENTS = (
    *(b"%00", b"%ff", b"%c0%af", b"..", b"%2e%2e%2f", b"%2F%2F", b"%F0%9F%98%80", b"%E2%80%AE", b"'", b"-1", b"1e5"),
    *(b"NaN", b"a" * 800, b"%25", b"%0d%0aX:1", b"\\", b";x=1", b"0", b"null"),
    *(b"3333-3333", b"who", b"es"),
)
NAMES = (b"after", b"show", b"tier", b"to", b"held", b"next", b"from", b"day", b"page", b"%ff", b"a[]")
"""Of parameters in addresses."""


class Shot(NamedTuple):
    method: str
    path: bytes
    """With its query, percent-encoded."""
    body: bytes | None = None
    content_type: str = FORM


def any_text(chance: random.Random) -> str:
    return chance.choice(NUMBERS if chance.random() < 0.4 else TEXTS)


def page_post(chance: random.Random, page: Page) -> tuple[dict[str, Any], Shot]:
    """A post of one page of the form: some fields as they should be, some hostile, now and then none of it a form."""
    fields = page_data(page, person(anything_else=any_text(chance)))
    for name in fields:
        if chance.random() < 0.3:
            fields[name] = any_text(chance)
    if chance.random() < 0.2:
        fields[chance.choice([*fields, "stop", "switch_language", "page_mark", any_text(chance)])] = any_text(chance)
    body = chance.choice(RAW) if chance.random() < 0.1 else encoded(fields)
    address = f"/screening/{page.id}" + ("?to=check" if chance.random() < 0.3 else "")
    return fields, Shot("POST", address.encode(), body, chance.choice(TYPES) if chance.random() < 0.1 else FORM)


def encoded(fields: Mapping[str, Any]) -> bytes:
    pairs = [(name, text) for name, value in fields.items() for text in (value if isinstance(value, list) else [value])]
    return "&".join(f"{quote_plus(name)}={quote_plus(str(text))}" for name, text in pairs).encode()


def other_post(chance: random.Random, rule: Rule, names: Sequence[str], ids: Mapping[str, Any]) -> Shot:
    """A post to any other address, with names of fields that pages of ours use."""
    fields = {chance.choice(names): any_text(chance) for _ in range(chance.randint(0, 6))}
    body = chance.choice(RAW) if chance.random() < 0.2 else encoded(fields)
    kind = chance.choice(TYPES) if chance.random() < 0.2 else FORM
    return Shot("POST", address_of(chance, rule, ids, hostile=0.3), body, kind)


def address_of(chance: random.Random, rule: Rule, ids: Mapping[str, Any], hostile: float) -> bytes:
    """An address of a rule: each part an id that is there, or a hostile one."""
    path = b""
    for is_part, text in rule._trace:
        if not is_part:
            path += text.lstrip("|").encode()
        elif chance.random() < hostile or text not in ids:
            path += chance.choice(HUGE if chance.random() < 0.4 else SEGMENTS)
        else:
            path += quote(str(ids[text])).encode()
    return path or b"/"


def hostile_address(chance: random.Random, known: Sequence[Rule], ids: Mapping[str, Any]) -> Shot:
    path = address_of(chance, chance.choice(known), ids, hostile=0.8)
    if chance.random() < 0.3:
        path += b"/" + chance.choice(SEGMENTS)
    if chance.random() < 0.6:
        values = (*SEGMENTS, *(quote(text).encode() for text in (*NUMBERS, *TEXTS)))
        path += b"?" + b"&".join(
            chance.choice(NAMES) + b"=" + chance.choice(values) for _ in range(chance.randint(1, 3))
        )
    return Shot(chance.choice(METHODS), path)


def reads_back(page: Page, sent: Mapping[str, Any], stored: Mapping[str, Any]) -> list[str]:
    """The questions of an accepted page whose stored answer is not what was sent."""
    if page.identity:
        name = sent.get("full_name")
        return [] if name is None or stored.get("full_name") == clean_line(str(name)) else ["full_name"]
    fields = rules.load().fields
    wrong = []
    for question in page.questions:
        text = sent.get(question.id)
        if not isinstance(text, str) or question.id not in stored:
            continue
        if stored[question.id] not in _meant(fields[question.id], text):
            wrong.append(question.id)
    return wrong


def _meant(field: rules.Field, text: str) -> tuple[Any, ...]:
    blank = (None,) if text == DONT_KNOW or not clean_text(text) else ()
    if field.kind in ("integer", "scale"):
        return (*blank, read_number(text))
    if field.kind == "text":
        return (*blank, clean_text(text), clean_line(text), "")
    return (*blank, *(code for code in field.codes if str(code) == text), [text], [])


def post_rules(app: Flask, left_out: Sequence[str]) -> list[Rule]:
    """The addresses that take a post, but for those of the form's pages and those left out, by endpoint."""
    return [
        rule
        for rule in known_rules(app, left_out)
        if "POST" in (rule.methods or ()) and rule.endpoint != "patient.answer"
    ]


def known_rules(app: Flask, left_out: Sequence[str]) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in left_out]


PAGES_ASKED = tuple(PAGES.values())
