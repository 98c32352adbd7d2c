"""The commands that need no settings and no database, such as explain-case, on a machine that has neither."""

from __future__ import annotations

from typing import NoReturn

import click
from flask import Flask

from rules.cli import rules_group
from screening.cli import COMMANDS, rules_check
from screening.config import ConfigError
from screening.doctor import doctor
from screening.explain import explain_case
from screening.queries.health import NO_DATABASE

NEED_NO_SETTINGS = (doctor, explain_case, rules_check, *rules_group.commands.values())


def is_command_lookup() -> bool:
    """Whether the flask command is only looking up one of its commands, and nothing is about to be served."""
    context = click.get_current_context(silent=True)
    return context is not None and context.parent is None


def offline_app(fault: Exception) -> Flask:
    """An application with commands and no pages. Commands that need settings say which are missing."""
    app = Flask(__name__)
    app.extensions["start_fault"] = fault
    for command in COMMANDS:
        app.cli.add_command(_offline(command, fault))
    return app


def _offline(command: click.Command, fault: Exception) -> click.Command:
    if command in NEED_NO_SETTINGS:
        return command
    if isinstance(command, click.Group):
        return click.Group(
            command.name, [_offline(each, fault) for each in command.commands.values()], help=command.help
        )
    return _refusing(command, fault)


def _refusing(command: click.Command, fault: Exception) -> click.Command:
    def refuse() -> NoReturn:
        raise click.ClickException(str(fault) if isinstance(fault, ConfigError) else NO_DATABASE)

    return click.Command(
        command.name,
        callback=refuse,
        help=command.help,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
