"""Fifty patients at once: how long each Continue takes, from the press to the redirect, on the connection of a browser.

Each patient reads and answers a page in PAUSE_SECONDS, three times as fast as the ten minutes that the form takes.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from bench.reliability.browser import Reply
from bench.reliability.harness import Clinic, measure, started
from bench.reliability.patients import Crowd, Ledger
from tests.walk import HttpWalker

PATIENTS = 50
PAUSE_SECONDS = 5.0
P99_MS_MAX = 250.0
WARM_UP_SECONDS = 20

times_ms: list[float] = []
counting = threading.Event()
_post = HttpWalker.post


def timed_post(walker: HttpWalker, address: str, data: dict[str, object]) -> Reply:
    began = time.perf_counter()
    reply: Reply = _post(walker, address, data)  # type: ignore[assignment]
    if counting.is_set() and reply.status_code == 303:
        times_ms.append((time.perf_counter() - began) * 1000)
    return reply


def load(database: str, seconds: int) -> str:
    HttpWalker.post = timed_post  # type: ignore[assignment,method-assign]
    ledger = Ledger()
    times_ms.clear()
    counting.clear()
    with started(database) as (app, _server):
        with Crowd(app.port, PATIENTS, ledger, PAUSE_SECONDS):
            time.sleep(WARM_UP_SECONDS)
            used = _processor_seconds(app)
            counting.set()
            time.sleep(seconds)
            counting.clear()
            used = _processor_seconds(app) - used
        lost = ledger.losses(app.app)
    assert not lost, lost
    assert len(times_ms) >= seconds, f"only {len(times_ms)} presses"
    ordered = sorted(times_ms)
    at = {share: ordered[int(len(ordered) * share / 100)] for share in (50, 95, 99)}
    line = (
        f"{len(ordered)} presses of Continue by {PATIENTS} patients in {seconds} s "
        f"({len(ordered) / seconds:.1f} a second), p50 {at[50]:.0f} ms, p95 {at[95]:.0f} ms, p99 {at[99]:.0f} ms; "
        f"{used / len(ordered) * 1000:.0f} ms of the web workers' processor time a press, its next page included"
    )
    assert at[99] <= P99_MS_MAX, line
    return line


def _processor_seconds(app: Clinic) -> float:
    """What the web workers have used so far."""
    stats = (
        Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split() for pid in app.web_workers()
    )
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    measure(load, 120, "how many seconds")
