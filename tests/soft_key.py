"""A passkey in software: what a device would answer to the pages that ask for one."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from webauthn.helpers import bytes_to_base64url, encode_cbor

ORIGIN, SITE = "http://localhost", "localhost"
CHECKED, WITH_KEY = 0x05, 0x40
"""Flags: somebody was there and was checked; a new key follows."""
EDDSA, ES256, ES512, RS256, RS1 = -8, -7, -36, -257, -65535

Made = tuple[dict[int, Any], Callable[[bytes], bytes]]
"""The public key as COSE has it, and how it signs."""


def _edwards(alg: int) -> Made:
    key = ed25519.Ed25519PrivateKey.generate()
    return {1: 1, 3: alg, -1: 6, -2: key.public_key().public_bytes_raw()}, key.sign


def _elliptic(alg: int) -> Made:
    curve, name, hashed = {ES256: (ec.SECP256R1(), 1, hashes.SHA256()), ES512: (ec.SECP521R1(), 3, hashes.SHA512())}[
        alg
    ]
    key, size = ec.generate_private_key(curve), (curve.key_size + 7) // 8
    point = key.public_key().public_numbers()
    public = {1: 2, 3: alg, -1: name, -2: point.x.to_bytes(size, "big"), -3: point.y.to_bytes(size, "big")}
    return public, lambda said: key.sign(said, ec.ECDSA(hashed))


def _rsa(alg: int, bits: int = 2048) -> Made:
    key = rsa.generate_private_key(65537, bits)
    public = {1: 3, 3: alg, -1: key.public_key().public_numbers().n.to_bytes(bits // 8, "big"), -2: b"\x01\x00\x01"}
    hashed = hashes.SHA1() if alg == RS1 else hashes.SHA256()  # noqa: S303 - to be refused
    return public, lambda said: key.sign(said, padding.PKCS1v15(), hashed)


MAKERS: dict[int, Callable[..., Made]] = {EDDSA: _edwards, ES256: _elliptic, ES512: _elliptic, RS256: _rsa, RS1: _rsa}


class SoftKey:
    def __init__(self, alg: int, **how: int) -> None:
        self.public, self._sign = MAKERS[alg](alg, **how)
        self.id = secrets.token_bytes(16)

    @property
    def stored(self) -> bytes:
        """The public key as it is kept."""
        return encode_cbor(self.public)

    def made(self, options: dict[str, Any]) -> str:
        """The answer to the page that adds a key."""
        data = self._data(CHECKED | WITH_KEY) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self.stored
        attested = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", options)
        return self._answer(clientDataJSON=said, attestationObject=attested)

    def signed(self, options: dict[str, Any]) -> str:
        """The answer to the page that signs in."""
        data, said = self._data(CHECKED), self._said("webauthn.get", options)
        signature = self._sign(data + _sha256(said))
        return self._answer(clientDataJSON=said, authenticatorData=data, signature=signature)

    def _data(self, flags: int) -> bytes:
        return _sha256(SITE.encode()) + bytes([flags]) + bytes(4)

    def _said(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": ORIGIN}).encode()

    def _answer(self, **parts: bytes) -> str:
        name = bytes_to_base64url(self.id)
        response = {part: bytes_to_base64url(value) for part, value in parts.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def _sha256(said: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(said)
    return digest.finalize()
