"""A number for each request, said in its answer and in every line that is logged on its behalf, the worker's too."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from flask import Flask

from screening.config import Settings

HEADER = "X-Request-ID"
NAME = "request_id"
FIT = re.compile(r"[A-Za-z0-9-]{8,64}")
"""What a proxy may say: no words, and nothing that breaks a line."""

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def init_request_ids(app: Flask, settings: Settings) -> None:
    trusted = settings.trusted_proxies > 0
    app.wsgi_app = _Numbered(app.wsgi_app, trusted)  # type: ignore[method-assign]


class _Numbered:
    """Outermost, so that a request has its number before anything can go wrong with it."""

    def __init__(self, inner: WsgiApp, trusted: bool) -> None:
        self._inner = inner
        self._trusted = trusted

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "") if self._trusted else ""
        number = given if FIT.fullmatch(given) else new_request_id()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(**{NAME: number})

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, (HEADER, number)], *rest)

        return self._inner(environ, start)


def new_request_id() -> str:
    return secrets.token_hex(8)


def request_id() -> str | None:
    """Of the request that is answered, or that the job was begun for."""
    number: str | None = structlog.contextvars.get_contextvars().get(NAME)
    return number
