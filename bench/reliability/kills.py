"""kill -9 under load: no acknowledged answer is lost, and pages are served again within 5 s.

Web workers, the web server whole and the job worker are killed in turn by chance. What a supervisor would start again,
this starts again; a web worker is started again by its own server.
"""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress

from bench.reliability.harness import WEB, WORKER, Clinic, clinic, measure
from bench.reliability.patients import Crowd, Ledger

PATIENTS = 6
AGAIN_SECONDS_MAX = 5.0
TARGETS = ("web worker", "web worker", "web worker", WEB, WORKER)
PAGES_MIN = 2
"""Acknowledged pages for each kill, at least: without load nothing is shown."""


def kill(clinic: Clinic, target: str, chance: random.Random) -> None:
    if target == "web worker":
        workers = clinic.web_workers()
        with suppress(ProcessLookupError):
            os.kill(chance.choice(workers or [clinic.parts[WEB].pid]), signal.SIGKILL)
        return
    clinic.kill(target)
    clinic.start(target)


def kills(database: str, times: int) -> str:
    ledger, again = Ledger(), []
    chance = random.Random(times)  # noqa: S311 - the same kills every time
    with clinic(database) as app:
        app.start()
        with Crowd(app.port, PATIENTS, ledger):
            for number in range(times):
                enough = ledger.pages + PAGES_MIN
                while ledger.pages < enough:
                    time.sleep(0.02)
                time.sleep(chance.uniform(0, 0.3))
                began = time.monotonic()
                kill(app, TARGETS[number % len(TARGETS)], chance)
                app.wait_for_pages()
                again.append(time.monotonic() - began)
        lost = ledger.losses(app.app)
    assert ledger.pages >= times * PAGES_MIN, f"only {ledger.pages} pages were acknowledged"
    assert not lost, f"{len(lost)} of {ledger.pages} acknowledged pages lost something: {lost[:3]}"
    line = (
        f"{times} kills, {ledger.pages} pages and {len(ledger.sent)} forms acknowledged, 0 lost; "
        f"served again after {max(again):.1f} s at most, {sorted(again)[len(again) // 2]:.2f} s median"
    )
    assert max(again) <= AGAIN_SECONDS_MAX, line
    return line


if __name__ == "__main__":
    measure(kills, 200, "how many kills")
