"""Browsers where accounts have signed in before. A signed cookie says which, for guesses to be counted apart.

It opens nothing: whoever steals it may guess a few times more than others.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask import Flask, Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from screening.config import Settings
from screening.crypto import cipher
from screening.models import User
from screening.signing import signer

LASTS = timedelta(days=400)
"""As long as browsers keep any cookie."""
ACCOUNTS_MAX = 30
"""On one browser: those who signed in last are kept."""
MARK_BYTES = 16


def init_devices(app: Flask, settings: Settings) -> None:
    app.extensions["device_cookie"] = "__Host-device" if settings.secure_cookies else "device"
    app.extensions["device_signer"] = signer(settings.secret_key, salt="staff device")


def known_device(user: User | None) -> str | None:
    """The mark of this browser, if the account has signed in on it."""
    device, accounts = _read()
    return device if user is not None and _token(user) in accounts else None


def remember_device(user: User) -> None:
    """Let this browser be known for an account from the end of this request."""
    device, accounts = _read()
    others = [token for token in accounts if token != _token(user)]
    value = {"device": device or secrets.token_urlsafe(MARK_BYTES), "accounts": [_token(user), *others][:ACCOUNTS_MAX]}
    settings: Settings = current_app.extensions["settings"]

    @after_this_request
    def set_cookie(response: Response) -> Response:
        response.set_cookie(
            current_app.extensions["device_cookie"],
            _signer().dumps(value),
            max_age=LASTS,
            secure=settings.secure_cookies,
            httponly=True,
            samesite="Strict",
        )
        return response


def _read() -> tuple[str | None, list[str]]:
    try:
        value: Any = _signer().loads(request.cookies.get(current_app.extensions["device_cookie"], ""))
    except BadSignature:
        return None, []
    return value["device"], value["accounts"]


def _signer() -> URLSafeSerializer:
    signer: URLSafeSerializer = current_app.extensions["device_signer"]
    return signer


def _token(user: User) -> str:
    return cipher().token("device", str(user.id)).hex()
