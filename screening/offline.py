"""The commands that need no settings and no database, such as explain-case, on a machine that has neither."""

from __future__ import annotations

from typing import NoReturn

import click
from flask import Flask

from screening.cli import COMMANDS
from screening.config import ConfigError
from screening.explain import explain_case

NEED_NO_SETTINGS = (explain_case,)


def is_command_lookup() -> bool:
    """Whether the flask command is only looking up one of its commands, and nothing is about to be served."""
    context = click.get_current_context(silent=True)
    return context is not None and context.parent is None


def offline_app(fault: ConfigError) -> Flask:
    """An application with commands and no pages. Commands that need settings say which are missing."""
    app = Flask(__name__)
    for command in COMMANDS:
        app.cli.add_command(command if command in NEED_NO_SETTINGS else _refusing(command, fault))
    return app


def _refusing(command: click.Command, fault: ConfigError) -> click.Command:
    def refuse() -> NoReturn:
        raise click.ClickException(str(fault))

    return click.Command(
        command.name,
        callback=refuse,
        help=command.help,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
