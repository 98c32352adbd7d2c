"""Serving for `make run`: both parts live and die together, and a port in use is said plainly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from screening.config import ROOT

WEB = """#!{python}
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass

host, port = sys.argv[sys.argv.index("--bind") + 1].split(":")
HTTPServer((host, int(port)), Answer).serve_forever()
"""
WORKER = "#!/bin/sh\nexec sleep 60\n"
FAILING_WORKER = "#!/bin/sh\nsleep 1\nexit 3\n"


@pytest.fixture
def port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with stand-ins for gunicorn and flask beside a Python."""
    (tmp_path / "python").symlink_to(sys.executable)
    for name, source in (("gunicorn", WEB.format(python=sys.executable)), ("flask", WORKER)):
        (tmp_path / name).write_text(source)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def serve(programs: Path, port: int) -> subprocess.Popen[str]:
    command = [str(programs / "python"), str(ROOT / ".ci" / "serve.py"), str(port), "It answers."]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_an_interrupt_stops_both(programs: Path, port: int) -> None:
    with serve(programs, port) as run:
        assert run.stdout is not None
        while "It answers." not in run.stdout.readline():
            assert run.poll() is None
        os.kill(run.pid, signal.SIGINT)
        assert run.wait(timeout=20) == 0
    assert is_free(port)


def test_a_worker_that_fails_stops_the_web_server_too(programs: Path, port: int) -> None:
    (programs / "flask").write_text(FAILING_WORKER)
    with serve(programs, port) as run:
        _output, errors = run.communicate(timeout=20)
        assert run.returncode == 3
    assert "The job worker ended with status 3" in errors
    assert is_free(port)


def test_a_port_in_use_is_said_plainly(programs: Path, port: int) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with serve(programs, port) as run:
            _output, errors = run.communicate(timeout=20)
    assert run.returncode == 1
    assert f"Port {port} is in use" in errors
