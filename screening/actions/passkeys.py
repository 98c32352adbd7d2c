"""Passkeys of an account: added by its owner, used to sign in, removed."""

from __future__ import annotations

from dataclasses import dataclass

import webauthn
from sqlalchemy import select
from webauthn.helpers import decode_credential_public_key, parse_authentication_credential_json
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import DecodedRSAPublicKey
from webauthn.helpers.exceptions import WebAuthnException

from screening import clock
from screening.actions.attempts import Refused
from screening.actions.unit import Actor, Missing, unit_of_work
from screening.models import Passkey, User, db

PER_ACCOUNT = 10
ALGORITHMS = (
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
)
"""What a key may sign by, best first. The last is there for Windows Hello, which makes no other on many computers."""
RSA_BITS_MIN = 2048


@dataclass(frozen=True)
class Ceremony:
    """What a browser was asked to sign, and by whom."""

    challenge: bytes
    site: str
    """The domain that the key is for."""
    origin: str


def of(user_id: int) -> tuple[Passkey, ...]:
    return tuple(db.session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)))


def add(*, user_id: int, name: str, answer: str, ceremony: Ceremony, by: Actor) -> None:
    """Keep the key that a browser made. Raises attempts.Refused if it did not answer what was asked."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=ceremony.challenge,
            expected_rp_id=ceremony.site,
            expected_origin=ceremony.origin,
            require_user_verification=True,
            supported_pub_key_algs=list(ALGORITHMS),
        )
        _refuse_weak(made.credential_public_key)
    except (WebAuthnException, ValueError, KeyError) as fault:
        raise Refused from fault
    with unit_of_work(by) as unit:
        user = unit.lock(User, user_id)
        used = db.session.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id))
        if used is not None or len(of(user_id)) >= PER_ACCOUNT:
            raise Refused
        passkey = Passkey(
            user_id=user.id,
            name=name,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            added_at=unit.now,
        )
        db.session.add(passkey)
        unit.audit("account.passkey_added", user, passkey=len(of(user_id)))


def sign_in(*, answer: str, ceremony: Ceremony, by: Actor) -> User:
    """Whose key a browser signed with. Raises attempts.Refused for any that is not to be let in."""
    try:
        credential = parse_authentication_credential_json(answer)
        with unit_of_work(by) as unit:
            passkey = _held(credential.raw_id)
            _refuse_weak(passkey.public_key)
            signed = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=ceremony.challenge,
                expected_rp_id=ceremony.site,
                expected_origin=ceremony.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
            passkey.sign_count, passkey.last_used_at = signed.new_sign_count, clock.now()
            unit.audit("account.passkey_used", passkey.user, passkey=passkey.id)
            return passkey.user
    except (WebAuthnException, ValueError, KeyError) as fault:
        raise Refused from fault


def remove(*, user_id: int, passkey_id: int, by: Actor) -> None:
    """Raises Missing for a key that is not this account's."""
    with unit_of_work(by) as unit:
        passkey = db.session.get(Passkey, passkey_id)
        if passkey is None or passkey.user_id != user_id:
            raise Missing(f"Passkey {passkey_id}")
        db.session.delete(passkey)
        unit.audit("account.passkey_removed", passkey.user, passkey=passkey_id)


def _refuse_weak(public_key: bytes) -> None:
    """Raises Refused for a key that signs by anything else, or is an RSA key that is too short."""
    key = decode_credential_public_key(public_key)
    short = isinstance(key, DecodedRSAPublicKey) and int.from_bytes(key.n, "big").bit_length() < RSA_BITS_MIN
    if key.alg not in ALGORITHMS or short:
        raise Refused


def _held(credential_id: bytes) -> Passkey:
    """The key, held against another use at the same time. Raises Refused."""
    query = select(Passkey).where(Passkey.credential_id == credential_id).with_for_update()
    passkey = db.session.scalar(query)
    if passkey is None or not passkey.user.active:
        raise Refused
    return passkey
