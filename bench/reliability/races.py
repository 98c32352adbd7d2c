"""Two presses at once: a form sent twice makes one case, and of two physicians who sign one learns of the other."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from bench.reliability.browser import Browser, Reply
from bench.reliability.harness import Clinic, clinic, failed
from bench.reliability.people import at_check_page
from bench.reliability.staff import signed_in, token_on
from screening.access import Role
from screening.models import Case, Decision, db
from tests.factories import A04, submit_case

_SEEN = re.compile(r'name="(last_seen|assessment_seen)"[^>]*value="(\d+)"')


def at_once(*works: Callable[[], Reply]) -> list[Reply]:
    """The answers of works that are begun together, in their order."""
    answers: list[Any] = [None] * len(works)
    gate = threading.Barrier(len(works))

    def run(number: int) -> None:
        gate.wait()
        answers[number] = works[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def double_submits(database: str, times: int) -> str:
    with clinic(database) as app:
        app.start("web")
        for number in range(times):
            walker = at_check_page(app, number)
            press = lambda walker=walker: walker.post("/screening/check", {"agree": "yes"})  # noqa: E731
            replies = at_once(press, press)
            statuses = sorted(reply.status_code for reply in replies)
            assert statuses == [303, 303], f"the two presses were answered {statuses}"
        with app.app.app_context():
            cases = db.session.scalar(select(func.count(Case.id)))
            drafts = db.session.scalar(select(func.count(func.distinct(Case.draft_id))))
    assert cases == drafts == times, f"{times} forms sent twice at once made {cases} cases of {drafts} forms"
    return f"{times} forms sent twice at once made {cases} cases"


def conflicts(database: str, times: int) -> str:
    with clinic(database) as app:
        app.start("web")
        both = [signed_in(app, Role.PHYSICIAN, name) for name in ("first", "second")]
        for number in range(times):
            with app.app.test_request_context():
                reference = submit_case(name=f"Pat Number{number}", **A04).reference
                db.session.remove()
            signings = [_signing(browser, reference, f"reason {number}") for browser in both]
            statuses = [reply.status_code for reply in at_once(*signings)]
            _one_of_them(app, reference, statuses)
    return f"{times} cases signed by two physicians at once: 1 decision each, the other was told each time"


def _signing(browser: Browser, reference: str, reason: str) -> Callable[[], Reply]:
    address = f"/staff/queue/{reference}"
    page = browser.get(address)
    assert page.status_code == 200, page.status
    seen = dict(_SEEN.findall(page.text))
    sent = {"csrf_token": token_on(page.text), "kind": "call_patient", "reason": reason, **seen}
    return lambda: browser.post(f"{address}/decision", sent)


def _one_of_them(app: Clinic, reference: str, statuses: list[int]) -> None:
    with app.app.app_context():
        signed = db.session.scalar(
            select(func.count(Decision.id)).join(Case, Case.id == Decision.case_id).where(Case.reference == reference)
        )
        db.session.remove()
    assert sorted(statuses) == [302, 409], f"two signatures at once were answered {statuses}"
    assert signed == 1, f"{signed} decisions stand where one was acknowledged"


CLAIMS = {"submits": (double_submits, 1000), "conflicts": (conflicts, 500)}

if __name__ == "__main__":
    named = [sys.argv.pop(1)] if len(sys.argv) > 1 and sys.argv[1] in CLAIMS else list(CLAIMS)
    sys.exit(1 if sum(failed(*CLAIMS[name], "how many pairs") for name in named) else 0)
