"""`flask audit`: whether the chain of audit events is whole, and sealing what an earlier release wrote."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from screening.actions.audit_care import seal_all
from screening.actions.audit_chain import audit_key
from screening.actions.unit import SYSTEM
from screening.anchor import SYSLOG, Anchored, read
from screening.models import db
from screening.models.one_moment import one_moment
from screening.queries.audit_chain import Verified, verify


@click.group("audit")
def audit_commands() -> None:
    """The audit events."""


@audit_commands.command("verify")
@click.option("--anchor", type=click.Path(path_type=Path), help="A file of anchors other than AUDIT_ANCHOR.")
@click.option("--no-anchor", is_flag=True, help="Do not ask for anchors: events cut off at the end stay unseen.")
@with_appcontext
def verify_command(anchor: Path | None, no_anchor: bool) -> None:
    """Name every audit event that was altered, deleted, put in, moved or cut off. Ends with 1 if there is any."""
    found, faults = Verified(), 0
    try:
        anchors = [] if no_anchor else _anchors(anchor)
        with one_moment(db.engine) as connection:
            for fault in verify(connection, audit_key(), anchors, found):
                faults += 1
                click.echo(fault)
    except (OSError, ValueError) as fault:
        raise click.ClickException(f"The anchors cannot be read: {fault}") from fault
    click.echo(f"{found.sealed} events are sealed, {found.not_sealed} are not.")
    if faults:
        raise click.ClickException("The audit events are not as they were written. See docs/operations.md.")
    click.echo("None was altered, taken out, put in or moved" + ("." if no_anchor else ", and none was cut off."))


@audit_commands.command("seal")
@with_appcontext
def seal_command() -> None:
    """Take events into the chain that an earlier release wrote. Run it once none of its processes runs any more."""
    click.echo(f"{seal_all(by=SYSTEM)} events were sealed.")


def _anchors(given: Path | None) -> Iterable[Anchored]:
    where: str = current_app.extensions["settings"].audit_anchor
    if given is None and where in ("", SYSLOG):
        raise click.UsageError("The anchors are in the system's log: write its lines to a file and give --anchor FILE.")
    path = given or Path(where)
    if not path.exists():
        raise click.ClickException(
            f"There is no file of anchors at {path}: is the worker running? --no-anchor does without."
        )
    return read(path)
