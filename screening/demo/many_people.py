"""The people of a demo clinic of any size, and what each is found by, as the database holds them."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from ruamel.yaml import YAML

from screening.crypto import cipher, digits, exact_token, name_tokens

NAMES = Path(__file__).with_name("names.yaml")
COMES_AGAIN = 2 / 3
"""How many of the cases are of somebody who was here before; so most people have three."""
PEOPLE_KEPT = 100
"""Of each age, who may come again."""


class Person(NamedTuple):
    identity: bytes
    """As the database holds it."""
    tokens: list[tuple[str, bytes]]
    """What they are found by: kind and token."""


class People:
    """Those who were there before, by age, and new ones."""

    def __init__(self, chance: Random) -> None:
        names = YAML(typ="safe", pure=True).load(NAMES.read_text(encoding="utf-8"))
        self._first, self._last_names = names["first"], names["last"]
        self._known: dict[int, deque[Person]] = defaultdict(lambda: deque(maxlen=PEOPLE_KEPT))
        self._cipher = cipher()
        self._chance = chance

    def somebody(self, age: int, at: datetime) -> Person:
        """Somebody new, or somebody of this age who was here before."""
        known = self._known[age]
        if len(known) == known.maxlen and self._chance.random() < COMES_AGAIN:
            return self._chance.choice(known)
        known.append(self._new_person(self._name(), self._born(age, at)))
        return known[-1]

    def _name(self) -> str:
        last = self._chance.choice(self._last_names)
        if self._chance.random() < 1 / 10:
            last += "-" + self._chance.choice(self._last_names)
        return f"{self._chance.choice(self._first)} {last}"

    def _born(self, age: int, at: datetime) -> str:
        return (at.date() - timedelta(days=round(365.2425 * (age + 0.02 + 0.96 * self._chance.random())))).isoformat()

    def _new_person(self, name: str, born: str) -> Person:
        number = self._chance.randrange(10**7)
        phone, email = f"555-{number // 10**4:03d}-{number % 10**4:04d}", f"person{number}@demo.example"
        identity = {
            "date_of_birth": born,
            "full_name": name,
            "phone": phone,
            "no_phone": False,
            "may_leave_message": True,
            "email": email,
        }
        sealed = self._cipher.encrypt(json.dumps(identity, separators=(",", ":")).encode())
        # As exact_token makes them, without the folding: it would change nothing here, and take a minute in all.
        whole = [
            ("dob", _birth_token(born)),
            ("phone", self._cipher.token("phone", digits(phone))),
            ("email", self._cipher.token("email", email)),
        ]
        parts = {token for part in name.replace("-", " ").split() for token in _name_tokens(part)}
        return Person(sealed, [*(("name", token) for token in parts), *whole])


@cache
def _name_tokens(part: str) -> frozenset[bytes]:
    return frozenset(name_tokens(part))


@cache
def _birth_token(born: str) -> bytes:
    return exact_token("dob", born)
