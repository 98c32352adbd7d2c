"""The commands on rule sets: `python -m rules` and `flask rules`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import click

from rules import examples, proofs
from rules.engine import RuleSet
from rules.loader import load
from rules.model import RuleError

_FOLDER = click.argument(
    "folder", required=False, envvar="RULES_DIR", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
_OVERLAY = click.option(
    "--overlay", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A clinic's own thresholds."
)


@click.group("rules")
def rules_group() -> None:
    """Check and prove a rule set. Without FOLDER it is the one in RULES_DIR, or the one that comes with the program."""


def check_command(faults_of: Callable[[RuleSet], Iterable[str]] = lambda _ruleset: ()) -> click.Command:
    """The command that checks a rule set. `faults_of` is what else must not be wrong with it, in words."""

    @click.command("check")
    @_FOLDER
    @_OVERLAY
    @click.option("--strict", is_flag=True, help="Fail if the review of a rule is overdue.")
    @click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The date to take for today.")
    def check(folder: Path | None, overlay: Path | None, strict: bool, today: datetime | None) -> None:
        """Load a rule set, run all its examples, and name the rules whose review is overdue."""
        _loaded(folder, overlay)
        # The examples stand at the thresholds of the rule set itself, which an overlay moves.
        ruleset = _loaded(folder, None)
        faults = [*(str(miss) for miss in examples.run(ruleset)), *faults_of(ruleset)]
        overdue = _overdue(ruleset, (today or datetime.now(UTC)).date())
        for line in (*faults, *overdue):
            click.echo(line, err=True)
        count = sum(len(rule.examples) for rule in ruleset.rules.values())
        click.echo(f"Version {ruleset.version}, {ruleset.sha256}: {len(ruleset.rules)} rules, {count} examples")
        if faults or (strict and overdue):
            raise click.exceptions.Exit(1)

    return check


rules_group.add_command(check_command())


def _overdue(ruleset: RuleSet, today: date) -> list[str]:
    return [
        f"{rule.file}: the review of {rule.id} was due on {rule.review_by}"
        for rule in ruleset.rules.values()
        if rule.review_by < today
    ]


@rules_group.command("prove")
@_FOLDER
@_OVERLAY
@click.option("--only", metavar="ID", help="Prove this rule, fact, emergency sign or question alone.")
def prove(folder: Path | None, overlay: Path | None, only: str | None) -> None:
    """Prove the properties of a rule set over all answers.

    Prints a table. A property that fails is followed by answers that show it, one JSON object a line, for explain-case.
    """
    try:
        results = proofs.prove(folder, overlay, only)
    except RuleError as error:
        raise click.ClickException(str(error)) from error
    if not results:
        raise click.ClickException(f"{only} is not a rule, a fact, an emergency sign or a question that is proved.")
    click.echo(proofs.table(results))
    faults = [fault for result in results for fault in result.faults]
    for fault in faults:
        click.echo(f"\n{fault}")
        for answers in fault.cases:
            click.echo(json.dumps(answers))
    if faults:
        raise click.exceptions.Exit(1)


def _loaded(folder: Path | None, overlay: Path | None) -> RuleSet:
    try:
        return load(folder, frozenset(), overlay)
    except RuleError as error:
        raise click.ClickException(str(error)) from error
