"""Words that come back from a browser and show that they are ours: an HMAC with the SECRET_KEY."""

from __future__ import annotations

import hashlib

from itsdangerous import URLSafeSerializer


def signer(secret_key: str, salt: str, *, readable_before: bool = False) -> URLSafeSerializer:
    """Signs for one purpose, which `salt` names, by HMAC-SHA256, and reads HMAC-SHA1 too, as releases so far had it:
    pages and cookies may be long in a browser.

    `readable_before`: signs the old way for one release more. While two releases serve side by side, the older one
    must read what the newer signed.
    """
    digests = (hashlib.sha1, hashlib.sha256) if readable_before else (hashlib.sha256, hashlib.sha1)
    newest, older = ({"digest_method": each} for each in digests)
    return URLSafeSerializer(secret_key, salt=salt, signer_kwargs=newest, fallback_signers=[older])
