"""Templates as Python compiled them, kept in the instance folder: the first pages after a start are there sooner.

Compiled code is run as it is read, so each file is signed with the application's secret. Files of another edition of
the program are never read: what a template becomes depends on the program, and not on its own words alone.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from itsdangerous import BadSignature, Signer
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from screening.edition import EDITION

FOLDER = "compiled-templates"


class CompiledTemplates(BytecodeCache):
    """In `folder`, which is made when it is needed. What cannot be read or written is compiled again."""

    def __init__(self, folder: Path, secret: str) -> None:
        self._folder = folder / EDITION[:16]
        self._signer = Signer(secret, salt=FOLDER, key_derivation="hmac", digest_method=sha256)

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError, BadSignature):
            bucket.bytecode_from_string(self._signer.unsign(self._file(bucket).read_bytes()))

    def dump_bytecode(self, bucket: Bucket) -> None:
        signed = self._signer.sign(bucket.bytecode_to_string())
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Others read while this is written: under its name it is whole, or not there.
            with tempfile.TemporaryDirectory(dir=self._folder) as apart:
                written = Path(apart) / bucket.key
                written.write_bytes(signed)
                written.replace(self._file(bucket))

    def forget_other_editions(self) -> None:
        """A process of another edition that is still served from there compiles again."""
        for folder in self._folder.parent.glob("*"):
            if folder != self._folder:
                shutil.rmtree(folder, ignore_errors=True)

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / bucket.key
