"""The commands under `flask --app wsgi`."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import with_appcontext
from flask_migrate import upgrade

from screening.explain import explain_case


@click.command("migrate-database")
@with_appcontext
def migrate_database() -> None:
    """Bring the database to the newest schema. Run it before the web and worker processes start."""
    upgrade()


COMMANDS = (explain_case, migrate_database)


def init_cli(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
