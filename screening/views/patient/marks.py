"""The mark in each form of a patient: it shows which page of which form we served, long after the session is gone."""

from __future__ import annotations

from typing import NamedTuple

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer

from screening.language import language_now
from screening.sessions import on_tablet
from screening.signing import signer

FIELD = "page_mark"
TABLET = "tablet"


class Mark(NamedTuple):
    draft_id: int
    page: str
    language: str = ""
    """What the page spoke; empty in a mark of an earlier release."""
    on_tablet: bool = False


def make_mark(draft_id: int, page: str) -> str:
    # Two parts: an earlier release, which may be sent the page meanwhile, fails over more.
    said = [page, language_now(), *([TABLET] if on_tablet() else [])]
    return str(_signer().dumps([draft_id, " ".join(said)]))


def mark_sent() -> Mark | None:
    """The mark of the form that is being sent; None if there is none of ours."""
    try:
        draft_id, said, *_ = _signer().loads(request.form.get(FIELD, ""))
    except BadData:
        return None
    page, *rest = said.split(" ")
    return Mark(draft_id, page, rest[0] if rest else "", TABLET in rest[1:])


def _signer() -> URLSafeSerializer:
    # A page whose mark is not read could be saved into another form that is open in the same browser.
    return signer(str(current_app.secret_key), salt="patient page", readable_before=True)
