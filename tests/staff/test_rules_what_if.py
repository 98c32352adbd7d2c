"""What a candidate would change in past cases, from the command and on the medical lead's page."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

import rules
from screening import clock
from screening.access import Role
from screening.actions import what_if
from screening.models import AuditEvent, Case, RuleSetActivation, StoredRuleSet, WhatIfCase, WhatIfRun, db
from screening.queries import past_cases
from screening.queries import rule_sets as queries
from screening.what_if import PastCase
from tests.conftest import SignIn
from tests.factories import A04, CONSULT, EMERGENCY, PRIORITY, submit_case
from tests.staff.rule_folders import BROKEN, STRICTER, restart_with, rules_folder

ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LOOSER = {
    ("ruleset.yaml", "version: 1.0.0"): "version: 1.2.0",
    ("thresholds.yaml", "inadequate_treatments: {value: 2"): "inadequate_treatments: {value: 7",
}
"""Takes A03 from whoever has fewer than seven treatments that did not help enough."""
NEW_QUESTION = {
    ("ruleset.yaml", "version: 1.0.0"): "version: 1.3.0",
    ("thresholds.yaml", "pregnancy_age_to: {value: 55"): "pregnancy_age_to: {value: 70",
}
"""Asks women up to 70 about pregnancy."""


@pytest.fixture(scope="session")
def stricter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rules_folder(tmp_path_factory.mktemp("stricter"), STRICTER)


def run(app: Flask, folder: Path, *options: str) -> Result:
    db.session.commit()
    args = ["rules", "what-if", str(folder), *(options or ("--processes", "1"))]
    return app.test_cli_runner().invoke(args=args)


def rows(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(result.stdout.splitlines()))


def counts(found: list[dict[str, str]], part: str) -> dict[str, int]:
    return {
        row["subject"] or f"{row['before']}>{row['after']}": int(row["count"]) for row in found if row["part"] == part
    }


def everything(app: Flask) -> Any:
    db.session.rollback()
    tables = (Case, StoredRuleSet, RuleSetActivation, AuditEvent)
    return [[tuple(row) for row in db.session.execute(select(model.__table__))] for model in tables]


def test_what_if_counts_names_causes_and_cases_and_changes_nothing(app: Flask, stricter: Path) -> None:
    risen = [submit_case().reference, submit_case().reference]
    submit_case(**EMERGENCY), submit_case(**PRIORITY)
    before = everything(app)
    result = run(app, stricter)
    assert result.exit_code == 0, result.output
    assert "4 cases: 2 rise, 0 fall, 0 asked differently." in result.stdout
    assert re.search(r"^ROUTINE +0 +0 +2 +0 +0 +0$", result.stdout, re.MULTILINE)
    assert re.search(r"^  A07 +2$", result.stdout, re.MULTILINE)
    for reference in risen:
        assert f"  {reference}  ROUTINE -> CONSULT  A07" in result.stdout
    assert everything(app) == before


def test_what_if_as_csv_for_a_set_that_lowers(app: Flask, tmp_path: Path) -> None:
    lowered = submit_case(**CONSULT)
    submit_case(**A04)
    found = rows(run(app, rules_folder(tmp_path / "looser", LOOSER), "--csv", "--processes", "1"))
    assert counts(found, "total") == {"cases": 2, "rise": 0, "fall": 1, "asked differently": 0}
    assert counts(found, "tier") == {"CONSULT>ROUTINE": 1, "CONSULT>CONSULT": 1}
    assert counts(found, "rule") == {"A03": 1}
    (case,) = [row for row in found if row["part"] == "case"]
    assert case == {
        "part": "case", "subject": lowered.reference, "before": "CONSULT", "after": "ROUTINE", "count": "1",
        "rules": "A03", "asked_differently": "no",
    }  # fmt: skip


def test_a_case_of_an_older_questionnaire_is_assessed_with_what_it_has_and_said_so(app: Flask, stricter: Path) -> None:
    case = submit_case()
    answers = {**case.answers, "no_longer_asked": "yes", "hx_eye": "a_code_of_old"}
    del answers["hx_heart"]
    case.answers, case.questionnaire_sha256 = answers, "0" * 64
    found = rows(run(app, stricter, "--csv", "--processes", "1"))
    (row,) = [row for row in found if row["part"] == "case"]
    assert (row["subject"], row["before"], row["after"]) == (case.reference, "ROUTINE", "CONSULT")
    assert row["asked_differently"] == "yes"
    assert counts(found, "total")["asked differently"] == 1


def test_a_candidate_that_asks_more_does_not_take_the_new_question_for_left_blank(app: Flask, tmp_path: Path) -> None:
    submit_case(born="1961-03-04", sex_at_birth="female", considering_ketamine="no")
    found = rows(run(app, rules_folder(tmp_path / "asks", NEW_QUESTION), "--csv", "--processes", "1"))
    assert counts(found, "total") == {"cases": 1, "rise": 0, "fall": 0, "asked differently": 1}


@ONE_KIND
def test_what_if_uses_several_processes_and_gives_the_same(app: Flask, stricter: Path) -> None:
    for _ in range(3):
        submit_case()
    alone, shared = (run(app, stricter, "--csv", "--processes", number) for number in ("1", "2"))
    assert rows(shared) == rows(alone)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_broken_candidate_stops_with_file_line_and_reason(app: Flask, tmp_path: Path) -> None:
    result = run(app, rules_folder(tmp_path / "broken", BROKEN))
    assert result.exit_code == 2
    assert re.search(r"safety/s10_heart\.yaml:\d+: .*unstabel", result.stderr)
    assert result.stdout == ""
    for folder in (tmp_path / "nowhere", tmp_path):
        result = run(app, folder)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "yaml:1: " in result.stderr


@ONE_KIND
def test_what_if_without_a_case_says_so(app: Flask, stricter: Path) -> None:
    assert "0 cases: 0 rise, 0 fall, 0 asked differently." in run(app, stricter).stdout


def test_the_lead_asks_for_a_run_and_reads_it_with_a_chart(app: Flask, sign_in: SignIn, stricter: Path) -> None:
    case = submit_case()
    submit_case(**PRIORITY)
    lead = sign_in(Role.MEDICAL_LEAD)
    restart_with(app, stricter)
    page = f"/staff/rules/set/{rules.load(stricter).sha256}/what-if"
    lead.send(page)
    lead.post(page, data={"csrf_token": lead.token("/staff/rules")})
    waiting = lead.get(page)
    assert "The job worker takes it up" in waiting.text and waiting.headers["Refresh"] == "5"
    assert "Refresh" not in lead.get(f"{page}?still=1").headers
    assert len(db.session.scalars(select(WhatIfRun)).all()) == 1
    assert what_if.run_next(processes=1)
    assert not what_if.run_next(processes=1)
    shown = lead.get(page).text
    assert case.reference in shown and "A07: 1" in shown
    assert re.search(r"Rise in tier</dt><dd>1<", shown)
    assert f'src="{page}.svg"' in shown
    assert "Refresh" not in lead.get(page).headers
    chart = lead.get(f"{page}.svg")
    assert chart.mimetype == "image/svg+xml"
    assert all(words in chart.text for words in ("In force", "Candidate", *(tier.staff_name for tier in rules.Tier)))
    assert "<script" not in chart.text
    assert db.session.scalars(select(RuleSetActivation)).one().sha256 == rules.load().sha256


@ONE_KIND
def test_a_run_that_lost_its_worker_is_begun_again_after_an_hour(app: Flask, sign_in: SignIn) -> None:
    lead = sign_in(Role.MEDICAL_LEAD)
    lead.send(f"/staff/rules/set/{rules.load().sha256}/what-if")
    (row,) = db.session.scalars(select(WhatIfRun))
    row.started_at = row.requested_at
    db.session.commit()
    assert not what_if.run_next(processes=1)
    row.started_at = row.requested_at - what_if.GIVEN_UP_AFTER
    db.session.commit()
    assert what_if.run_next(processes=1)


def watch_batches(monkeypatch: pytest.MonkeyPatch, look: Callable[[], TestResponse]) -> list[TestResponse]:
    """What a look shows before each batch of a run is assessed."""
    seen: list[TestResponse] = []
    batches = past_cases.batches

    def watched() -> Iterator[list[PastCase]]:
        for batch in batches():
            seen.append(look())
            yield batch

    monkeypatch.setattr(past_cases, "batches", watched)
    return seen


def test_the_page_says_how_far_a_run_is_lists_its_cases_in_parts_and_has_them_all_as_csv(
    app: Flask, sign_in: SignIn, stricter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    risen = [submit_case().reference for _ in range(5)]
    submit_case(**PRIORITY)
    lead = sign_in(Role.MEDICAL_LEAD)
    restart_with(app, stricter)
    page = f"/staff/rules/set/{rules.load(stricter).sha256}/what-if"
    lead.send(page)
    monkeypatch.setattr(past_cases, "BATCH", 2)
    monkeypatch.setattr(what_if, "WRITE_EVERY", 2)
    monkeypatch.setattr(queries, "WHAT_IF_SHOWN", 3)
    monkeypatch.setattr(queries, "WHAT_IF_BATCH", 2)
    seen = watch_batches(monkeypatch, lambda: lead.get(page))
    assert what_if.run_next(processes=1)
    for response, done in zip(seen, (0, 2, 4), strict=True):
        assert f"{done} of 6 cases assessed" in response.text and response.headers["Refresh"] == "5"
    first = lead.get(page).text
    assert "were asked differently: 5" in first
    (after,) = re.findall(r"\?after=(\d+)", first)
    second = lead.get(f"{page}?after={after}").text
    assert "?after=" not in second and "First cases" in second
    assert [[case in text for case in risen] for text in (first, second)] == [
        [True, True, True, False, False],
        [False, False, False, True, True],
    ]
    found = list(csv.DictReader(lead.get(f"{page}.csv").text.splitlines()))
    assert counts(found, "total") == {"cases": 6, "rise": 5, "fall": 0, "asked differently": 0}
    assert [row["subject"] for row in found if row["part"] == "case"] == risen
    command = rows(run(app, stricter, "--csv", "--processes", "1"))
    assert command == found

    lead.post(page, data={"csrf_token": lead.token("/staff/rules")})
    assert what_if.run_next(processes=1)
    assert db.session.scalar(select(func.count()).select_from(WhatIfCase)) == 5


@ONE_KIND
def test_a_worker_whose_run_was_begun_again_writes_no_more(
    app: Flask, sign_in: SignIn, stricter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit_case()
    lead = sign_in(Role.MEDICAL_LEAD)
    restart_with(app, stricter)
    lead.send(f"/staff/rules/set/{rules.load(stricter).sha256}/what-if")
    batches = past_cases.batches

    def overtaken() -> Iterator[list[PastCase]]:
        monkeypatch.undo()
        with clock.fixed_at(clock.now() + what_if.GIVEN_UP_AFTER):
            assert what_if.run_next(processes=1)
        yield from batches()

    monkeypatch.setattr(past_cases, "batches", overtaken)
    assert what_if.run_next(processes=1)
    assert db.session.scalar(select(func.count()).select_from(WhatIfCase)) == 1
