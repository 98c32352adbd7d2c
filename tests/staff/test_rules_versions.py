"""Rule sets by version: which is in force, who signed it, and what an activation does to open cases."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

import rules
from screening import clock, create_app
from screening.access import Role
from screening.actions import rule_sets
from screening.actions.review import DecisionKind, annul, decide
from screening.actions.unit import Actor
from screening.models import AuditEvent, ReReview, RuleSetActivation, RuleSetSignature, StoredRuleSet, User, db
from screening.rule_files import read_content
from screening.rulebook import forget_in_force, init_rules, rulebook, ruleset
from tests.conftest import Browser, SignIn, close
from tests.factories import PRIORITY, submit_case
from tests.pdf_pages import all_text
from tests.staff.rule_folders import BROKEN, STRICTER, restart_with, rules_folder

RULES = "/staff/rules"
NOT_APPROVED = "Rules not yet approved by this clinic"
ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="session")
def stricter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rules_folder(tmp_path_factory.mktemp("stricter"), STRICTER)


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rules_folder(tmp_path_factory.mktemp("broken"), BROKEN)


def page_of(folder: Path) -> str:
    return f"{RULES}/set/{rules.load(folder).sha256}"


def sign(lead: Browser, folder: Path) -> str:
    page = page_of(folder)
    return lead.post(
        f"{page}/signature", data={"csrf_token": lead.token(page), "confirm": "y"}, follow_redirects=True
    ).text


def activate(admin: Browser, folder: Path) -> str:
    page = page_of(folder)
    sent = {"csrf_token": admin.token("/staff/password"), "confirm": "y"}
    return admin.post(f"{page}/activation", data=sent, follow_redirects=True).text


def in_force() -> rules.RuleSet:
    forget_in_force()
    return ruleset()


def test_the_first_start_puts_the_folders_set_in_force_unsigned(app: Flask) -> None:
    activation = db.session.scalars(select(RuleSetActivation)).one()
    stored = db.session.scalars(select(StoredRuleSet)).one()
    assert activation.sha256 == stored.sha256 == rules.load().sha256 == in_force().sha256
    assert activation.user_id is None
    assert db.session.scalars(select(RuleSetSignature)).all() == []
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "rules.activated")).all()
    assert [event.actor for event in events] == ["system"]
    rule_sets.begin()
    assert len(db.session.scalars(select(RuleSetActivation)).all()) == 1


def test_a_changed_folder_is_a_candidate_and_no_more(app: Flask, sign_in: SignIn, stricter: Path) -> None:
    restart_with(app, stricter)
    assert submit_case().ruleset_sha256 == rules.load().sha256
    page = sign_in(Role.PHYSICIAN).get(RULES).text
    assert "In the rules folder" in page
    assert rules.load(stricter).sha256[:12] in page
    rule_sets.begin()
    assert in_force().sha256 == rules.load().sha256


def test_a_set_is_signed_by_the_lead_put_in_force_by_an_admin_and_used_for_new_cases(
    app: Flask, sign_in: SignIn, stricter: Path, noon: datetime
) -> None:
    lead, admin = sign_in(Role.MEDICAL_LEAD), sign_in(Role.ADMIN)
    old = submit_case()
    restart_with(app, stricter)
    assert "A medical lead has to sign this rule set first." not in sign(lead, stricter)
    page = lead.get(page_of(stricter)).text
    assert "Sam Medical lead, 18 Nov, 12:00" in page
    assert "The rule set is in force. Open cases to review again: 1." in activate(admin, stricter)
    assert in_force().version == "1.1.0"
    new = submit_case()
    db.session.refresh(old)
    assert (old.ruleset_sha256, old.tier) == (rules.load().sha256, rules.Tier.ROUTINE)
    assert (new.ruleset_sha256, new.tier) == (rules.load(stricter).sha256, rules.Tier.CONSULT)
    events = {row.action: row for row in db.session.scalars(select(AuditEvent)) if row.action.startswith("rules.")}
    assert events["rules.signed"].detail == {"version": "1.1.0", "sha256": new.ruleset_sha256}
    assert events["rules.activated"].detail == {"version": "1.1.0", "sha256": new.ruleset_sha256, "re_reviews": 1}


def test_an_unsigned_set_and_an_unticked_box_put_nothing_in_force(app: Flask, sign_in: SignIn, stricter: Path) -> None:
    lead, admin = sign_in(Role.MEDICAL_LEAD), sign_in(Role.ADMIN)
    restart_with(app, stricter)
    assert "has to sign this rule set first" in activate(admin, stricter)
    page = page_of(stricter)
    unticked = lead.post(f"{page}/signature", data={"csrf_token": lead.token(page)})
    assert unticked.status_code == 422
    assert "Tick the box to confirm." in unticked.text
    sign(lead, stricter)
    unticked = admin.post(f"{page}/activation", data={"csrf_token": admin.token(page)})
    assert unticked.status_code == 422
    assert in_force().sha256 == rules.load().sha256
    assert "You have signed this rule set before." in sign(lead, stricter)
    assert lead.post(f"{page}/activation", data={"csrf_token": lead.token(page), "confirm": "y"}).status_code == 403


def test_an_activation_reaches_a_running_process_and_the_set_outlives_its_folder(
    app: Flask, sign_in: SignIn, tmp_path: Path
) -> None:
    other = create_app(app.extensions["settings"])
    folder = rules_folder(tmp_path / "gone", STRICTER)
    candidate = rules.load(folder).sha256
    with other.app_context():
        assert in_force().sha256 == rules.load().sha256
    lead, admin = sign_in(Role.MEDICAL_LEAD), sign_in(Role.ADMIN)
    restart_with(app, folder)
    sign(lead, folder)
    activate(admin, folder)
    (folder / "ruleset.yaml").unlink()
    with other.app_context():
        assert in_force().sha256 == candidate
        close(other)


def test_a_broken_folder_never_replaces_a_good_set_and_says_where(app: Flask, sign_in: SignIn, broken: Path) -> None:
    restart_with(app, broken)
    assert submit_case().ruleset_sha256 == rules.load().sha256
    page = sign_in(Role.PHYSICIAN).get(RULES).text
    assert "safety/s10_heart.yaml, line " in page
    assert "unstabel" in page
    rule_sets.begin()
    assert in_force().sha256 == rules.load().sha256


@ONE_KIND
def test_a_broken_folder_stops_the_first_start_of_all(app: Flask, broken: Path, tmp_path: Path) -> None:
    settings = replace(
        app.extensions["settings"], rules_dir=broken, database_url=f"sqlite:///{tmp_path / 'new.sqlite3'}"
    )
    with pytest.raises(rules.RuleError, match=r"s10_heart\.yaml"):
        create_app(settings)


def test_until_the_set_in_force_is_signed_every_staff_page_and_print_says_so(app: Flask, sign_in: SignIn) -> None:
    case = submit_case(**PRIORITY)
    desk, lead = sign_in(Role.FRONT_DESK), sign_in(Role.MEDICAL_LEAD)
    pages = ("/staff/cases", "/staff/alerts", "/staff/password", f"/staff/cases/{case.reference}")
    assert all(NOT_APPROVED in desk.get(page).text for page in pages)
    printed = f"/staff/cases/{case.reference}/summary"
    assert NOT_APPROVED in all_text(desk.send(printed, page=f"/staff/cases/{case.reference}").data)
    lead.send(f"{RULES}/set/{in_force().sha256}/signature", {"confirm": "y"}, page=RULES)
    assert not any(NOT_APPROVED in desk.get(page).text for page in pages)
    assert NOT_APPROVED not in all_text(desk.send(printed, page=f"/staff/cases/{case.reference}").data)
    assert NOT_APPROVED not in desk.get("/").text


def activate_by_actions(app: Flask, folder: Path, by: Actor) -> None:
    restart_with(app, folder)
    sha256 = rules.load(folder).sha256
    rule_sets.sign(sha256=sha256, by=by)
    rule_sets.activate(sha256=sha256, by=by)


@pytest.fixture
def lead_actor(add_staff: object, sign_in: SignIn) -> Actor:
    sign_in(Role.MEDICAL_LEAD)
    user = db.session.scalars(select(User)).one()
    return Actor("staff", user.id, user.full_name)


def test_open_cases_that_would_rise_are_listed_until_a_decision_counts(
    app: Flask, sign_in: SignIn, stricter: Path, lead_actor: Actor
) -> None:
    rises, stays, decided = submit_case(), submit_case(**PRIORITY), submit_case()
    decide(case_id=decided.id, kind=DecisionKind.NO_SPECIALIST_NOW, reason="Seen.", by=lead_actor)
    activate_by_actions(app, stricter, lead_actor)
    physician = sign_in(Role.PHYSICIAN)
    page = physician.get("/staff/queue").text
    again = page[page.index("Review again (1)") : page.index("Planning (")]
    assert page.index("Time-critical (") < page.index("Review again (1)")
    assert rises.reference in again
    assert stays.reference not in again and decided.reference not in again
    assert "Routine follow-up" in again and "Specialist consult" in again
    signed = decide(case_id=rises.id, kind=DecisionKind.CALL_PATIENT, reason="Called.", by=lead_actor)
    assert "Review again" not in physician.get("/staff/queue").text
    annul(decision_id=signed.id, reason="Wrong person.", by=lead_actor)
    assert "Review again (1)" in physician.get("/staff/queue").text
    db.session.refresh(rises)
    assert rises.tier == rules.Tier.ROUTINE


def test_a_case_that_rises_to_today_stands_before_all_others(
    app: Flask, sign_in: SignIn, tmp_path: Path, lead_actor: Actor
) -> None:
    case = submit_case(rf_leg_weakness="mild_stable")
    sooner = {("safety/s02_leg_weakness.yaml", 'rf_leg_weakness == "new_or_worse"'): 'rf_leg_weakness != "no"'}
    activate_by_actions(app, rules_folder(tmp_path / "sooner", sooner), lead_actor)
    page = sign_in(Role.PHYSICIAN).get("/staff/queue").text
    assert page.index("Review again (1)") < page.index(case.reference) < page.index("Time-critical (")


def test_the_next_activation_takes_the_place_of_the_list(app: Flask, stricter: Path, lead_actor: Actor) -> None:
    submit_case()
    activate_by_actions(app, stricter, lead_actor)
    sha256 = rules.load().sha256
    rule_sets.sign(sha256=sha256, by=lead_actor)
    assert rule_sets.activate(sha256=sha256, by=lead_actor) == 0
    (row,) = db.session.scalars(select(ReReview))
    assert row.resolved_at is not None
    with pytest.raises(rule_sets.AlreadyInForce):
        rule_sets.activate(sha256=sha256, by=lead_actor)


def test_a_set_that_nobody_has_seen_is_not_found(sign_in: SignIn) -> None:
    lead = sign_in(Role.MEDICAL_LEAD)
    unknown = f"{RULES}/set/{'0' * 64}"
    token = lead.token(RULES)
    assert lead.get(unknown).status_code == 404
    for part in ("signature", "what-if"):
        assert lead.post(f"{unknown}/{part}", data={"csrf_token": token, "confirm": "y"}).status_code == 404


def test_the_page_has_every_rule_whole(sign_in: SignIn) -> None:
    page = sign_in(Role.ADMIN).get(RULES).text
    for rule in rules.load().rules.values():
        for shown in (rule.id, rule.heading or rule.topic, rule.examples[0].name):
            assert shown in page, rule.id
    anchors = set(re.findall(r'id="([^"]+)"', page))
    contents = page[page.index('id="contents"') : page.index('<h2 class="nhsuk-heading-m" id="article"')]
    linked = re.findall(r'href="#([^"]+)"', contents)
    assert set(linked) <= anchors and len(linked) == page.count("app-rules-group") + 2
    assert "From the article: 15 rules, Safety: 29 rules" in contents
    assert set(re.findall(r"[AS]\d\d", contents)) == set(rules.load().rules)
    assert "12† or more (points of 30)" in page
    assert "Not verified" in page and "Verified" in page
    assert "Review overdue" not in page


def test_an_overdue_review_warns(sign_in: SignIn) -> None:
    with clock.fixed_at(datetime(2028, 1, 3, 17, 0, tzinfo=UTC)):
        page = sign_in(Role.PHYSICIAN).get(RULES).text
    assert "Review overdue" in page
    assert f"{len(rules.load().rules)} rules overdue for review" in page


def test_an_overlay_makes_a_candidate_of_its_own_and_is_kept_with_the_set(
    app: Flask, tmp_path: Path, lead_actor: Actor
) -> None:
    overlay = tmp_path / "clinic.yaml"
    overlay.write_text("thresholds: {peg_severe: 24}\nswitch_off: [audit_c]\n", encoding="utf-8")
    settings = replace(app.extensions["settings"], rules_overlay=overlay)
    init_rules(app, settings)
    found = rulebook().folder().ruleset
    assert found is not None
    assert (found.version, in_force().version) == ("1.0.0+clinic", "1.0.0")
    rule_sets.sign(sha256=found.sha256, by=lead_actor)
    rule_sets.activate(sha256=found.sha256, by=lead_actor)
    overlay.unlink()
    init_rules(app, replace(settings, rules_overlay=None))
    assert in_force().sha256 == found.sha256
    assert in_force().thresholds["peg_severe"].value == 24
    assert "audit1" not in submit_case().answers


@ONE_KIND
def test_an_overlay_that_is_wrong_names_itself(app: Flask, sign_in: SignIn, tmp_path: Path) -> None:
    overlay = tmp_path / "clinic.yaml"
    overlay.write_text("thresholds:\n  mme_high: 90\n", encoding="utf-8")
    init_rules(app, replace(app.extensions["settings"], rules_overlay=overlay))
    assert "clinic.yaml, line 2: mme_high" in sign_in(Role.PHYSICIAN).get(RULES).text


def test_a_set_in_force_that_a_new_program_cannot_load_is_stood_in_for_and_said_so(
    app: Flask, sign_in: SignIn, stricter: Path, lead_actor: Actor
) -> None:
    activate_by_actions(app, stricter, lead_actor)
    stored = db.session.get_one(StoredRuleSet, rules.load(stricter).sha256)
    stored.content = {**stored.content, "fields.yaml": "fields: []"}
    db.session.commit()
    init_rules(app, app.extensions["settings"])
    assert in_force().sha256 == rules.load().sha256
    page = sign_in(Role.PHYSICIAN).get(RULES).text
    assert "does not load in this version of the program" in page
    assert "fields.yaml, line 1: clinician_steps is missing" in page
    assert NOT_APPROVED in page
    assert "This version of the program cannot use this rule set." in activate(sign_in(Role.ADMIN), stricter)
    assert in_force().sha256 == rules.load().sha256


NO_WORDS = {
    ("fields.yaml", "rf_gait, step: 1, kind: one, codes: [no, "): (
        "rf_gait, step: 1, kind: one, codes: [no, now_and_then, "
    ),
    ("fields.yaml", "  - {id: rf_bladder,"): (
        "  - {id: rf_arms, step: 1, kind: one, codes: [no, yes]}\n  - {id: rf_bladder,"
    ),
    ("fields.yaml", "  - {id: anything_else, step: 11, kind: text, max_length: 1000, optional: true}\n"): "",
}
"""Asks what the questionnaire has no words for, and not what it asks."""
UNASKABLE = (
    "rf_arms has no question in the questionnaire; anything_else, which the questionnaire asks, is missing; "
    "rf_gait: there are no words for now_and_then"
)


def test_a_set_that_the_questionnaire_cannot_ask_is_never_put_in_force(
    app: Flask, sign_in: SignIn, tmp_path: Path
) -> None:
    folder = rules_folder(tmp_path / "unaskable", NO_WORDS)
    lead, admin = sign_in(Role.MEDICAL_LEAD), sign_in(Role.ADMIN)
    restart_with(app, folder)
    fields = (folder / "fields.yaml").read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(fields, 1) if "rf_arms" in text)
    assert f"fields.yaml, line {line}: {UNASKABLE}" in lead.get(RULES).text
    assert lead.get(page_of(folder)).status_code == 404
    checked = app.test_cli_runner().invoke(args=["rules", "check", str(folder)])
    assert checked.exit_code == 1
    assert "fields.yaml: rf_arms has no question in the questionnaire" in checked.stderr
    settings = replace(app.extensions["settings"], rules_dir=folder)
    with pytest.raises(rules.RuleError, match="rf_arms"):
        create_app(replace(settings, database_url=f"sqlite:///{tmp_path / 'new.sqlite3'}"))

    candidate = rules.load(folder)
    kept = {"sha256": candidate.sha256, "version": candidate.version}
    db.session.add(StoredRuleSet(**kept, content=read_content(folder), first_seen_at=clock.now()))
    db.session.flush()
    user = db.session.scalars(select(User)).first()
    assert user
    db.session.add(RuleSetSignature(**kept, user_id=user.id, signed_name="Sam", signed_at=clock.now()))
    db.session.commit()
    assert UNASKABLE in lead.get(page_of(folder)).text
    sent = {"csrf_token": lead.token(RULES), "confirm": "y"}
    assert lead.post(f"{page_of(folder)}/signature", data=sent).status_code == 422
    assert UNASKABLE in activate(admin, folder)
    assert len(db.session.scalars(select(RuleSetSignature)).all()) == 1
    assert in_force().sha256 == rules.load().sha256
