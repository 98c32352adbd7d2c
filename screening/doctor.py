"""`flask doctor`: whether all that the clinic needs is there and at work, and what to do where it is not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import click
from cryptography.fernet import InvalidToken
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Connection, func, select, text, type_coerce
from sqlalchemy.exc import SQLAlchemyError

import press
from screening import clock
from screening.actions.rotation import Columns, encrypted_columns
from screening.config import ConfigError, Settings
from screening.crypto import cipher, exact_token
from screening.mail import connected
from screening.models import Patient, SearchToken, db
from screening.models.base import SQLITE_SOUND, UtcDateTime
from screening.queries.health import (
    NO_DATABASE,
    NO_WORKER,
    NOT_MIGRATED,
    is_migrated,
    is_worker_fresh,
    last_beats,
    last_event,
)

DISK_FREE_BYTES = 2 * 1024**3
CLOCK_APART = timedelta(seconds=5)
BACKUP_OLD = timedelta(days=2)
BACKED_UP = ("database.backed_up",)
LOOKED_AT = 20
"""Rows at either end of each table whose keys are tried."""


class Ailing(Exception):
    """Something is not as it must be. The text says what to do."""


@dataclass(frozen=True)
class Finding:
    check: str
    ok: bool
    said: str


def settings_are_fit() -> str:
    fault: Exception | None = current_app.extensions.get("start_fault")
    if fault is not None:
        raise Ailing(str(fault) if isinstance(fault, ConfigError) else f"{NO_DATABASE} See DATABASE_URL.")
    settings = _settings()
    proxies = f"{settings.trusted_proxies} proxies are trusted"
    return f"{settings.mode}, {'SQLite' if settings.uses_sqlite else 'PostgreSQL'}, {proxies}"


def database_is_sound() -> str:
    with db.engine.connect() as connection:
        if not _settings().uses_sqlite:
            return f"PostgreSQL {connection.scalar(text('SHOW server_version'))}"
        version = str(connection.scalar(text("SELECT sqlite_version()")))
    if tuple(map(int, version.split("."))) < SQLITE_SOUND:
        wanted = ".".join(map(str, SQLITE_SOUND))
        raise Ailing(f"SQLite {version} may damage a database. Install requirements.txt anew: {wanted} or newer.")
    return f"SQLite {version}"


def schema_is_current() -> str:
    with db.engine.connect() as connection:
        if not is_migrated(connection):
            raise Ailing(NOT_MIGRATED)
    return "the schema is that of this release, or of a later one"


def keys_read_what_is_stored() -> str:
    """Tries the oldest and the newest rows of each table alone: `flask rotate-keys` reads all of them."""
    older = 0
    with db.engine.connect() as connection:
        for columns in encrypted_columns():
            try:
                older += sum(cipher().renewed(value) is not None for value in _sample(connection, columns))
            except InvalidToken:
                raise Ailing(
                    f"No key of FIELD_KEYS reads what is in {columns.name}. Add the key that it was written with."
                ) from None
        if _index_key_changed(connection):
            raise Ailing("INDEX_KEY is not the one that names were indexed with: search finds nobody. Put it back.")
    if older:
        return "older keys are needed still: `flask --app wsgi rotate-keys` does away with that"
    if len(_settings().field_keys) > 1:
        return "no older key was needed: `flask --app wsgi rotate-keys` says for certain"
    return "the key reads what is stored"


def _sample(connection: Connection, columns: Columns) -> Iterator[bytes]:
    keys = [columns.plain.c[name] for name in columns.keys]
    for order in (keys, [key.desc() for key in keys]):
        for row in connection.execute(select(columns.plain).order_by(*order).limit(LOOKED_AT)):
            yield from (bytes(row._mapping[name]) for name in columns.sealed if row._mapping[name] is not None)


def _index_key_changed(connection: Connection) -> bool:
    newest = (
        select(SearchToken.token, Patient.identity)
        .join(Patient)
        .where(SearchToken.kind == "dob")
        .order_by(SearchToken.id.desc())
    )
    row = connection.execute(newest.limit(1)).first()
    return row is not None and bytes(row.token) != exact_token("dob", row.identity["date_of_birth"])


def clocks_agree() -> str:
    with db.engine.connect() as connection:
        theirs = connection.scalar(select(type_coerce(func.now(), UtcDateTime)))
        newest = last_event(connection)
    apart = abs(clock.now() - (theirs or clock.now()))
    if apart > CLOCK_APART:
        raise Ailing(f"The database's clock is {apart.total_seconds():.0f} s apart. Keep both machines' time by NTP.")
    if newest and newest > clock.now() + CLOCK_APART:
        raise Ailing(f"The newest event is of {newest:%Y-%m-%d %H:%M} UTC, which is to come. Set the clock by NTP.")
    return f"apart by {apart.total_seconds():.0f} s"


def worker_is_at_work() -> str:
    with db.engine.connect() as connection:
        beats = last_beats(connection)
    if not is_worker_fresh(beats):
        raise Ailing(NO_WORKER)
    return ", ".join(f"{host} {_ago(beat)}" for host, beat in sorted(beats.items()))


def mail_goes_out() -> str:
    """Goes as far as signing in at the mail server. No mail is sent."""
    url = _settings().smtp_url
    if not url:
        return "SMTP_URL is not set: alerts show on screens alone, and nobody is sent an e-mail"
    try:
        with connected(url) as server:
            server.noop()
    except OSError as fault:
        raise Ailing(f"The mail server did not take us ({type(fault).__name__}). See SMTP_URL.") from fault
    return "the mail server takes us"


def fonts_are_there() -> str:
    wanted = set(re.findall(r'"((?:Noto|DejaVu) [^"]+)"', press.stylesheet()))
    listed = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=True, timeout=30)  # noqa: S607
    there = {name.strip() for line in listed.stdout.splitlines() for name in line.split(",")}
    if missing := sorted(wanted - there):
        raise Ailing(f"Prints lack letters without {', '.join(missing)}: see .ci/system-packages for the packages.")
    return f"{len(wanted)} families"


def disk_has_room() -> str:
    free = shutil.disk_usage(_settings().instance).free
    if free < DISK_FREE_BYTES:
        raise Ailing(
            f"{free / 1024**3:.1f} GiB are free in INSTANCE_DIR: make room, {DISK_FREE_BYTES // 1024**3} at least."
        )
    return f"{free / 1024**3:.0f} GiB free"


def backups_are_recent() -> str:
    with db.engine.connect() as connection:
        made = last_event(connection, BACKED_UP)
    if _settings().demo:
        return "the demo needs none"
    if made is None or made < clock.now() - BACKUP_OLD:
        last = f"The last backup was made {_ago(made)}." if made else "No backup was ever made."
        raise Ailing(f"{last} See docs/operations.md for the timer that runs `flask backup`.")
    return f"the last was made {_ago(made)}"


CHECKS: dict[str, Callable[[], str]] = {
    "settings": settings_are_fit,
    "database": database_is_sound,
    "migrations": schema_is_current,
    "keys": keys_read_what_is_stored,
    "clock": clocks_agree,
    "worker": worker_is_at_work,
    "mail": mail_goes_out,
    "fonts": fonts_are_there,
    "disk": disk_has_room,
    "backups": backups_are_recent,
}
"""In this order. Each says what it found, or raises Ailing with what to do."""


def examine() -> Iterator[Finding]:
    """Every check; without settings that are fit there is nothing else to look at."""
    for name, check in CHECKS.items():
        finding = _examine(name, check)
        yield finding
        if check is settings_are_fit and not finding.ok:
            return


def _examine(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except Ailing as ailing:
        return Finding(name, False, str(ailing))
    except SQLAlchemyError:
        return Finding(name, False, "The database did not answer that: see database and migrations.")
    except (OSError, subprocess.SubprocessError) as fault:
        return Finding(name, False, f"It could not be looked at: {type(fault).__name__}.")


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="A list of objects, for programs.")
@with_appcontext
def doctor(as_json: bool) -> None:
    """Say of each part whether it is well, or what to do. Ends with 1 if any is not."""
    findings = list(examine())
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.check:<11} {finding.said}")
    if not all(finding.ok for finding in findings):
        raise SystemExit(1)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _ago(moment: datetime) -> str:
    minutes = int((clock.now() - moment).total_seconds() // 60)
    return f"{minutes} min ago" if minutes < 120 else f"{minutes // 60} h ago"
