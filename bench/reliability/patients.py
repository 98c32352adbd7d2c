"""Patients who fill in forms while things break, press again when told to, and remember what was acknowledged."""

from __future__ import annotations

import base64
import copy
import json
import random
import re
import secrets
import threading
import time
import zlib
from typing import Any

from flask import Flask
from sqlalchemy import select

from bench.reliability.browser import UNREACHED, Browser, Refused
from screening.models import Case, Draft, db
from screening.questions import PAGES
from tests.walk import BORN, HttpWalker, page_data, person

PAUSE_SECONDS = 0.1
KEPT = "Send it again"
"""What the page says that keeps what was typed."""
_MARK = re.compile(r'name="page_mark" value="([^".]+)')


class Ledger:
    """What was acknowledged, by form: the answers and the identity, and which forms were sent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.answers: dict[int, dict[str, Any]] = {}
        self.doubtful: dict[int, dict[str, list[Any]]] = {}
        """Sent without an answer that it was saved: it may stand there, or what was acknowledged before."""
        self.sent: set[int] = set()
        self.pages = 0
        self.errors: dict[str, int] = {}

    def trying(self, draft_id: int, values: dict[str, Any]) -> None:
        with self._lock:
            doubtful = self.doubtful.setdefault(draft_id, {})
            for name, value in values.items():
                doubtful.setdefault(name, []).append(value)

    def saved(self, draft_id: int, values: dict[str, Any]) -> None:
        with self._lock:
            self.answers.setdefault(draft_id, {}).update(values)
            for name in values:
                self.doubtful.get(draft_id, {}).pop(name, None)
            self.pages += 1

    def submitted(self, draft_id: int) -> None:
        with self._lock:
            self.sent.add(draft_id)

    def failed(self, kind: str) -> None:
        with self._lock:
            self.errors[kind] = self.errors.get(kind, 0) + 1

    def snapshot(self) -> Ledger:
        """What was acknowledged up to now."""
        taken = Ledger()
        with self._lock:
            taken.answers = copy.deepcopy(self.answers)
            taken.doubtful = copy.deepcopy(self.doubtful)
            taken.sent = set(self.sent)
        return taken

    def losses(self, app: Flask) -> list[str]:
        """What is not in the database as it was acknowledged."""
        lost: list[str] = []
        with app.app_context():
            db.session.rollback()
            for draft_id, answers in self.answers.items():
                draft = db.session.get(Draft, draft_id)
                stored = {**draft.identity, **draft.answers} if draft else {}
                doubtful = self.doubtful.get(draft_id, {})
                for name, value in answers.items():
                    if stored.get(name, "not there") not in (value, *doubtful.get(name, ())):
                        lost.append(f"{name} of form {draft_id}")
            cases = set(db.session.scalars(select(Case.draft_id)))
            lost += [f"the case of form {draft_id}" for draft_id in self.sent - cases]
            db.session.remove()
        return lost


class Patient:
    """One person after another at one browser."""

    def __init__(self, port: int, ledger: Ledger, pause: float = 0.0, seed: int | None = None) -> None:
        self.ledger = ledger
        self.port = port
        self.pause = pause
        self.chance = random.Random(seed)  # noqa: S311 - people of a test
        self.begin()

    def begin(self) -> None:
        self.walker = HttpWalker(Browser(self.port))  # type: ignore[arg-type]
        self.answers = invent(self.chance)
        self.draft_id = 0

    def step(self) -> None:
        """One press of a button. Whatever fails is pressed again at the next step."""
        try:
            self._press()
        except Refused as refused:
            self.ledger.failed(str(refused.status))
            time.sleep(PAUSE_SECONDS)
        except UNREACHED as fault:
            self.ledger.failed(type(fault).__name__)
            time.sleep(PAUSE_SECONDS)

    def _press(self) -> None:
        at = self.walker.at
        if at in ("", "start"):
            self._consent()
        elif at == "done":
            self.begin()
        elif at in PAGES:
            self._answer(at)
        else:
            self._go_on(at)
        found = _MARK.search(self.walker.text)
        if found:
            self.draft_id = draft_in(found[1])

    def _consent(self) -> None:
        self.walker.open("/")
        reply = self.walker.post("/", {"consent": "yes", **{name: self.answers[name] for name in BORN}})
        if reply.status_code >= 500:
            raise Refused(reply.status_code)
        self.walker.open(reply.location)

    def _answer(self, page_id: str) -> None:
        page = PAGES[page_id]
        if page.identity:
            values = {name: self.answers[name] for name in ("full_name", "email")}
        else:
            values = {question.id: self.answers.get(question.id) for question in page.questions}
        sent = page_data(page, self.answers)
        if set(values) - {"full_name", "email"} - set(_names(self.walker.text)):
            values = {name: value for name, value in values.items() if name in _names(self.walker.text)}
        self.ledger.trying(self.draft_id, values)
        reply = self.walker.post(self.walker.address, sent)
        if reply.status_code >= 500:
            assert reply.status_code != 503 or KEPT in reply.text, f"what was typed on {page_id} is not kept"
            raise Refused(reply.status_code)
        assert reply.status_code == 303, (page_id, reply.status_code, reply.text[-2000:])
        self.ledger.saved(self.draft_id, values)
        self.walker.open(reply.location)

    def _go_on(self, at: str) -> None:
        """Leave the page with the code, the emergency page or the check page."""
        if at == "code":
            self.walker.open("/screening/who")
            return
        draft_id = self.draft_id
        reply = (
            self.walker.post("/screening/go-on", {})
            if at == "emergency"
            else self.walker.post("/screening/check", {"agree": "yes"})
        )
        if reply.status_code >= 500:
            raise Refused(reply.status_code)
        if at == "check" and reply.location.endswith("/done"):
            self.ledger.submitted(draft_id)
        self.walker.open(reply.location)


def _names(html: str) -> set[str]:
    return {name.split("-")[0] for name in re.findall(r'name="([^"]+)"', html)}


def invent(chance: random.Random) -> dict[str, Any]:
    """Answers that nobody else gives."""
    return person(
        full_name=f"Pat {secrets.token_hex(4)}",
        email=f"{secrets.token_hex(4)}@example.org",
        completed_by=chance.choice(["self", "staff"]),
        peg_pain=chance.randint(0, 3),
        peg_enjoyment=chance.randint(0, 3),
        peg_activity=chance.randint(0, 3),
        anything_else=secrets.token_hex(8),
    )


def draft_in(payload: str) -> int:
    """The form that a page's mark names."""
    padded = payload.lstrip(".") + "=" * (-len(payload.lstrip(".")) % 4)
    content = base64.urlsafe_b64decode(padded)
    plain = zlib.decompress(content) if payload.startswith(".") else content
    return int(json.loads(plain)[0])


def draft_of(walker: HttpWalker) -> int:
    """The form that the page before a person belongs to."""
    found = _MARK.search(walker.text)
    assert found, f"no mark on {walker.at}"
    return draft_in(found[1])


class Crowd:
    """So many patients at once, until stopped."""

    def __init__(self, port: int, number: int, ledger: Ledger, pause: float = 0.0) -> None:
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._live, args=(Patient(port, ledger, pause, seed),), daemon=True)
            for seed in range(number)
        ]
        self.faults: list[BaseException] = []

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(120)
        assert not self.faults, f"a patient met something unforeseen: {self.faults[0]!r}"

    def _live(self, patient: Patient) -> None:
        while not self._over.is_set():
            try:
                patient.step()
            except AssertionError as fault:
                self.faults.append(fault)
                return
            if patient.pause:
                self._over.wait(patient.pause * patient.chance.uniform(0.5, 1.5))
