"""The demo clinic: accounts, a policy, and invented people who go through the same actions as real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import select

from screening import clock, second_factor
from screening.access import Role
from screening.actions import accounts, alerts, clinic, drafts, review, submit, summaries
from screening.actions.unit import PATIENT, SYSTEM, Actor, unit_of_work
from screening.clinic import current_clinic
from screening.demo.handing import after_decision
from screening.demo.invitations import open_invited, seed_invitations
from screening.demo.many import fill
from screening.demo.persons import join_all
from screening.identity import age_on
from screening.models import Alert, AuditEvent, Case, Draft, User, db
from screening.questions import step_of
from screening.questions.spec import Step
from screening.rulebook import ruleset

PEOPLE = Path(__file__).with_name("people.yaml")
PASSWORD = "seven quiet lanterns"  # noqa: S105 - the demo prints it; production refuses its accounts
SEEDED = "demo.seeded"
SETTINGS = {
    "name": "Harbor Street Pain Clinic (demo)",
    "address": "12 Harbor Street, Springfield",
    "phone": "555-0100",
    "urgent_care_place": "the emergency department of Springfield General",
    "urgent_care_places": {"es": "la sala de emergencias de Springfield General"},
    "urgent_care_line": "555-0199",
    "escalation": ["oncall@demo.example", "lead@demo.example"],
}


@dataclass(frozen=True)
class Account:
    email: str
    full_name: str
    role: Role


ACCOUNTS = (
    Account("desk@demo.example", "Dana Reyes", Role.FRONT_DESK),
    Account("physician@demo.example", "Dr. Alex Morgan", Role.PHYSICIAN),
    Account("lead@demo.example", "Dr. Robin Hale", Role.MEDICAL_LEAD),
    Account("admin@demo.example", "Jordan Lee", Role.ADMIN),
)


def seed() -> int:
    """Fill an empty database with the demo clinic. Returns the number of cases."""
    people = YAML(typ="safe", pure=True).load(PEOPLE.read_text(encoding="utf-8"))
    staff = {account.role: _open_account(account) for account in ACCOUNTS}
    clinic.save_settings(values=SETTINGS, by=staff[Role.ADMIN])
    base = ruleset().base_person
    for person in people["people"]:
        _screen(person, {**base, **people["stories"][person["story"]]}, staff)
    for name in people["joined"]:
        join_all(name, staff[Role.FRONT_DESK])
    for person in people["left"]:
        _leave_half_way(person, {**base, **people["stories"][person["story"]]}, staff[Role.FRONT_DESK])
    seed_invitations(people["invitations"], staff[Role.FRONT_DESK])
    with unit_of_work(SYSTEM) as unit:
        unit.audit(SEEDED, db.session.get_one(User, staff[Role.ADMIN].user_id))
    return len(people["people"])


def grow(cases: int, done: Callable[[int], None]) -> None:
    """Add so many cases to the demo clinic, made from those that it has. `done` is told how many, batch by batch."""
    fill(cases, next(account.email for account in ACCOUNTS if account.role is Role.PHYSICIAN), done)


def _open_account(account: Account) -> Actor:
    user: User = accounts.add_user(
        email=account.email,
        full_name=account.full_name,
        password=PASSWORD,
        role=account.role,
        demo=True,
        totp_secret=second_factor.new_secret() if account.role in second_factor.REQUIRED_OF else None,
        by=SYSTEM,
    )
    return Actor("staff", user.id, user.full_name)


def _screen(person: Mapping[str, Any], story: Mapping[str, Any], staff: Mapping[Role, Actor]) -> None:
    """Let one person answer, send, be printed and be decided on, at the times they tell."""
    sent = clock.now() - timedelta(**person["ago"])
    with clock.fixed_at(sent - timedelta(minutes=9)):
        draft = _begin(person, staff[Role.FRONT_DESK])
        _answer(draft.id, _answers_of(person, story), until=None)
    with clock.fixed_at(sent):
        case_id = submit.submit(draft_id=draft.id, by=PATIENT).id
    if person.get("printed"):
        with clock.fixed_at(sent + timedelta(minutes=6)):
            summaries.print_summary(case_id=case_id, by=staff[Role.FRONT_DESK])
    if decided := person.get("decided"):
        with clock.fixed_at(sent + timedelta(minutes=5)):
            _acknowledge(draft.id, staff[Role.PHYSICIAN])
        with clock.fixed_at(sent + timedelta(minutes=35)):
            review.decide(
                case_id=case_id,
                kind=review.DecisionKind(decided["kind"]),
                reason=decided["reason"],
                by=staff[Role.PHYSICIAN],
            )
            after_decision(person, case_id, staff)


def _acknowledge(draft_id: int, by: Actor) -> None:
    for alert_id in db.session.scalars(select(Alert.id).where(Alert.draft_id == draft_id)).all():
        alerts.acknowledge(alert_id=alert_id, by=by)


def _leave_half_way(person: Mapping[str, Any], story: Mapping[str, Any], desk: Actor) -> None:
    with clock.fixed_at(clock.now() - timedelta(**person["ago"])):
        draft = _begin(person, desk)
        _answer(draft.id, _answers_of(person, story), until=person["until"])


def _begin(person: Mapping[str, Any], desk: Actor) -> Draft:
    if person.get("invited"):
        return open_invited(person, desk)
    born = date.fromisoformat(str(person["born"]))
    return drafts.start_draft(
        identity={"date_of_birth": born.isoformat()},
        channel="online",
        origin="Website",
        language=person.get("language", "en"),
        by=PATIENT,
    )


def _contact(person: Mapping[str, Any]) -> dict[str, Any]:
    first = person["name"].split()[0].lower()
    return {
        "full_name": person["name"],
        "phone": f"555-01{sum(map(ord, person['name'])) % 100:02d}",
        "no_phone": False,
        "may_leave_message": True,
        "email": f"{first}@demo.example",
    }


def _answers_of(person: Mapping[str, Any], story: Mapping[str, Any]) -> dict[str, Any]:
    born = date.fromisoformat(str(person["born"]))
    answers = {**story, "sex_at_birth": person.get("sex", "male"), "pregnancy": "no", **person.get("changes", {})}
    age = age_on(born, current_clinic().today(clock.now()))
    return {**answers, "age_years": age, "contact": _contact(person)}


def _answer(draft_id: int, answers: Mapping[str, Any], *, until: str | None) -> None:
    """Answer step by step, as the path opens, to the end or to the page that asks `until`."""
    while page := drafts.first_unfinished(drafts.load(draft_id)):
        if page.id == "contact":
            drafts.save_identity(draft_id=draft_id, identity=answers["contact"], by=PATIENT)
            continue
        fields = _asked_in(step_of(page), answers, until)
        drafts.save_page(draft_id=draft_id, values={field: answers.get(field) for field in fields}, by=PATIENT)
        if until in fields:
            return


def _asked_in(step: Step, answers: Mapping[str, Any], until: str | None) -> list[str]:
    asked = set(ruleset().asked({field: value for field, value in answers.items() if field != "contact"}))
    fields: list[str] = []
    for page in step.pages:
        fields += [question.id for question in page.questions if question.id in asked]
        if until in fields:
            break
    return fields


def is_empty() -> bool:
    """Whether no one has an account and no case was sent."""
    return db.session.scalar(select(User.id).limit(1)) is None and db.session.scalar(select(Case.id).limit(1)) is None


def is_complete() -> bool:
    """Whether the demo clinic was seeded to its end."""
    return db.session.scalar(select(AuditEvent.id).where(AuditEvent.action == SEEDED).limit(1)) is not None
