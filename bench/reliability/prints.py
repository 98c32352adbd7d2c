"""Five summaries printed at once, one after another: the pages of patients do not wait for them."""

from __future__ import annotations

import threading
import time

from bench.reliability.browser import Browser
from bench.reliability.harness import Clinic, measure, started
from bench.reliability.patients import Ledger, Patient
from bench.reliability.staff import signed_in, token_on
from screening.access import Role
from screening.models import db
from tests.factories import CONSULT, submit_case

AT_ONCE = 5
P95_SECONDS_MAX = 2.0


def prints(database: str, seconds: int) -> str:
    with started(database) as (app, _server):
        app.kill("worker")
        desk = [signed_in(app, Role.FRONT_DESK, f"desk{number}") for number in range(AT_ONCE)]
        over, printed = threading.Event(), [0] * AT_ONCE
        threads = [
            threading.Thread(target=_print, args=(app, desk[number], number, over, printed))
            for number in range(AT_ONCE)
        ]
        ledger, taken = Ledger(), []
        patient = Patient(app.port, ledger)
        for thread in threads:
            thread.start()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            began, pages = time.monotonic(), ledger.pages
            patient.step()
            if ledger.pages == pages + 1:
                # A press of Continue and the page that it leads to.
                taken.append((time.monotonic() - began) / 2)
        over.set()
        for thread in threads:
            thread.join()
    assert taken and sum(printed) >= AT_ONCE, f"{len(taken)} pages and {sum(printed)} prints show nothing"
    p95 = sorted(taken)[int(len(taken) * 0.95)]
    line = f"{sum(printed)} prints, {AT_ONCE} at once, in {seconds} s: {len(taken)} pages of a patient, p95 {p95:.2f} s"
    assert p95 <= P95_SECONDS_MAX, line
    return line


def _print(app: Clinic, desk: Browser, number: int, over: threading.Event, printed: list[int]) -> None:
    """New cases, whose summaries nobody has made yet, printed one after another."""
    while not over.is_set():
        with app.app.app_context(), app.app.test_request_context():
            reference = submit_case(name=f"Pat Number{number}", **CONSULT).reference
            db.session.remove()
        token = token_on(desk.get(f"/staff/cases/{reference}").text)
        while not over.is_set():
            answer = desk.post(f"/staff/cases/{reference}/summary", {"csrf_token": token})
            if answer.content.startswith(b"%PDF"):
                printed[number] += 1
                break
            time.sleep(0.5)


if __name__ == "__main__":
    measure(prints, 60, "how many seconds")
