"""A release before this one goes on serving on the schema of this one, and both serve the same clinic side by side.

Usage: python -m bench.rolling_upgrade REF [--database sqlite|postgresql]. REF is a commit or tag of this repository;
it runs with the packages of this release. Ends with 1 at the first page that fails.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from typing import Any

from sqlalchemy import func, select

from bench.reliability.browser import Browser, Reply
from bench.reliability.harness import BIN, DATABASES, WEB, WORKER, Clinic, server_of
from bench.reliability.staff import signed_in, token_on
from screening.access import Role
from screening.config import ROOT
from screening.models import Alert, Case, Decision, db
from tests.conftest import PASSWORD, SIGN_IN
from tests.walk import HttpWalker, person

LATER = "check"
"""Where a form is left that goes on in the other release."""
OLD_STAFF = {Role.FRONT_DESK: "old.desk@clinic.example", Role.PHYSICIAN: "old.physician@clinic.example"}
EMERGENCY = {"rf_saddle": "new_or_worse_2w"}
PRINT_TRIES = 60
PATIENCE_SECONDS = 240.0
"""The release before may load its code once in each process."""


class Earlier(Clinic):
    """The release before, in a folder of its own, on the database of `clinic`."""

    def __init__(self, clinic: Clinic, code: Path, logs: Path) -> None:
        super().__init__(clinic.folder, clinic.environment.get("DATABASE_URL"))
        self.environment = clinic.environment
        self.code = code
        self.logs = logs

    def start(self, *names: str) -> None:
        here = Path.cwd()
        os.chdir(self.code)
        try:
            super().start(*names)
        finally:
            os.chdir(here)

    def wait_for_pages(self, patience: float = PATIENCE_SECONDS) -> float:
        return super().wait_for_pages(patience)

    def flask(self, *words: str) -> None:
        command = [str(BIN / "flask"), "--app", "wsgi", *words]
        environ = {**os.environ, **self.environment}
        subprocess.run(command, cwd=self.code, env=environ, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


@contextmanager
def checked_out(ref: str, folder: Path) -> Iterator[Path]:
    """The code of a commit, with the styles of this one and its own catalogues."""
    code = folder / "code"
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(code), ref], check=True)  # noqa: S603
    try:
        copytree(ROOT / "screening" / "static" / "build", code / "screening" / "static" / "build")
        compiled = [str(BIN / "pybabel"), "-q", "compile", "-d", str(code / "screening" / "translations")]
        subprocess.run(compiled, check=True, stderr=subprocess.DEVNULL)  # noqa: S603
        yield code
    finally:
        subprocess.run([*git, "remove", "--force", str(code)], check=True)  # noqa: S603


def patient(port: int, name: str, **changes: Any) -> tuple[HttpWalker, dict[str, Any]]:
    answers = person(full_name=name, email=f"{name.lower().replace(' ', '.')}@example.org", **changes)
    return HttpWalker(Browser(port)), answers  # type: ignore[arg-type]


def go_on_at(walker: HttpWalker, port: int) -> None:
    """The load balancer gives the next page of a form to the other release."""
    walker.client.port = port  # type: ignore[attr-defined]


def sign_in(port: int, email: str) -> Browser:
    browser = Browser(port)
    sent = {"csrf_token": token_on(browser.get(SIGN_IN).text), "email": email, "password": PASSWORD}
    answer = browser.post(SIGN_IN, sent)
    assert answer.status_code == 302, answer.text[-2000:]
    return browser


def decide(browser: Browser, reference: str) -> None:
    address = f"/staff/queue/{reference}"
    sent = {
        "csrf_token": token_on(browser.get(address).text),
        "kind": "call_patient",
        "reason": "Call.",
        "last_seen": 0,
    }
    assert browser.post(f"{address}/decision", sent).status_code == 302


def print_case(browser: Browser, reference: str) -> None:
    address = f"/staff/cases/{reference}"
    for _ in range(PRINT_TRIES):
        answer: Reply = browser.post(f"{address}/summary", {"csrf_token": token_on(browser.get(address).text)})
        if answer.content.startswith(b"%PDF"):
            return
        assert answer.status_code == 302, (answer.status_code, answer.text[-2000:])
    raise AssertionError("no print came")


def of(app: Clinic, name: str) -> str:
    """The reference of somebody's case, by this release."""
    with app.app.app_context():
        cases = db.session.scalars(select(Case)).all()
        (found,) = [case.reference for case in cases if case.patient.identity.get("full_name") == name]
        db.session.remove()
        return found


def play(old: Earlier, new: Clinic) -> str:
    old.flask("migrate-database")
    for role, email in OLD_STAFF.items():
        old.flask("add-user", "--email", email, "--name", role.title, "--role", role.value, "--password", PASSWORD)
    old.start()
    open_form, answers = patient(old.port, "Begun Before")
    open_form.start(answers)
    open_form.until(LATER, answers)
    desk = sign_in(old.port, OLD_STAFF[Role.FRONT_DESK])

    new.migrate()
    _old_works_alone(old, new, open_form, answers, desk)
    new.start()
    _both_work(old, new)
    return _looked_over(old, new)


def _old_works_alone(old: Earlier, new: Clinic, open_form: HttpWalker, answers: dict[str, Any], desk: Browser) -> None:
    """On the new schema: a form from before, a whole one with an emergency, a decision, a print."""
    open_form.until("done", answers)
    print_case(desk, of(new, "Begun Before"))
    walker, urgent = patient(old.port, "Wholly Old", **EMERGENCY)
    walker.walk(urgent)
    assert "emergency" in walker.visited
    physician = sign_in(old.port, OLD_STAFF[Role.PHYSICIAN])
    decide(physician, of(new, "Wholly Old"))
    print_case(desk, of(new, "Wholly Old"))


def _both_work(old: Earlier, new: Clinic) -> None:
    """Forms go from one release to the other and back, and what one writes the other prints and decides on."""
    for name, first, second in (("Old Then New", old, new), ("New Then Old", new, old)):
        walker, answers = patient(first.port, name, **EMERGENCY)
        walker.start(answers)
        walker.until("contact", answers)
        go_on_at(walker, second.port)
        walker.until(LATER, answers)
        go_on_at(walker, first.port)
        walker.until("done", answers)
    decide(sign_in(old.port, OLD_STAFF[Role.PHYSICIAN]), of(new, "New Then Old"))
    print_case(sign_in(old.port, OLD_STAFF[Role.FRONT_DESK]), of(new, "New Then Old"))
    decide(signed_in(new, Role.PHYSICIAN, "new.physician"), of(new, "Old Then New"))
    desk = signed_in(new, Role.FRONT_DESK, "new.desk")
    for name in ("Begun Before", "Wholly Old", "Old Then New"):
        print_case(desk, of(new, name))


def _looked_over(old: Earlier, new: Clinic) -> str:
    old.stop()
    for words in (["audit", "seal"], ["audit", "verify", "--no-anchor"]):
        done = new.app.test_cli_runner().invoke(args=words)
        assert done.exit_code == 0, done.output
    with new.app.app_context():
        counted = [db.session.scalar(select(func.count()).select_from(model)) for model in (Case, Decision, Alert)]
        db.session.remove()
    assert counted == [4, 3, 3], counted
    failed = [line for app in (old, new) for part in (WEB, WORKER) for line in _failures(app.log(part))]
    assert not failed, failed[:3]
    return f"{counted[0]} forms, {counted[1]} decisions, {counted[2]} alerts, 6 prints; no page failed"


def _failures(log: str) -> list[str]:
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [str(line)[:2000] for line in lines if line["event"] in ("page failed", "print failed", "storage failed")]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("ref")
    parser.add_argument("--database", choices=DATABASES)
    asked = parser.parse_args()
    for database in [asked.database] if asked.database else DATABASES:
        with tempfile.TemporaryDirectory(prefix="upgrade-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            folder.chmod(0o755)
            with checked_out(asked.ref, folder) as code, server_of(database, folder) as server:
                instance, logs = folder / "instance", folder / "old-logs"
                instance.mkdir()
                logs.mkdir()
                new = Clinic(instance, server.url("clinic") if server else None)
                old = Earlier(new, code, logs)
                try:
                    print(f"{asked.ref} under {database}: {play(old, new)}", flush=True)
                finally:
                    old.stop()
                    new.stop()


if __name__ == "__main__":
    sys.exit(main())
