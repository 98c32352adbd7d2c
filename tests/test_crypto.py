"""What is stored cannot be read without the keys, and is found without being read."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet, InvalidToken
from flask import Flask
from sqlalchemy import text

from screening.crypto import EncryptedJSON, FieldCipher, cipher, exact_token, name_query_tokens, name_tokens
from screening.models import Patient, db

NAME = "María-José Núñez O'Brien"


def test_identity_is_unreadable_in_the_table_and_whole_in_the_model(app: Flask) -> None:
    patient = Patient(identity={"full_name": NAME, "phone": "555-0142"}, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    db.session.add(patient)
    db.session.commit()
    raw = bytes(db.session.execute(text("SELECT identity FROM patient")).scalar_one())
    assert b"Mar" not in raw and b"555-0142" not in raw
    db.session.expire_all()
    assert patient.identity["full_name"] == NAME


def test_long_json_is_compressed_and_what_was_stored_before_is_read(app: Flask) -> None:
    kind, long = EncryptedJSON(), {"note": NAME * 100, "n": 1}
    sealed = kind.process_bind_param(long, db.engine.dialect)
    assert sealed is not None and len(sealed) < len(NAME) * 20
    assert kind.process_result_value(sealed, db.engine.dialect) == long
    for value in (long, [1], "text", 7, True, None):
        plain = cipher().encrypt(json.dumps(value).encode())
        assert kind.process_result_value(plain, db.engine.dialect) == value


def test_an_old_key_still_reads_and_a_foreign_one_does_not() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = FieldCipher([old], "i").encrypt(b"words")
    assert FieldCipher([new, old], "i").decrypt(sealed) == b"words"
    with pytest.raises(InvalidToken):
        FieldCipher([new], "i").decrypt(sealed)


@pytest.mark.parametrize("typed", ["mar", "María", "nun", "NUÑEZ", "jose", "o'b", "nunez mar"])
def test_a_name_is_found_by_the_beginning_of_any_part(app: Flask, typed: str) -> None:
    assert set(name_query_tokens(typed)) <= name_tokens(NAME)


@pytest.mark.parametrize("typed", ["ose", "marz", "nunez smith"])
def test_a_name_is_not_found_by_anything_else(app: Flask, typed: str) -> None:
    assert not set(name_query_tokens(typed)) <= name_tokens(NAME)


def test_a_phone_is_found_however_it_is_written(app: Flask) -> None:
    assert exact_token("phone", "+1 (202) 555-0142") == exact_token("phone", "202.555.0142")
    assert exact_token("phone", "202 555 0142") != exact_token("phone", "202 555 0143")


def test_tokens_mean_nothing_without_the_key() -> None:
    key = Fernet.generate_key().decode()
    assert FieldCipher([key], "one").token("dob", "1961-03-14") != FieldCipher([key], "two").token("dob", "1961-03-14")
