"""PostgreSQL stopped at once, as if its machine had failed: nothing acknowledged is lost, pages come back unaided."""

from __future__ import annotations

import random
import time

from bench.reliability.harness import Clinic, measure, started
from bench.reliability.patients import Crowd, Ledger

PATIENTS = 6
PAGES_BETWEEN = 10
AWAY_SECONDS = 1.0


def stops(database: str, times: int) -> str:
    if database == "sqlite":
        return "has no server to stop"
    ledger, again = Ledger(), []
    chance = random.Random(times)  # noqa: S311 - the same stops every time
    with started(database) as (app, server):
        assert server is not None
        with Crowd(app.port, PATIENTS, ledger):
            for _ in range(times):
                _wait_for_pages(ledger, PAGES_BETWEEN)
                time.sleep(chance.uniform(0, 0.3))
                server.stop("immediate")
                time.sleep(AWAY_SECONDS)
                server.start()
                again.append(app.wait_for_pages())
            _wait_for_pages(ledger, PAGES_BETWEEN)
        lost = ledger.losses(app.app)
        _both_alive(app)
    assert not lost, f"{len(lost)} of {ledger.pages} acknowledged pages lost something: {lost[:3]}"
    return (
        f"{times} immediate stops, {ledger.pages} pages acknowledged, 0 lost; served again "
        f"{max(again):.1f} s at most after the server was back; patients met {dict(sorted(ledger.errors.items()))}"
    )


def _wait_for_pages(ledger: Ledger, number: int) -> None:
    enough = ledger.pages + number
    until = time.monotonic() + 120
    while ledger.pages < enough:
        assert time.monotonic() < until, f"no page was saved any more: {ledger.errors}"
        time.sleep(0.02)


def _both_alive(app: Clinic) -> None:
    for name, part in app.parts.items():
        assert part.poll() is None, f"the {name} process ended:\n{app.log(name)[-2000:]}"


if __name__ == "__main__":
    measure(stops, 20, "how many stops", ["postgresql"])
