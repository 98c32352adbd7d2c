"""Who the person is, as the check page shows it: rows of a question, an answer and where to change it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import format_date
from flask_babel import gettext as _

from screening.views.patient.blueprint import CHECK

CONTACT = "contact"
"""The page that asks for name, phone and e-mail."""


def identity_rows(identity: Mapping[str, Any]) -> list[dict[str, str]]:
    born = date.fromisoformat(identity["date_of_birth"])
    contact = url_for("patient.page", page_id=CONTACT, to=CHECK)
    given = {
        _("Full name"): identity.get("full_name", ""),
        _("Phone number"): _("No phone") if identity.get("no_phone") else identity.get("phone", ""),
        _("May we leave a message?"): _("Yes") if identity.get("may_leave_message") else _("No"),
        _("Email address"): identity.get("email") or _("None given"),
    }
    birth = {
        "question": _("Date of birth"),
        "answer": format_date(born, "long"),
        "href": url_for("patient.birth", to=CHECK),
    }
    return [birth, *({"question": question, "answer": answer, "href": contact} for question, answer in given.items())]
