"""`flask rotate-keys`: what is stored, under the newest of FIELD_KEYS."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from screening.actions.rotation import rotate_keys
from screening.actions.unit import SYSTEM


@click.command("rotate-keys")
@with_appcontext
def rotate_keys_command() -> None:
    """Encrypt everything anew with the first of FIELD_KEYS, while the clinic works. Stopped, it goes on when run again.

    First give every process the new key in front of the old ones, and start it anew.
    """
    found = rotate_keys(by=SYSTEM, told=lambda table, count: click.echo(f"{table}: {count}") if count else None)
    click.echo(f"{found.renewed} values are under the newest key now that were not.")
    for table, count in found.unreadable.items():
        click.echo(
            f"{table}: {count} values are under a key that FIELD_KEYS does not hold. Add it, and run this again."
        )
    if found.left:
        click.echo(
            "Values were still written under an older key: a process runs without the newest one. Start it anew."
        )
    if found.left or found.unreadable:
        raise click.ClickException("Keep the older keys.")
    click.echo(
        "Nothing is left under an older key. Tomorrow, once the sessions of today are over, take the older keys out of"
        " FIELD_KEYS, and keep them with the backups made so far."
    )
