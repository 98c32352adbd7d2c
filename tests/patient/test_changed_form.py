"""The questionnaire changes while somebody fills it in: the form goes on, asks what is new, and skips no rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from rules import Tier
from screening import questions
from screening.access import Role
from screening.actions.submit import Unfinished, submit
from screening.actions.unit import PATIENT, Actor
from screening.models import AuditEvent, Case, User, db
from tests.conftest import SignIn
from tests.patient.conftest import the_draft
from tests.staff.rule_folders import rules_folder
from tests.staff.test_rules_activation import put_in_force
from tests.walk import HttpWalker, person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CHANGES = {
    ("ruleset.yaml", "version: 1.0.0"): "version: 1.9.0",
    ("fields.yaml", 'asked_when: completed_by == "carer"'): 'asked_when: completed_by != "staff"',
    ("fields.yaml", "{id: bp_systolic, step: 8, kind: integer, min: 60, max: 260"): (
        "{id: bp_systolic, step: 8, kind: integer, min: 60, max: 250"
    ),
    ("safety/s02_leg_weakness.yaml", 'rf_leg_weakness == "new_or_worse"'): 'rf_leg_weakness != "no"',
}
"""One question more for most people, one answer that is not allowed any more, and one rule that is stricter."""
ANSWERS = person(bp_systolic=255, bp_diastolic=100, rf_leg_weakness="mild_stable")


@pytest.fixture(scope="session")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rules_folder(tmp_path_factory.mktemp("changed"), CHANGES)


@pytest.fixture
def lead(sign_in: SignIn) -> Actor:
    sign_in(Role.MEDICAL_LEAD)
    user = db.session.scalars(select(User)).one()
    return Actor("staff", user.id, user.full_name)


def test_given_a_form_at_its_end_when_the_questionnaire_changes_then_it_asks_what_is_new_and_goes_on(
    app: Flask, walker: HttpWalker, changed: Path, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    walker.arrive(ANSWERS)
    put_in_force(app, changed, lead)
    monkeypatch.setattr(questions, "VERSION", "1.9.0")
    with pytest.raises(Unfinished):
        submit(draft_id=the_draft().id, by=PATIENT)
    sent = walker.post("/screening/check", {"agree": "yes"})
    assert (sent.status_code, sent.location) == (303, "/screening/with-patient?to=check")
    assert walker.open("/screening/check") == "with-patient"
    assert the_draft().questionnaire_version == "1.0.0"
    assert walker.answer({**ANSWERS, "with_patient": "yes"}) == "blood-pressure"
    assert the_draft().questionnaire_version == "1.9.0"
    assert 'value="255"' not in walker.text
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "draft.form_changed")).all()
    assert [event.detail for event in events] == [{"before": "1.0.0", "after": "1.9.0"}]
    assert walker.answer({**ANSWERS, "bp_systolic": 140}) == "check"
    walker.answer(ANSWERS)
    case = db.session.scalars(select(Case)).one()
    assert (case.ruleset_version, case.questionnaire_version) == ("1.9.0", "1.9.0")
    assert case.answers["with_patient"] == "yes" and case.answers["bp_systolic"] == 140
    assert case.tier == Tier.URGENT
    assert "S02" in {finding.rule for finding in case.findings}


def test_given_a_form_halfway_when_a_question_is_gone_then_its_answer_is_kept_and_never_used(
    walker: HttpWalker,
) -> None:
    walker.arrive(person(), "feelings")
    draft = the_draft()
    draft.answers = {**draft.answers, "gone_question": "yes", "cancer_history": "gone_code"}
    draft.given = {**(draft.given or {}), "gone_question": draft.given["rf_bladder"] if draft.given else {}}
    draft.questionnaire_version = "0.9.0"
    db.session.commit()
    assert walker.open("/screening/check") == "cancer-bones"
    walker.until("done", person())
    case = db.session.scalars(select(Case)).one()
    assert "gone_question" not in case.answers and case.answers["cancer_history"] == "no"
    assert the_draft().answers["gone_question"] == "yes"
