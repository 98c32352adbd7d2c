"""Backups as files: encrypted in the age format, streamed, for their owner alone, never over another file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyrage
from pyrage import x25519

Pour = Callable[[BinaryIO], None]
"""Writes the plain bytes of a backup into what it is given."""


class BackupError(Exception):
    """The backup or the restore did not come about. The message says why and what to do."""


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A file to write, which takes its name only once the block ends well. Raises BackupError if the name is taken."""
    part = path.with_name(path.name + ".part")
    try:
        # The name is taken at once: two backups never end up in one file.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as fault:
        raise BackupError(f"{path} exists. Give another name: a backup is never written over another file.") from fault
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield part
        part.replace(path)
        _keep_on_disk(path.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise


def seal(plain: BinaryIO, into: Path, key: str) -> None:
    """Encrypt a stream into a file, with flat memory, and have it on the disk."""
    with into.open("wb") as sealed:
        try:
            pyrage.encrypt_io(plain, sealed, [x25519.Identity.from_str(key).to_public()])
        except pyrage.EncryptError as fault:
            raise BackupError(f"{into.parent} could not be written to: {fault}.") from fault
        sealed.flush()
        os.fsync(sealed.fileno())


def unsealed(path: Path, key: str) -> Pour:
    """What decrypts a file into a stream. It raises BackupError where the file was changed, cut off or is another's."""

    def pour(into: BinaryIO) -> None:
        with path.open("rb") as sealed:
            try:
                pyrage.decrypt_io(sealed, into, [x25519.Identity.from_str(key)])
            except (pyrage.DecryptError, OSError) as fault:
                if isinstance(fault, OSError) and fault.errno is not None:
                    raise
                raise BackupError(f"{path} is no backup that BACKUP_KEY opens, or it is damaged.") from fault

    return pour


def _keep_on_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
