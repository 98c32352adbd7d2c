"""The mark in each form of a patient: it shows which page of which form we served, long after the session is gone."""

from __future__ import annotations

from typing import NamedTuple

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer

from screening.language import language_now
from screening.sessions import on_tablet

FIELD = "page_mark"


class Mark(NamedTuple):
    draft_id: int
    page: str
    language: str = ""
    """What the page spoke; empty in a mark of an earlier release."""
    on_tablet: bool = False


def make_mark(draft_id: int, page: str) -> str:
    return str(_signer().dumps([draft_id, page, language_now(), on_tablet()]))


def mark_sent() -> Mark | None:
    """The mark of the form that is being sent; None if there is none of ours."""
    try:
        return Mark(*_signer().loads(request.form.get(FIELD, "")))
    except BadData:
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="patient page")
