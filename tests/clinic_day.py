"""A day of a clinic, played: patients answer, two desks call and print, two physicians decide, over HTTP.

Everybody takes turns in an order drawn from a seed. What patients were told is saved goes into a ledger of the play's
own, and the day's end is compared with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from flask import Flask
from sqlalchemy import select

import rules
from screening import clock
from screening.access import Role
from screening.actions import printing
from screening.actions.delivery import deliver_due, escalate
from screening.actions.tallies import recount
from screening.actions.unit import SYSTEM
from screening.clinic import current_clinic
from screening.models import Alert, AuditEvent, Case, OutboxMessage, db
from screening.questions import PAGES
from tests.conftest import Browser, new_browser, sign_in_another
from tests.entry.walk import Clerk
from tests.factories import A04, CONSULT, EMERGENCY, PRIORITY, URGENT
from tests.test_delivery import Mailbox
from tests.walk import HttpWalker, page_data, person

DESK, QUEUE, ALERTS, PRINTS, TABLETS = (
    "/staff/cases",
    "/staff/queue",
    "/staff/alerts",
    "/staff/prints",
    "/staff/tablets",
)
A_TURN = timedelta(seconds=10)
BATCH_FROM = 4
"""So many cases to print are printed as one file."""
CALLED_BACK = 10
"""Every tenth patient calls the physician after the decision: it has become worse."""

STORIES: tuple[dict[str, Any], ...] = (
    {},
    CONSULT,
    {"meds_list": ["not_sure"], "tx_opioid": "helped", "suicide_attempt": "not_sure"},
    A04,
    EMERGENCY,
    {"rf_saddle": "not_sure"},
    PRIORITY,
    URGENT,
)
"""What is the matter with each patient in turn, beside the base person."""
WAYS = ("website", "tablet", "paper", "website and back by code")

_HIDDEN = re.compile(r'<input type="hidden" name="(assessment_seen|asked|last_seen)" value="([^"]*)"')
_OPEN_ALERT = re.compile(r'action="(/staff/alerts/\d+/[a-z]+)"')
_REFERENCE = re.compile(r'name="case"[^>]*value="(\w{4}-\w{4})"')

Turns = Iterator[None]


@dataclass
class Patient:
    name: str
    way: str
    truth: dict[str, Any]
    """What the person would say of every question."""
    acknowledged: dict[str, Any] = field(default_factory=dict)
    """What the person was told is saved: the ledger."""
    calls_back: bool = False


@dataclass
class Day:
    """The clinic, who is in it, and what happened."""

    app: Flask
    desks: Sequence[Browser]
    physicians: Sequence[Browser]
    tablet: Browser
    patients: list[Patient]
    rng: Random
    now: datetime
    paper: list[Patient] = field(default_factory=list)
    """Forms on paper that no desk has keyed in."""
    mailbox: Mailbox = field(default_factory=Mailbox)
    seen: Counter[str] = field(default_factory=Counter)
    """How often what happened."""
    busy: dict[str, str] = field(default_factory=dict)
    """Which desk has which case in hand."""

    def play(self) -> None:
        """Until everybody went home: nobody at a form, nothing in a list."""
        working = [self._tablet_queue(), *(self._patient(each) for each in self.patients if each.way != "tablet")]
        staff = [self._desk(number) for number in range(len(self.desks))]
        staff += [self._physician(number) for number in range(len(self.physicians))]
        while working or not self.is_done():
            if self.now.hour >= 23:
                raise AssertionError(f"the day did not end: {self.seen}")
            actor = self.rng.choice([*working, *staff])
            with clock.fixed_at(self.now):
                if next(actor, "gone") == "gone":
                    working.remove(actor)
                self.now += A_TURN
                if self.now.second == 0:
                    self._worker()

    def is_done(self) -> bool:
        return not self.paper and not _open_work()

    def _worker(self) -> None:
        clinic = replace(current_clinic(), escalation=("first@clinic.example", "second@clinic.example"))
        escalate(clinic=clinic, now=self.now, by=SYSTEM)
        deliver_due(clinic=clinic, now=self.now, send=self.mailbox, base_url="http://localhost", by=SYSTEM)
        printing.make_next(by=SYSTEM)

    def _tablet_queue(self) -> Turns:
        """One tablet in the waiting room: one patient after another."""
        started = self.tablet.send(TABLETS, {"name": "Tablet 1"})
        assert started.status_code == 303, started.text
        for patient in self.patients:
            if patient.way == "tablet":
                yield from self._at_form(HttpWalker(self.tablet), patient)

    def _patient(self, patient: Patient) -> Turns:
        if patient.way == "paper":
            self.paper.append(patient)
            return
        walker = HttpWalker(new_browser(self.app))
        if patient.way == "website and back by code":
            yield from self._at_form(walker, patient, until="feelings")
            again = HttpWalker(new_browser(self.app))
            again.come_back(walker.code, patient.truth)
            walker = again
            self.seen["came back"] += 1
        yield from self._at_form(walker, patient)

    def _at_form(self, walker: HttpWalker, patient: Patient, until: str = "done") -> Turns:
        if walker.at in ("", "start"):
            walker.start(patient.truth)
        for pages in range(len(PAGES) * 2):
            if walker.at == until:
                self.seen["sent"] += until == "done"
                return
            page = PAGES.get(walker.at)
            self.seen["emergency page"] += walker.at == "emergency"
            walker.answer(patient.truth)
            if page and not page.identity:
                patient.acknowledged |= {each.id: patient.truth.get(each.id) for each in page.questions}
            if pages % 4 == 0:
                yield
        raise AssertionError(f"{patient.name} never came to {until}")

    def _desk(self, number: int) -> Turns:
        desk = self.desks[number]
        while True:
            if self._acknowledge(desk):
                yield
            elif self.paper:
                yield from self._key_in(desk, self.paper.pop(0))
            elif called := self._listed(desk, "to_call", number):
                yield from self._call(desk, called[0], DESK)
            elif waiting := self._listed(desk, "to_print", number):
                yield from self._print(desk, waiting)
            yield

    def _listed(self, desk: Browser, tab: str, number: int) -> list[str]:
        """The cases of a list that the other desk has not in hand; this one takes them."""
        references = _REFERENCE.findall(desk.get(f"{DESK}?show={tab}").text)
        free = [each for each in references if self.busy.get(each, str(number)) == str(number)]
        self.busy = {each: who for each, who in self.busy.items() if who != str(number)} | dict.fromkeys(
            free, str(number)
        )
        return free

    def _key_in(self, desk: Browser, patient: Patient) -> Turns:
        clerk = Clerk(desk)
        on_paper = {name: value for name, value in patient.truth.items() if value is not None}
        clerk.begin(full_name=patient.name, phone="555 010 0142", **_born(patient.truth))
        for pages in range(len(PAGES) * 2):
            if clerk.at == "check":
                break
            page = PAGES.get(clerk.at)
            self.seen["told to call at once"] += clerk.at == "call"
            clerk.key(on_paper)
            if page and not page.identity:
                patient.acknowledged |= {each.id: patient.truth.get(each.id) for each in page.questions}
            if pages % 4 == 0:
                yield
        assert clerk.post({"agree": "yes"}).status_code == 303
        self.seen["keyed in from paper"] += 1

    def _call(self, browser: Browser, reference: str, place: str) -> Turns:
        """Read the questions on the page, call, and key in what is said."""
        address = f"{place}/{reference}"
        page = browser.get(address).text
        yield
        hidden = _HIDDEN.findall(page)
        asked = [name for key, name in hidden if key == "asked"]
        patient = self._of(reference)
        told = _said(patient, asked)
        seen = next(value for name, value in hidden if name == "assessment_seen")
        answer = browser.send(f"{address}/answers", {"assessment_seen": seen, "asked": asked, **told}, page=address)
        if answer.status_code == 303:
            patient.acknowledged |= {name: patient.truth.get(name) for name in asked}
            self.seen["called"] += 1
        else:
            assert answer.status_code == 409, answer.text
            self.seen["called by two"] += 1

    def _print(self, desk: Browser, waiting: list[str]) -> Turns:
        if len(waiting) < BATCH_FROM:
            page = f"{DESK}/{waiting[0]}"
            yield
            made = desk.send(f"{page}/summary", page=page)
        else:
            job = desk.send(PRINTS, {"case": waiting}, page=DESK).location
            yield
            while (made := desk.send(f"{job}/file", page=DESK)).mimetype != "application/pdf":
                assert made.location == job
                yield
            self.seen["printed as one file"] += 1
        assert made.mimetype == "application/pdf", made.text
        self.seen["printed"] += 1

    def _physician(self, number: int) -> Turns:
        physician = self.physicians[number]
        while True:
            if self._acknowledge(physician):
                yield
            elif (case := physician.get(f"{QUEUE}/next").location) != QUEUE:
                yield from self._review(physician, str(case).rsplit("/", 1)[1])
            yield

    def _review(self, physician: Browser, reference: str) -> Turns:
        """Claim (most do), read, ask what only a clinician asks, decide."""
        address = f"{QUEUE}/{reference}"
        if self.rng.random() < 0.7:
            physician.send(f"{address}/claim", {"last_seen": 0}, page=address)
        page = physician.get(address).text
        yield
        if "only a clinician may ask" in page and self.rng.random() < 0.8:
            yield from self._call(physician, reference, QUEUE)
            page = physician.get(address).text
            yield
        hidden = {name: value for name, value in _HIDDEN.findall(page) if name != "asked"}
        typed = {"kind": "refer_specialist", "reason": f"Read on {self.now:%H:%M:%S}."}
        decided = physician.send(f"{address}/decision", {**hidden, **typed}, page=address)
        if decided.status_code == 409:
            assert typed["reason"] in decided.text, "what a physician typed is lost"
            self.seen["met another's change"] += 1
            return
        assert decided.status_code == 302, decided.text
        self.seen["decided"] += 1
        if (patient := self._of(reference)).calls_back:
            patient.calls_back = False
            yield
            yield from self._worse(physician, reference, patient)

    def _worse(self, physician: Browser, reference: str, patient: Patient) -> Turns:
        """The patient calls: a leg has become weak since."""
        patient.truth["rf_leg_weakness"] = "new_or_worse"
        address = f"{QUEUE}/{reference}"
        hidden = _HIDDEN.findall(physician.get(address).text)
        yield
        seen = next(value for name, value in hidden if name == "assessment_seen")
        told = {"assessment_seen": seen, "asked": ["rf_leg_weakness"], "rf_leg_weakness": "new_or_worse"}
        answer = physician.send(f"{address}/answers", told, page=address)
        assert answer.status_code == 303, answer.text
        patient.acknowledged["rf_leg_weakness"] = "new_or_worse"
        self.seen["worse after the decision"] += 1

    def _acknowledge(self, staff: Browser) -> bool:
        found = _OPEN_ALERT.search(staff.get(ALERTS).text)
        if found is None:
            return False
        staff.send(found[1], page=ALERTS)
        self.seen["alert acknowledged"] += 1
        return True

    def _of(self, reference: str) -> Patient:
        case = db.session.scalars(select(Case).where(Case.reference == reference)).one()
        return next(each for each in self.patients if each.name == case.patient.identity["full_name"])


def patients(number: int) -> list[Patient]:
    """So many people, each way and each story in turn."""
    return [
        Patient(
            name=f"Patient {each:02}",
            way=WAYS[(each + each // len(STORIES)) % len(WAYS)],
            truth=person(full_name=f"Patient {each:02}", **STORIES[each % len(STORIES)]),
            calls_back=each % CALLED_BACK == 1,
        )
        for each in range(number)
    ]


def verify(day: Day) -> None:
    """Every patient has one case with what they said; each is printed as it stands, and decided if it is flagged."""
    cases = {case.patient.identity["full_name"]: case for case in db.session.scalars(select(Case))}
    assert len(cases) == len(day.patients) == len(db.session.scalars(select(Case.id)).all())
    acted = db.session.execute(select(AuditEvent.action, AuditEvent.subject_id)).all()
    for patient in day.patients:
        case = cases[patient.name]
        said = {name: value for name, value in case.answers.items() if name in patient.acknowledged}
        assert said == {name: patient.acknowledged[name] for name in said}, patient.name
        assert len(said) > 20, patient.name
        assert case.printed_at and (case.changed_at is None or case.changed_at <= case.printed_at), patient.name
        assert ("case.printed", case.id) in acted
        # What was said by telephone may have taken the flag from a case that was decided on before.
        decided = ("case.decided", case.id) in acted
        assert decided if case.flagged else case.assessment_number or not decided, patient.name
        assert case.reviewed_at or not case.flagged, patient.name
    assert recount(by=SYSTEM) == []
    _verify_alerts(day)


def _verify_alerts(day: Day) -> None:
    alerts = db.session.scalars(select(Alert)).all()
    expected = {
        p.name for p in day.patients if p.truth.items() >= EMERGENCY.items() or p.truth.items() >= URGENT.items()
    }
    assert len(alerts) >= len(expected) > 0
    assert all(alert.acknowledged_at for alert in alerts)
    sent = db.session.scalars(select(OutboxMessage)).all()
    assert len(sent) == len(day.mailbox.mails) >= len(alerts)


def _open_work() -> bool:
    """Whether something is left in a list."""
    cases = select(Case.id).where(
        Case.flagged & Case.reviewed_at.is_(None)
        | Case.printed_at.is_(None)
        | (Case.changed_at > Case.printed_at)
        | (Case.desk_calls > 0) & Case.reviewed_at.is_(None)
    )
    alerts = select(Alert.id).where(Alert.acknowledged_at.is_(None))
    return any(db.session.scalar(query.limit(1)) is not None for query in (cases, alerts))


def _born(truth: Mapping[str, Any]) -> dict[str, str]:
    return {name: truth[name] for name in truth if name.startswith("date_of_birth")}


def _said(patient: Patient, asked: Sequence[str]) -> dict[str, Any]:
    """What the person says to these questions on the telephone: they know by now."""
    base = rules.load().base_person
    for name in asked:
        if patient.truth.get(name) in (None, "not_sure", ["not_sure"]):
            patient.truth[name] = base.get(name)
    sent: dict[str, Any] = {}
    for page in PAGES.values():
        if not page.identity:
            typed = page_data(page, patient.truth)
            sent |= {key: value for key, value in typed.items() if key.split("-")[0] in asked}
    return sent


def colleagues(app: Flask) -> dict[str, Any]:
    """Two desks, two physicians and a tablet, signed in."""
    desks = [_signed_in(app, Role.FRONT_DESK, name) for name in ("Ines", "Bo", "Tablet")]
    physicians = [_signed_in(app, Role.PHYSICIAN, name) for name in ("Robin", "Alex")]
    return {"app": app, "desks": desks[:2], "physicians": physicians, "tablet": desks[2]}


def _signed_in(app: Flask, role: Role, name: str) -> Browser:
    return sign_in_another(app, role, email=f"{name.lower()}@clinic.example", full_name=name)
