"""The codes that open forms and invitations: made, shown again and found. What is stored cannot be read as a code."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select

from screening import codes
from screening.actions.unit import Unit
from screening.crypto import cipher
from screening.models import ReturnCode, db

NONCE_BYTES = 16


def issue(
    unit: Unit, *, expires_at: datetime, draft_id: int | None = None, invitation_id: int | None = None
) -> ReturnCode:
    """A new code, unlike any other that is stored."""
    while True:
        nonce = secrets.token_bytes(NONCE_BYTES)
        code = _made_from(nonce)
        if find(code) is None:
            break
    row = ReturnCode(
        code_hash=_hash(code),
        nonce=nonce,
        draft_id=draft_id,
        invitation_id=invitation_id,
        issued_at=unit.now,
        expires_at=expires_at,
    )
    db.session.add(row)
    unit.audit("code.issued", row)
    return row


def text_of(row: ReturnCode) -> str:
    """The code as it is shown and printed, such as 7KX M3T RWC."""
    return codes.spoken(_made_from(row.nonce))


def find(code: str) -> ReturnCode | None:
    """The row of a code as codes.read_code gives it."""
    return db.session.scalar(select(ReturnCode).where(ReturnCode.code_hash == _hash(code)))


def of_draft(draft_id: int) -> ReturnCode | None:
    """The code that opens a form."""
    return db.session.scalar(select(ReturnCode).where(ReturnCode.draft_id == draft_id).limit(1))


def _made_from(nonce: bytes) -> str:
    return codes.code_of(int.from_bytes(cipher().token("return code", nonce.hex())))


def _hash(code: str) -> bytes:
    return cipher().token("return code hash", code)
