"""Hostile posts and addresses at the real server: no answer is a failure of ours, what was accepted reads back.

--times is the number of posts; there is one hostile address for every twenty of them.
"""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from werkzeug.routing import Rule

from bench.reliability.browser import Browser
from bench.reliability.harness import Clinic, measure, started
from bench.reliability.patients import draft_of
from bench.reliability.people import at_check_page
from bench.reliability.staff import token_on
from screening.models import AuditEvent, Draft, db
from screening.questions.spec import Page
from tests.fuzzing import FORM, PAGES_ASKED, Shot, encoded, hostile_address, known_rules, page_post, reads_back

FORM_LASTS = 200
PERSONS = 4
"""At once. Each has forms of their own."""
POSTS_AN_ADDRESS = 20
BUTTONS = {"stop", "switch_language", "page_mark"}
SAYS_SO = ("health.readyz", "static")
"""Answers 503 where it should."""


def fuzz(database: str, times: int) -> str:
    with started(database) as (app, _server), ThreadPoolExecutor(PERSONS) as persons:
        blocks = [
            persons.submit(_posts, app, first, min(FORM_LASTS, times - first)) for first in range(0, times, FORM_LASTS)
        ]
        known = known_rules(app.app, SAYS_SO)
        blocks.append(persons.submit(_addresses, app, known, times // POSTS_AN_ADDRESS))
        done = [block.result() for block in blocks]
    accepted, met = sum(each.accepted for each in done), sum((each.met for each in done), Counter[int]())
    assert accepted > times / 50, f"only {accepted} posts were accepted"
    assert met.total() == times + times // POSTS_AN_ADDRESS
    answers = ", ".join(f"{count} of {status}" for status, count in sorted(met.items()))
    took = statistics.quantiles((seconds * 1000 for each in done for seconds in each.took), n=100)
    return (
        f"{times} posts and {times // POSTS_AN_ADDRESS} addresses: {answers}; {accepted} read back as sent; "
        f"answered within {took[49]:.0f} ms (p50), {took[94]:.0f} ms (p95), {took[98]:.0f} ms (p99), {PERSONS} at once"
    )


@dataclass
class Done:
    accepted: int = 0
    met: Counter[int] = field(default_factory=Counter)
    """How often each status was answered."""
    took: list[float] = field(default_factory=list)
    """Seconds until each answer was there."""


def _posts(app: Clinic, first: int, times: int) -> Done:
    """Posts to the pages of one form. The same ones every time, by `first`."""
    chance, done = random.Random(11 + first), Done()  # noqa: S311
    walker = at_check_page(app, first)
    draft_id, token = draft_of(walker), token_on(walker.text)
    browser: Browser = walker.client  # type: ignore[assignment]
    cookies, last_saved = dict(browser.cookies), _saved(app, draft_id)
    for _ in range(times):
        page = chance.choice(PAGES_ASKED)
        sent, shot = page_post(chance, page)
        browser.cookies = dict(cookies)
        status = _shoot(browser, shot, done, token)
        whole = shot.content_type == FORM and shot.body == encoded(sent) and not BUTTONS & sent.keys()
        if status == 303 and (seen := _saved(app, draft_id)) > last_saved:
            last_saved = seen
            if whole:
                _assert_as_sent(app, draft_id, page, sent)
                done.accepted += 1
    return done


def _addresses(app: Clinic, known: list[Rule], times: int) -> Done:
    chance, done = random.Random(11), Done()  # noqa: S311 - the same requests every time
    for _ in range(times):
        _shoot(Browser(app.port), hostile_address(chance, known, {"page_id": "who"}), done, "")
    return done


def _shoot(browser: Browser, shot: Shot, done: Done, token: str) -> int:
    """Raises AssertionError for an answer that is a failure of ours."""
    body = shot.body
    if body is not None and token:
        body = b"csrf_token=" + token.encode() + b"&" + body
    kind = {"Content-Type": shot.content_type} if body else {}
    began = time.perf_counter()
    reply = browser.ask(shot.method, shot.path.decode("ascii"), body, **kind)
    done.took.append(time.perf_counter() - began)
    done.met[reply.status_code] += 1
    assert reply.status_code < 500 or (reply.status_code == 501 and shot.method == "BREW"), (reply.status_code, shot)
    return reply.status_code


def _saved(app: Clinic, draft_id: int) -> int:
    """The number of the newest event that saved a page of a form: a redirect alone may lead back to another page."""
    newest = select(func.max(AuditEvent.id)).where(
        AuditEvent.subject_id == draft_id, AuditEvent.action.in_(("draft.saved", "draft.identity_saved"))
    )
    with app.app.app_context():
        found = db.session.scalar(newest) or 0
        db.session.remove()
    return found


def _assert_as_sent(app: Clinic, draft_id: int, page: Page, sent: dict[str, Any]) -> None:
    with app.app.app_context():
        draft = db.session.get_one(Draft, draft_id)
        wrong = reads_back(page, sent, {**draft.answers, **draft.identity})
        db.session.remove()
    assert not wrong, (page.id, wrong, sent)


if __name__ == "__main__":
    measure(fuzz, 100_000, "how many posts")
