"""The page for when the database does not answer, or cannot write: what was sent is kept in it, to be sent once more.

It asks the database for nothing, so that it comes at once.
"""

from __future__ import annotations

import errno
from contextlib import suppress
from typing import TypeGuard

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import force_locale
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from structlog import get_logger

from screening.clinic import last_known_clinic
from screening.language import STAFF_PREFIX, language_now
from screening.models.limits import DatabaseAway, ask_no_more
from screening.tablet import WARNING_SECONDS
from screening.views.patient.marks import mark_sent

RETRY_AFTER_SECONDS = 10
DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})
FAULTS = (OperationalError, NoConnectionFree, DatabaseAway, OSError)
SECRET = ("password", "code")
"""Parts of the names of fields that are typed anew rather than kept in a page."""

log = get_logger()


def init_away(app: Flask) -> None:
    for fault in FAULTS:
        app.register_error_handler(fault, away)
    app.before_request_funcs.setdefault(None, []).insert(0, _session_first)


def is_away(fault: BaseException | None) -> TypeGuard[Exception]:
    """Whether a fault is one of storage."""
    return isinstance(fault, FAULTS) and (not isinstance(fault, OSError) or fault.errno in DISK)


def away(fault: Exception) -> Response:
    """The page, in the words of the form that was sent. Raises what is no fault of storage."""
    if not is_away(fault):
        raise fault
    # The log may lie on the disk that is full.
    with suppress(OSError):
        log.error("storage failed", endpoint=request.endpoint, method=request.method, exc_info=fault)
    ask_no_more()
    g.setdefault("clinic", last_known_clinic())
    mark = mark_sent() if request.method == "POST" else None
    with force_locale(mark.language if mark and mark.language else language_now()):
        page = render_template(
            "away.html",
            address=request.full_path.rstrip("?"),
            posted=request.method == "POST",
            kept=_kept(),
            for_staff=request.path.startswith(STAFF_PREFIX),
            cleared_after=WARNING_SECONDS if mark and mark.on_tablet else None,
        )
    response = make_response(page, 503)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _session_first() -> None:
    """Without its session a request is nobody's, and would be shown somebody else's pages or none."""
    fault: SQLAlchemyError | None = g.get("session_fault")
    if fault is not None:
        raise fault


def _kept() -> list[tuple[str, str]] | None:
    """What was sent, as fields of a form; None where it is to be typed anew."""
    if request.method != "POST" or any(part in name for name in request.form for part in SECRET):
        return None
    return list(request.form.items(multi=True))
