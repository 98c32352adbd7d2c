"""Serve the pages and run the job worker side by side, until one of them ends or the run is stopped.

Usage: python .ci/serve.py PORT [NOTE...]. Each note is a line that is printed when the pages answer.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

HOST = "127.0.0.1"
BIN = Path(sys.executable).parent
START_SECONDS = 60
STOP_SECONDS = 15


def main(port: int, notes: list[str]) -> int:
    if not _is_free(port):
        sys.stderr.write(f"Port {port} is in use. Stop what uses it, or choose another: make run PORT={port + 1}\n")
        return 1
    # Named both: whoever starts this in the background may have it begin deaf to interrupts.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    parts = {"The web server": _start_web(port), "The job worker": _start_worker()}
    try:
        if _answers(port, parts):
            sys.stdout.write("\n".join(["", *notes, ""]) + "\n")
            sys.stdout.flush()
        return _watch(parts)
    except KeyboardInterrupt:
        sys.stdout.write("\nStopping.\n")
        return 0
    finally:
        _stop(parts)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _start_web(port: int) -> subprocess.Popen[bytes]:
    return _start(str(BIN / "gunicorn"), "--config", "gunicorn.conf.py", "--bind", f"{HOST}:{port}", "wsgi:app")


def _start_worker() -> subprocess.Popen[bytes]:
    # Pages go before prints and e-mails.
    return _start("nice", "-n", "10", str(BIN / "flask"), "--app", "wsgi", "worker")


def _start(*command: str) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches this process alone, which then stops both in order.
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)


def _answers(port: int, parts: dict[str, subprocess.Popen[bytes]]) -> bool:
    """Wait until the pages answer; False if a part ended first or it took too long."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and all(part.poll() is None for part in parts.values()):
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def _watch(parts: dict[str, subprocess.Popen[bytes]]) -> int:
    """Wait for a part to end by itself, which is always a failure. Returns the exit status."""
    while True:
        pid, status = os.wait()
        code = os.waitstatus_to_exitcode(status)
        for name, part in parts.items():
            if part.pid == pid:
                part.returncode = code
                sys.stderr.write(f"{name} ended with status {code}. Stopping the other.\n")
                return code if code > 0 else 1


def _stop(parts: dict[str, subprocess.Popen[bytes]]) -> None:
    alive = [part for part in parts.values() if part.returncode is None]
    for part in alive:
        part.terminate()
    for part in alive:
        try:
            part.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(part.pid, signal.SIGKILL)
            part.wait()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
