"""Where the audit chain ended, noted outside the database: who cuts events off there cannot cut them off here.

A line each minute in which something happened, in a file that is only added to, or in the system's log.
"""

from __future__ import annotations

import json
import os
import syslog
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

SYSLOG = "syslog:"
SYSLOG_NAME = "screening-audit"
EACH_MINUTE = "minute"
RESTORED = "restored"
"""Why a line was written: "restored" says that what came after its position was given up for a backup."""


@dataclass(frozen=True)
class Anchored:
    """The end of the chain at a moment."""

    at: str
    event_id: int
    position: int
    mac: str
    """In hexadecimal digits."""
    why: str = EACH_MINUTE


def note(where: str, anchored: Anchored) -> None:
    """Add a line. Raises OSError if the file cannot be written."""
    line = json.dumps(asdict(anchored))
    if where == SYSLOG:
        syslog.openlog(SYSLOG_NAME)
        syslog.syslog(syslog.LOG_NOTICE, line)
        return
    handle = os.open(where, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def read(path: Path) -> Iterator[Anchored]:
    """Every line that still holds, whatever the log put before it. Raises ValueError for one that cannot be read."""
    restores = [(number, anchored.position) for number, anchored in _lines(path) if anchored.why == RESTORED]
    for number, anchored in _lines(path):
        if not any(later > number and anchored.position > kept for later, kept in restores):
            yield anchored


def _lines(path: Path) -> Iterator[tuple[int, Anchored]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield number, Anchored(**json.loads(line[line.index("{") :]))
            except (ValueError, TypeError) as fault:
                raise ValueError(f"line {number} of {path} is not an anchor") from fault
