"""What browsers bring back signed: by SHA-256 now, and what they got before still counts."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask
from itsdangerous import BadSignature, URLSafeSerializer

from screening.access import Role
from screening.devices import known_device
from screening.models import User, db
from screening.signing import signer
from tests.conftest import SignIn

KEY, SALT = "secret of the tests, at least 32 long", "patient page"


def test_signatures_are_made_by_sha256_and_older_ones_are_read() -> None:
    by_sha256 = URLSafeSerializer(KEY, salt=SALT, signer_kwargs={"digest_method": hashlib.sha256})
    by_sha1, ours = URLSafeSerializer(KEY, salt=SALT), signer(KEY, SALT)
    made = ours.dumps([7, "check"])
    assert by_sha256.loads(made) == ours.loads(made) == ours.loads(by_sha1.dumps([7, "check"])) == [7, "check"]
    strangers = [
        URLSafeSerializer("another key, at least 32 long too", salt=SALT),
        signer("another key, at least 32 long too", SALT),
        URLSafeSerializer(KEY, salt="staff device"),
        signer(KEY, "staff device"),
    ]
    said, signature = made.rsplit(".", 1)
    forged = [*(stranger.dumps([7, "check"]) for stranger in strangers), f"{said[:-1]}x.{signature}", said, ""]
    for text in forged:
        with pytest.raises(BadSignature):
            ours.loads(text)


def test_what_the_release_before_must_read_is_signed_its_way() -> None:
    before, next_release = URLSafeSerializer(KEY, salt=SALT), signer(KEY, SALT)
    made = signer(KEY, SALT, readable_before=True).dumps([7, "check"])
    assert before.loads(made) == next_release.loads(made) == [7, "check"]
    assert signer(KEY, SALT, readable_before=True).loads(next_release.dumps([7, "check"])) == [7, "check"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_browser_that_was_known_stays_so(app: Flask, sign_in: SignIn) -> None:
    browser = sign_in(Role.FRONT_DESK)
    cookie = browser.get_cookie("device")
    assert cookie
    value = signer(KEY, "staff device").loads(cookie.value)
    before = URLSafeSerializer(KEY, salt="staff device").dumps(value)
    user = db.session.query(User).one()
    for kept, known in ((cookie.value, value["device"]), (before, value["device"]), (f"{before}x", None)):
        with app.test_request_context("/", headers={"Cookie": f"device={kept}"}):
            assert known_device(user) == known
