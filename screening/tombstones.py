"""Who was erased, noted outside the database: a backup that is restored brings them back, and is purged by this again.

A line for each row, in a file that is only added to: no name, but the row's id and a keyed hash of what it was.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from screening.models import Tombstone


@dataclass(frozen=True)
class Noted:
    """One erased row. `mark` is in hexadecimal digits, `erased_at` in ISO."""

    subject: str
    subject_id: int
    mark: str
    erased_at: str

    @classmethod
    def of(cls, row: Tombstone) -> Noted:
        return cls(row.subject, row.subject_id, row.mark.hex(), row.erased_at.isoformat())


def read(path: Path) -> Iterator[Noted]:
    """Every line; none if there is no file. Raises ValueError for one that cannot be read, OSError for a file."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                noted = Noted(**json.loads(line))
                bytes.fromhex(noted.mark)
            except (ValueError, TypeError) as fault:
                raise ValueError(f"line {number} of {path} is not a tombstone") from fault
            yield noted


def add(path: Path, noted: Iterable[Noted]) -> None:
    """Add lines, and wait until they are on the disk. Raises OSError."""
    lines = "".join(f"{json.dumps(asdict(one))}\n" for one in noted)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, lines.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
