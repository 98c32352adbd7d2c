"""The chain of audit events: each carries a MAC over its content and the MAC before it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

GENESIS = bytes(32)
"""The MAC before the first event."""
SEALED = ("id", "at", "actor", "action", "subject_kind", "subject_id", "detail")
"""What a MAC holds fast, after the event's position in the chain."""


class Chain:
    """The end of a chain, which links events to it one after the other."""

    def __init__(self, key: str, position: int = 0, mac: bytes = GENESIS) -> None:
        self._key = key.encode()
        self.position = position
        self.mac = mac
        self.event_id = 0

    def link(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The event with its position and MAC. It has all of SEALED; `at` is a moment, or text as `plain` gives it."""
        self.position += 1
        self.event_id = event["id"]
        self.mac = self.mac_of(self.position, event, self.mac)
        return {**event, "position": self.position, "mac": self.mac}

    def mac_of(self, position: int, event: Mapping[str, Any], before: bytes) -> bytes:
        """The MAC of an event at this position, after an event with the MAC `before`."""
        content = [position, *(plain(event[name]) for name in SEALED)]
        message = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str).encode()
        return hmac.new(self._key, before + message, hashlib.sha256).digest()


def plain(value: Any) -> Any:
    """A value as it is sealed: a moment as the text that SQLite holds, in UTC and to the microsecond."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value


def as_kept(detail: Mapping[str, Any]) -> dict[str, Any]:
    """A detail as it reads once a database has kept it as JSON."""
    kept: dict[str, Any] = json.loads(json.dumps(detail))
    return kept
