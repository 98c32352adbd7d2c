"""200 slow connections at the fronting server of docs/operations: normal pages still answer in under 2 s.

It runs the clinic's own configuration of nginx without TLS. The slow ones send a header, or a form, a byte a second, or
read an answer as slowly, from addresses of their own; whoever is thrown out comes again. Needs nginx-light.
"""

from __future__ import annotations

import itertools
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bench.reliability.browser import Browser
from bench.reliability.harness import Clinic, measure, started
from bench.reliability.patients import Ledger, Patient
from screening.config import ROOT

SLOW = 200
ADDRESSES = ("127.0.0.2", "127.0.0.3", "127.0.0.4")
ANSWER_SECONDS_MAX = 2.0
RAMP_SECONDS = 20.0
TEMPLATE = ROOT / "docs" / "operations" / "nginx.conf.template"
AROUND = """
daemon off; user root; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 2048; }}
http {{ {own} }}
"""
HEADERS = b"GET / HTTP/1.1\r\nHost: screening.example\r\nX-Slow: " + b"a" * 500
KIND = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\n"
FORM = b"POST / HTTP/1.1\r\nHost: screening.example\r\n" + KIND
WHOLE = b"GET / HTTP/1.1\r\nHost: screening.example\r\n\r\n"


@contextmanager
def nginx(app: Clinic, port: int) -> Iterator[None]:
    own = TEMPLATE.read_text(encoding="utf-8")
    for name, value in (("UPSTREAM", f"127.0.0.1:{app.port}"), ("SERVER_NAME", "screening.example")):
        own = own.replace("${" + name + "}", value)
    own = re.sub(r"server \{\s*listen 80;.*?\n\}\n", "", own, flags=re.DOTALL)
    own = re.sub(r"^\s*(ssl_\w+ .*|listen \[.*);$", "", own, flags=re.MULTILINE)
    own = own.replace("listen 443 ssl;", f"listen {port};")
    path = app.folder / "nginx.conf"
    path.write_text(AROUND.format(folder=app.folder, own=own), encoding="utf-8")
    with subprocess.Popen(["nginx", "-c", str(path)]) as server:  # noqa: S603, S607
        time.sleep(1)
        assert server.poll() is None, "nginx did not start"
        try:
            yield
        finally:
            server.terminate()


class SlowCrowd:
    """Connections that take their time, a third of each kind, until stopped."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._over = threading.Event()
        self._open: list[tuple[socket.socket, Iterator[bytes]]] = []
        self.opened = 0
        self.least_open = SLOW
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> SlowCrowd:
        for number in range(SLOW):
            # Two hundred whole requests at one moment would be another matter than slowness.
            time.sleep(RAMP_SECONDS / SLOW)
            self._open.append(self._connect(number))
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._over.set()
        self._thread.join()
        for connection, _bytes in self._open:
            connection.close()

    def _connect(self, number: int) -> tuple[socket.socket, Iterator[bytes]]:
        made = socket.create_connection(("127.0.0.1", self._port), 10, (ADDRESSES[number % len(ADDRESSES)], 0))
        self.opened += 1
        kind = number % 3
        if kind == 2:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            made.sendall(WHOLE)
            return made, itertools.repeat(b"")
        made.sendall(FORM if kind else b"")
        made.settimeout(0)
        return made, iter([HEADERS[at : at + 1] for at in range(len(HEADERS))] if kind == 0 else [b"a"] * 900)

    def _live(self) -> None:
        while not self._over.wait(1.0):
            gone = 0
            for number, (connection, rest) in enumerate(self._open):
                try:
                    byte = next(rest)
                    if byte:
                        connection.send(byte)
                    else:
                        connection.recv(1)
                except (OSError, StopIteration):
                    gone += 1
                    connection.close()
                    with suppress(OSError):
                        self._open[number] = self._connect(number)
            self.least_open = min(self.least_open, SLOW - gone)


def slow(database: str, seconds: int) -> str:
    with started(database) as (app, _server):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = int(probe.getsockname()[1])
        with nginx(app, port):
            alone = _times(port, max(5, seconds // 6))
            with SlowCrowd(port) as crowd:
                beside = _times(port, seconds)
    line = (
        f"{SLOW} slow connections for {seconds} s ({crowd.opened} opened in all): {len(beside)} pages, slowest "
        f"{max(beside):.2f} s, median {_median(beside):.3f} s; without them slowest {max(alone):.2f} s, "
        f"median {_median(alone):.3f} s"
    )
    assert len(beside) >= seconds, line
    assert max(beside) <= ANSWER_SECONDS_MAX, line
    return line


def _times(port: int, seconds: float) -> list[float]:
    """How long each request of a person at the form took."""
    ledger, taken = Ledger(), []
    patient = Patient(port, ledger)
    page = Browser(port)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        assert page.get("/").status_code == 200
        taken.append(time.monotonic() - began)
        began, pages = time.monotonic(), ledger.pages
        patient.step()
        if ledger.pages == pages + 1:
            # A press of Continue and the page that it leads to.
            taken.append((time.monotonic() - began) / 2)
    assert not ledger.errors, ledger.errors
    return taken


def _median(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]


if __name__ == "__main__":
    measure(slow, 60, "how many seconds")
