"""Pages for when something cannot be shown or done: what happened in plain words, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from structlog import get_logger
from werkzeug.exceptions import HTTPException, InternalServerError

from screening.away import away, init_away, is_away
from screening.config import Settings
from screening.logs import configure_logs
from screening.rendering import NotPrinted

log = get_logger()


@dataclass(frozen=True)
class ErrorPage:
    title: Any
    happened: Any
    next_step: Any


SAVED = _("The answers that you sent with Continue are saved.")

CSRF_PAGE = ErrorPage(
    _("This page is out of date"),
    _("It was open for a long time, or you signed in or out in another tab. What you sent was not saved."),
    _("Open the page again, and send it once more."),
)

NOT_PRINTED = ErrorPage(
    _("The print could not be made"),
    _("It took too long. The answers are not lost."),
    _("Wait one minute. Then try again."),
)

PAGES: dict[int, ErrorPage] = {
    400: ErrorPage(
        _("We could not read what you sent"),
        _("Something in it was not as this page expects."),
        _("Go back, check what you entered, and send it once more."),
    ),
    403: ErrorPage(
        _("You cannot open this page"),
        _("Your account is not for this part."),
        _("If you need it for your work, ask the person who looks after accounts at your clinic."),
    ),
    404: ErrorPage(
        _("Page not found"),
        _("There is no page at this address."),
        _("If you typed the address, check it. If you followed a link, start again from the first page."),
    ),
    405: ErrorPage(
        _("This page cannot be opened that way"),
        _("It only takes what is sent from a form."),
        _("Start again from the first page."),
    ),
    413: ErrorPage(
        _("That is too long"),
        _("You sent more than this page can take. It was not saved."),
        _("Go back, make it shorter, and send it once more."),
    ),
    429: ErrorPage(
        _("Too many tries"),
        _("There were many requests in a short time."),
        _("Wait one minute. Then try again."),
    ),
    500: ErrorPage(
        _("Something went wrong on our side"),
        _("It is not your fault. We may not have saved what you just sent."),
        _("Go back and send it once more. If this happens again, call the clinic."),
    ),
}

OTHER = {range(400, 500): 400, range(500, 600): 500}


def init_errors(app: Flask) -> None:
    settings: Settings = app.extensions["settings"]
    configure_logs(quote_exceptions=settings.demo)
    app.register_error_handler(CSRFError, _out_of_date)
    app.register_error_handler(NotPrinted, _not_printed)
    app.register_error_handler(HTTPException, _refused)
    init_away(app)


def _out_of_date(error: CSRFError) -> ResponseReturnValue:
    log.warning("form token refused", endpoint=request.endpoint)
    return _respond(400, CSRF_PAGE)


def _not_printed(error: NotPrinted) -> ResponseReturnValue:
    log.error("print failed", endpoint=request.endpoint, reason=str(error))
    return _respond(503, NOT_PRINTED)


def _refused(error: HTTPException) -> ResponseReturnValue:
    """Every other error. A redirect is an HTTPException too, and goes as it is."""
    code = error.code or 500
    if code < 400 or error.response is not None:
        return error.get_response()
    if isinstance(error, InternalServerError):
        if is_away(error.original_exception):
            return away(error.original_exception)
        log.error("page failed", endpoint=request.endpoint, method=request.method, exc_info=error.original_exception)
    page = PAGES.get(code) or PAGES[next(known for codes, known in OTHER.items() if code in codes)]
    response = _respond(code, page)
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def _respond(code: int, page: ErrorPage) -> Response:
    shown = {"page": page, "saved": SAVED, "for_staff": request.path.startswith("/staff")}
    try:
        body = render_template("error.html", **shown)
    except Exception:
        # Whatever broke the first page may break the second, and a page there must be.
        log.exception("error page failed", endpoint=request.endpoint)
        body = _bare_page(shown)
    return make_response(body, code)


def _bare_page(shown: dict[str, Any]) -> str:
    """A page that asks neither the database nor the session for anything."""
    return current_app.jinja_env.get_template("error_bare.html").render(shown)
