"""`flask backup` and `flask restore`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from screening.actions.audit_care import anchor, seal_all
from screening.actions.erasing import note_tombstones, reapply_tombstones
from screening.actions.unit import SYSTEM, Actor, Database, unit_of_work
from screening.anchor import RESTORED
from screening.backup import BackupError, Restored, back_up, restore
from screening.jobs import prepare_queue
from screening.models import Tombstone, db


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def backup_command(file: Path) -> None:
    """Write an encrypted backup to FILE while the clinic works, restored once into a scratch database to be sure."""
    with _said():
        counts = back_up(db.engine, file.absolute(), _key())
    with unit_of_work(SYSTEM) as unit:
        unit.audit("database.backed_up", Database(), rows=sum(counts.values()))
    click.echo(
        f"{file}: {sum(counts.values())} rows of {len(counts)} tables. It was restored once, and holds them all."
    )


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--replace", is_flag=True, help="Put it in the place of a database, which is kept under another name.")
@with_appcontext
def restore_command(file: Path, replace: bool) -> None:
    """Put the backup FILE in place, bring it to the newest schema and purge it anew. Stop all other processes first."""
    with _said():
        _note_who_was_erased()
    db.session.remove()
    current_app.extensions["queue"].storage.close()
    with _said(), restore(db.engine, file.absolute(), _key(), replace=replace) as restored:
        upgrade()
        prepare_queue()
        again = after_restore(restored, by=SYSTEM)
    click.echo(f"{sum(restored.counts.values())} rows of {len(restored.counts)} tables are restored.")
    click.echo(f"{again} records of people who were erased since are erased again.")
    if restored.aside:
        click.echo(
            f"What was there before is kept as {restored.aside}. It holds personal data: delete it once all is well."
        )


def _note_who_was_erased() -> None:
    """The database that goes may know of some whom the file of tombstones does not name yet."""
    try:
        if inspect(db.engine).has_table(Tombstone.__tablename__):
            note_tombstones()
    except SQLAlchemyError:
        click.echo("The database that is there cannot be read. Who was erased is known from the file of tombstones.")


def after_restore(restored: Restored, *, by: Actor) -> int:
    """What has to follow before anybody works with a restored database, which has the newest schema by now.

    Returns how many records of people who were erased since are erased again.
    """
    seal_all(by=by)
    with unit_of_work(by) as unit:
        unit.audit("database.restored", Database(), rows=sum(restored.counts.values()))
    anchor(why=RESTORED)
    try:
        return reapply_tombstones(by=by)
    except (OSError, ValueError) as fault:
        raise BackupError(
            f"The backup is restored, but who was erased since is back: {fault}. Put that right, and run"
            " `flask purge --after-restore` before anybody works with it."
        ) from fault


def _key() -> str:
    key: str | None = current_app.extensions["settings"].backup_key
    if key is None:
        raise BackupError("BACKUP_KEY is not set: README.md says how to make one. Keep it apart from the backups.")
    return key


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except BackupError as fault:
        raise click.ClickException(str(fault)) from fault
    except (OSError, ValueError) as fault:
        raise click.ClickException(f"A file could not be read or written: {fault}") from fault
