"""Words that come back from a browser and show that they are ours: signed by HMAC-SHA256 with the SECRET_KEY."""

from __future__ import annotations

import hashlib

from itsdangerous import URLSafeSerializer


def signer(secret_key: str, salt: str) -> URLSafeSerializer:
    """Signs for one purpose, which `salt` names.

    What was signed with the library's SHA-1 before is still read: pages and cookies may be long in a browser.
    """
    return URLSafeSerializer(
        secret_key,
        salt=salt,
        signer_kwargs={"digest_method": hashlib.sha256},
        fallback_signers=[{"digest_method": hashlib.sha1}],
    )
