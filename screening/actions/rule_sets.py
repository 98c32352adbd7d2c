"""Rule sets: recorded as they are seen, signed by a medical lead, put in force by an admin."""

from __future__ import annotations

from sqlalchemy import select

import rules
from screening.actions.re_review import close_list, list_again, open_cases, rises
from screening.actions.unit import SYSTEM, Actor, Missing, Unit, unit_of_work
from screening.clinic import current_clinic
from screening.models import RuleSetActivation, RuleSetSignature, StoredRuleSet, db
from screening.rule_files import Content, load_content
from screening.rulebook import forget_in_force, hold_in_force, in_force_sha256, is_signed, rulebook


class NotSigned(ValueError):
    """No medical lead has signed the set."""


class AlreadyInForce(ValueError):
    """The set is the one in force."""


class AlreadySigned(ValueError):
    """This person has signed the set before."""


def begin(*, by: Actor = SYSTEM) -> None:
    """Keep the folder's set. Where no set was ever in force it becomes so, not signed by anyone. Raises RuleError."""
    state = rulebook().folder()
    if state.fault:
        if db.session.scalar(select(RuleSetActivation.id).limit(1)) is None:
            raise state.fault
        return
    ruleset = load_content(state.content)
    with unit_of_work(by) as unit:
        stored = _record(unit, ruleset, state.content)
        if db.session.scalar(select(RuleSetActivation.id).limit(1)) is None:
            _put_in_force(unit, stored)
    forget_in_force()


def record(*, sha256: str, by: Actor) -> None:
    """Keep a set that only the folder holds so far. Raises Missing if neither the folder nor the database has it."""
    found = _found(sha256)
    with unit_of_work(by) as unit:
        _stored(unit, sha256, found)


def sign(*, sha256: str, by: Actor) -> None:
    """Sign a set by its hash. Raises Missing, AlreadySigned, or rules.RuleError for one that cannot be used."""
    if by.user_id is None:
        raise PermissionError("a rule set is signed by a member of staff")
    found = _found(sha256)
    if found is None:
        rulebook().get(sha256, current_clinic().switched_off)
    with unit_of_work(by) as unit:
        stored = _stored(unit, sha256, found)
        own = select(RuleSetSignature.id).where(
            RuleSetSignature.sha256 == sha256, RuleSetSignature.user_id == by.user_id
        )
        if db.session.scalar(own) is not None:
            raise AlreadySigned(sha256)
        signature = RuleSetSignature(
            sha256=sha256, version=stored.version, user_id=by.user_id, signed_name=by.name, signed_at=unit.now
        )
        db.session.add(signature)
        unit.audit("rules.signed", signature, version=stored.version, sha256=sha256)


def activate(*, sha256: str, by: Actor) -> int:
    """Put a signed set in force, and list the open cases that it puts in a higher tier. Returns their number.

    Raises Missing, NotSigned, AlreadyInForce, or rules.RuleError for a set that cannot be used: it does not load any
    more, or there are no words for what it asks.
    """
    if not is_signed(sha256):
        raise NotSigned(sha256)
    found = _found(sha256)
    try:
        ruleset = rulebook().get(sha256, current_clinic().switched_off)
    except LookupError as missing:
        raise Missing(sha256) from missing
    # Assessing all open cases takes seconds: only those sent meanwhile are read while others wait to write.
    looked_at = open_cases()
    foreseen = list(rises(ruleset, looked_at))
    with unit_of_work(by) as unit:
        hold_in_force(alone=True)
        if in_force_sha256() == sha256:
            raise AlreadyInForce(sha256)
        now_open = set(open_cases())
        risen = [rise for rise in foreseen if rise.case_id in now_open]
        risen += rises(ruleset, now_open.difference(looked_at))
        activation = _put_in_force(unit, _stored(unit, sha256, found), re_reviews=len(risen))
        close_list(unit)
        list_again(unit, activation, risen)
    forget_in_force()
    return len(risen)


def _put_in_force(unit: Unit, stored: StoredRuleSet, **detail: int) -> RuleSetActivation:
    activation = RuleSetActivation(
        sha256=stored.sha256,
        user_id=unit.by.user_id,
        activated_name=unit.by.name or "The system, when the clinic began",
        activated_at=unit.now,
    )
    db.session.add(activation)
    unit.audit("rules.activated", activation, version=stored.version, sha256=stored.sha256, **detail)
    return activation


def _found(sha256: str) -> tuple[rules.RuleSet, Content] | None:
    """The set in the folder, if it is this one and is not stored yet."""
    if db.session.get(StoredRuleSet, sha256) is not None:
        return None
    state = rulebook().folder()
    if state.ruleset is None or state.ruleset.sha256 != sha256:
        raise Missing(f"rule set {sha256}")
    return load_content(state.content), state.content


def _stored(unit: Unit, sha256: str, found: tuple[rules.RuleSet, Content] | None) -> StoredRuleSet:
    return _record(unit, *found) if found else db.session.get_one(StoredRuleSet, sha256)


def _record(unit: Unit, ruleset: rules.RuleSet, content: Content) -> StoredRuleSet:
    stored = db.session.get(StoredRuleSet, ruleset.sha256, populate_existing=True)
    if stored is None:
        stored = StoredRuleSet(
            sha256=ruleset.sha256, version=ruleset.version, content=dict(content), first_seen_at=unit.now
        )
        db.session.add(stored)
        unit.audit("rules.seen", stored, version=stored.version, sha256=stored.sha256)
    return stored
