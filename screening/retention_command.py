"""`flask purge`: forget now what is due, and after a restore whoever was erased since the backup."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from screening.actions.erasing import note_tombstones, reapply_tombstones
from screening.actions.forgetting import forget_due
from screening.actions.unit import SYSTEM


@click.command("purge")
@click.option("--after-restore", is_flag=True, help="First erase again everyone who was erased before.")
@with_appcontext
def purge(after_restore: bool) -> None:
    """Forget what has been kept for its time, as the worker does each night."""
    try:
        if after_restore:
            click.echo(f"{reapply_tombstones(by=SYSTEM)} records of people who were erased are erased again.")
        found = forget_due(by=SYSTEM)
        note_tombstones()
    except (OSError, ValueError) as fault:
        raise click.ClickException(f"The file of tombstones cannot be used: {fault}") from fault
    for title, n in found.items():
        if n:
            click.echo(f"{title}: {n}")
    if not any(found.values()):
        click.echo("Nothing was due.")
