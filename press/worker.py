"""How a process that prints begins."""

from __future__ import annotations

import resource
import signal
import tempfile


def begin(scratch: str, memory_bytes: int) -> None:
    """Keep temporary files in one folder that is cleared afterwards, and take no more memory than this."""
    tempfile.tempdir = scratch
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # Ctrl-C is for the process that started this one, which then ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
