"""Which edition of the program this process runs, as a hash over its files and the names of its packages."""

from __future__ import annotations

import hashlib
import sysconfig
from pathlib import Path

from screening.config import ROOT

FOLDERS = ("press", "rules", "screening", "templates")
KINDS = frozenset({".py", ".html", ".css", ".mo", ".yaml", ".json"})


def _edition() -> str:
    digest = hashlib.sha256()
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in KINDS:
                digest.update(f"\x00{path.relative_to(ROOT)}\x00".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    packages = Path(sysconfig.get_path("purelib")).glob("*.dist-info")
    digest.update("\x00".join(sorted(package.name for package in packages)).encode())
    return digest.hexdigest()


EDITION = _edition()
"""Read when the process starts: files that are replaced under a running one are no part of what it runs."""
