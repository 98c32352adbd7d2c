"""The commands under `flask --app wsgi`."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

import rules
from rules.cli import check_command, rules_group
from screening import demo
from screening.access import Role
from screening.actions import accounts, rule_sets, second_factor, tallies
from screening.actions.audit_care import seal_all
from screening.actions.unit import SYSTEM
from screening.audit_commands import audit_commands
from screening.backup_commands import backup_command, restore_command
from screening.doctor import doctor
from screening.explain import explain_case
from screening.jobs import prepare_queue, worker
from screening.print_command import print_cases
from screening.questions.fit import misfits
from screening.retention_command import purge
from screening.rotation_command import rotate_keys_command
from screening.rule_files import FIELDS
from screening.what_if_command import what_if


@click.command("migrate-database")
@with_appcontext
def migrate_database() -> None:
    """Bring the database to the newest schema. Run it before the web and worker processes start."""
    upgrade()
    prepare_queue()
    rule_sets.begin()
    seal_all(by=SYSTEM)


@click.command("add-user")
@click.option("--email", prompt=True)
@click.option("--name", "full_name", prompt="Full name")
@click.option("--role", type=click.Choice([role.value for role in Role]), prompt=True)
@click.password_option(help="15 characters or more.")
@with_appcontext
def add_user(email: str, full_name: str, role: str, password: str) -> None:
    """Open an account for a member of staff."""
    try:
        accounts.add_user(email=email, full_name=full_name, password=password, role=Role(role), by=SYSTEM)
    except accounts.AccountError as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(f"{full_name} can sign in as {email} ({Role(role).title}).")


@click.command("reset-mfa")
@click.option("--email", prompt="E-mail address")
@with_appcontext
def reset_mfa(email: str) -> None:
    """Take the second factor and the passkeys of an account away, for when no admin can."""
    user = accounts.find(email)
    if user is None:
        raise click.ClickException("There is no account with this e-mail address.")
    second_factor.reset(user_id=user.id, reason=second_factor.ResetReason.LOST, by=SYSTEM)
    click.echo("Its sessions are signed out. The next sign-in with the password sets up a new second factor.")


@click.command("seed-demo")
@click.option("--if-empty", is_flag=True, help="Do nothing if the database holds accounts or cases.")
@click.option("--cases", type=click.IntRange(min=1), help="Go on to this many cases: the same people, other names.")
@with_appcontext
def seed_demo(if_empty: bool, cases: int | None) -> None:
    """Fill an empty database with the demo clinic: invented people, one account for each role."""
    if not current_app.extensions["settings"].demo:
        raise click.ClickException("The demo clinic is only for SCREENING_MODE=demo.")
    if not demo.is_empty():
        if if_empty and demo.is_complete():
            return
        if if_empty:
            instance = current_app.extensions["settings"].instance
            raise click.ClickException(f"The demo clinic was left half made. Delete {instance} and run again.")
        raise click.ClickException("This database is not empty. The demo clinic goes into an empty one only.")
    made = demo.seed()
    if cases is not None and cases > made:
        with click.progressbar(length=cases - made, label="Cases", show_pos=True) as bar:
            demo.grow(cases - made, bar.update)
        made = cases
    click.echo(f"The demo clinic has {made} cases.")


@click.command("recount")
@with_appcontext
def recount() -> None:
    """Count cases and open forms anew, and put right the tallies that the lists show."""
    wrong = tallies.recount(by=SYSTEM)
    for drift in wrong:
        click.echo(f"{drift.state.subject} {drift.state[1:]}: was {drift.kept}, is {drift.counted}")
    click.echo(f"{len(wrong)} tallies were wrong and are put right." if wrong else "Every tally is right.")


@click.group("rules")
def rule_commands() -> None:
    """The clinic's rules."""


def _unaskable(ruleset: rules.RuleSet) -> tuple[str, ...]:
    return tuple(f"{FIELDS}: {misfit}" for misfit in misfits(ruleset))


rules_check = check_command(_unaskable)
for command in (*rules_group.commands.values(), rules_check, what_if):
    rule_commands.add_command(command)

COMMANDS = (
    doctor,
    explain_case,
    migrate_database,
    add_user,
    reset_mfa,
    seed_demo,
    recount,
    purge,
    print_cases,
    worker,
    rule_commands,
    audit_commands,
    rotate_keys_command,
    backup_command,
    restore_command,
)


def init_cli(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
