"""What keeps people's words unread in the database: encrypted columns and keyed blind indexes."""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
import zlib
from collections.abc import Sequence
from typing import Any, cast

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import Flask, current_app
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

TOKEN_BYTES = 16
PREFIX_LENGTHS = range(3, 13)
"""Lengths of the name beginnings that can be searched for."""


class FieldCipher:
    """Encrypts with the first key, decrypts with any, and makes index tokens with a key of its own."""

    def __init__(self, field_keys: Sequence[str], index_key: str) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in field_keys])
        self._newest = Fernet(field_keys[0])
        self._index_key = index_key.encode()

    def encrypt(self, plain: bytes) -> bytes:
        return self._fernet.encrypt(plain)

    def decrypt(self, token: bytes) -> bytes:
        return self._fernet.decrypt(token)

    def renewed(self, token: bytes) -> bytes | None:
        """The same, encrypted with the first key; None if it is already. Raises InvalidToken if no key reads it."""
        try:
            self._newest.decrypt(token)
        except InvalidToken:
            return self._fernet.rotate(token)
        return None

    def token(self, kind: str, value: str) -> bytes:
        """A blind index token: the same for the same kind and value, and meaningless without the key."""
        message = f"{kind}\x00{value}".encode()
        return hmac.new(self._index_key, message, hashlib.sha256).digest()[:TOKEN_BYTES]


def init_crypto(app: Flask, field_keys: Sequence[str], index_key: str) -> None:
    app.extensions["field_cipher"] = FieldCipher(field_keys, index_key)


def cipher() -> FieldCipher:
    return cast(FieldCipher, current_app.extensions["field_cipher"])


class Encrypted:
    """What every type of an encrypted column is, so that a rotation of keys finds them all."""


class EncryptedBytes(Encrypted, TypeDecorator[bytes]):
    """Bytes, encrypted at rest."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else cipher().encrypt(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> bytes | None:
        return None if value is None else cipher().decrypt(bytes(value))


class EncryptedText(Encrypted, TypeDecorator[str]):
    """Text, encrypted at rest."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else cipher().encrypt(value.encode())

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else cipher().decrypt(bytes(value)).decode()


DEFLATED = b"\x78"
"""How compressed JSON begins, as no JSON does."""
SHORT_JSON = 512
"""Bytes that are not worth compressing."""


class EncryptedJSON(Encrypted, TypeDecorator[Any]):
    """Any JSON value, compressed where it is long, and encrypted at rest.

    Assign a new value to change it: changes inside are not seen.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cipher().encrypt(plain if len(plain) < SHORT_JSON else zlib.compress(plain))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:
        if value is None:
            return None
        plain = cipher().decrypt(bytes(value))
        return json_of(plain)


def json_of(plain: bytes) -> Any:
    """What a column of encrypted JSON holds, once decrypted."""
    return json.loads(zlib.decompress(plain) if plain.startswith(DEFLATED) else plain)


def fold(text: str) -> str:
    """Text as search compares it: no accents, no case, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(mark for mark in decomposed if not unicodedata.combining(mark))
    return " ".join(plain.casefold().split())


def name_tokens(full_name: str) -> set[bytes]:
    """A token for each beginning of each part of a name, and for each whole part shorter than three letters."""
    key = cipher()
    tokens = set()
    for part in fold(full_name).replace("-", " ").split():
        tokens.add(key.token("name", part[: PREFIX_LENGTHS.stop - 1]))
        tokens.update(key.token("name", part[:length]) for length in PREFIX_LENGTHS if length <= len(part))
    return tokens


def name_query_tokens(typed: str) -> list[bytes]:
    """The tokens that a person's name must all have to match what was typed, the longest part's first."""
    parts = dict.fromkeys(part[: PREFIX_LENGTHS.stop - 1] for part in fold(typed).replace("-", " ").split())
    return [cipher().token("name", part) for part in sorted(parts, key=len, reverse=True)]


def exact_token(kind: str, value: str) -> bytes:
    """A token for a whole value: kind "dob" (ISO date), "phone" or "email"."""
    return cipher().token(kind, digits(value) if kind == "phone" else fold(value))


def digits(phone: str) -> str:
    """The last nine digits of a phone number, so that a country code does not hide a person."""
    return "".join(mark for mark in phone if mark.isdigit())[-9:]
