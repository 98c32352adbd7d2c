"""Times `flask rules what-if` on generated cases, with the peak memory of all its processes.

Run `python -m bench.what_if [cases]`; without a number it makes 100,000. The database is a file in a temporary folder.
Nothing is asserted: read the seconds.
"""

from __future__ import annotations

import os
import random
import resource
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import insert

import rules
from screening import create_app
from screening.config import Settings, load_settings
from screening.models import Case, Draft, Patient, db
from screening.past_cases import tier_of
from screening.questions import VERSION, questionnaire_sha256
from screening.rule_files import OWN_FOLDER, read_content

CASES = 100_000
BATCH = 1000
CHANGE = ("peg_moderate: {value: 12", "peg_moderate: {value: 9")
"""What the candidate changes: PEG counts as moderate from 9 rather than 12."""
SOME = 0.15
"""How often an answer is another one than the base person's."""
BLANK = 0.02
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)


def invent(ruleset: rules.RuleSet, chance: random.Random) -> dict[str, Any]:
    """One person's answers, with a key for each question on the path."""
    answers: dict[str, Any] = {**ruleset.base_person, "age_years": chance.randint(18, 90)}
    for field in ruleset.fields.values():
        if field.id != "age_years" and chance.random() < SOME:
            answers[field.id] = None if chance.random() < BLANK else _answer(field, chance)
    if (answers.get("bp_systolic") or 260) <= (answers.get("bp_diastolic") or 0):
        answers["bp_diastolic"] = None
    return {field: answers.get(field) for field in ruleset.asked(answers)}


def _answer(field: rules.Field, chance: random.Random) -> Any:
    if field.kind == "one":
        return chance.choice(field.codes)
    if field.kind == "any":
        return [chance.choice(field.codes)]
    if field.kind in ("integer", "scale") and field.min is not None and field.max is not None:
        return chance.randint(field.min, field.max)
    return None


def rows(ruleset: rules.RuleSet, count: int) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Draft, patient and case of each, for as many as asked for."""
    chance = random.Random(0)  # noqa: S311 - the same people every time
    for number in range(1, count + 1):
        at = BEGAN + timedelta(minutes=5 * number)
        answers = invent(ruleset, chance)
        yield (
            {"id": number, "questionnaire_version": VERSION, "consented_at": at, "started_at": at,
             "last_activity_at": at, "closed_at": at},
            {"id": number, "identity": {"full_name": f"Person {number}"}, "created_at": at},
            {"id": number, "reference": f"B{number:07d}", "draft_id": number, "patient_id": number,
             "answers": answers, "record": {}, "assessment": {}, "tier": tier_of(ruleset, answers), "flagged": False,
             "a04": False, "rests_on_unknown": False, "incomplete": False, "out_of_scope": False, "channel": "online",
             "origin": "Website", "language": "en", "demo": True, "questionnaire_version": VERSION,
             "questionnaire_sha256": questionnaire_sha256(), "ruleset_version": ruleset.version,
             "ruleset_sha256": ruleset.sha256, "submitted_at": at},
        )  # fmt: skip


def fill(app: Flask, count: int) -> None:
    app.test_cli_runner().invoke(args=["migrate-database"], catch_exceptions=False)
    with app.app_context():
        batch: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = []
        for number, row in enumerate(rows(rules.load(), count), 1):
            batch.append(row)
            if len(batch) == BATCH or number == count:
                for model, parts in zip((Draft, Patient, Case), zip(*batch, strict=True), strict=True):
                    db.session.execute(insert(model), list(parts))
                db.session.commit()
                batch.clear()
        db.engine.dispose()
    app.extensions["queue"].storage.close()


def environment(folder: Path) -> dict[str, str]:
    made = {name: secrets.token_urlsafe(32) for name in ("SECRET_KEY", "INDEX_KEY", "PASSWORD_SALT")}
    return {
        **made,
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "BASE_URL": "http://127.0.0.1:8000",
        "SCREENING_MODE": "demo",
        "INSTANCE_DIR": str(folder),
    }


def candidate(folder: Path) -> Path:
    for name, text in read_content(OWN_FOLDER).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace(*CHANGE), encoding="utf-8")
    return folder


def resident_kb(pid: int) -> int:
    """The memory that a process and its descendants hold now, in kB."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    except OSError:
        return 0
    own = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")), 0)
    return own + sum(resident_kb(int(child)) for child in children)


def processor_seconds() -> float:
    """What ended child processes have used so far, theirs included. A busy machine does not change it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def watch(process: subprocess.Popen[str], peaks: list[int]) -> None:
    while process.poll() is None:
        peaks.append(resident_kb(process.pid))
        time.sleep(0.2)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given = environment(folder)
        settings: Settings = load_settings(given)
        began = time.monotonic()
        fill(create_app(settings), count)
        print(f"{count:,} cases made in {time.monotonic() - began:.0f} s")
        changed = candidate(folder / "candidate")
        command = [str(Path(sys.executable).parent / "flask"), "--app", "wsgi", "rules", "what-if", str(changed)]
        began, used = time.monotonic(), processor_seconds()
        with subprocess.Popen(  # noqa: S603 - written above
            command, env={**os.environ, **given}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            peaks: list[int] = []
            watcher = threading.Thread(target=watch, args=(process, peaks))
            watcher.start()
            assert process.stdout is not None
            head = [line for line, _ in zip(process.stdout, range(20), strict=False)]
            for _line in process.stdout:
                pass
        watcher.join()
        print("".join(head))
        passed, used = time.monotonic() - began, processor_seconds() - used
        print(f"{passed:.1f} s on {os.cpu_count()} cores, of which {used:.1f} s of processor time by all processes")
        print(f"Peak memory of all processes together: {max(peaks) / 1024:.0f} MB")


if __name__ == "__main__":
    main()
