"""The doctor: each part is well, or what to do is said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import text

import press
from screening import clock, doctor
from screening.actions.unit import SYSTEM, Database, unit_of_work
from screening.config import ConfigError
from screening.crypto import FieldCipher
from screening.jobs import say_at_work
from screening.models import db
from screening.offline import offline_app
from screening.queries import health
from tests.databases import FIELD_KEY
from tests.factories import submit_case
from tests.test_metrics import free_ports

INDEX_KEY = "index key of the tests, at least 32 long"


@pytest.fixture
def well(app: Flask) -> Flask:
    """A clinic in use that wants for nothing."""
    submit_case()
    say_at_work()
    with unit_of_work(SYSTEM) as unit:
        unit.audit("database.backed_up", Database(), rows=1)
    db.session.remove()
    return app


def examined(app: Flask) -> dict[str, Any]:
    result = app.test_cli_runner().invoke(args=["doctor", "--json"])
    found = {each["check"]: each for each in json.loads(result.stdout)}
    assert result.exit_code == (0 if all(each["ok"] for each in found.values()) else 1)
    return found


def test_a_clinic_that_wants_for_nothing_is_well(well: Flask) -> None:
    found = examined(well)
    assert list(found) == list(doctor.CHECKS)
    assert [each for each in found.values() if not each["ok"]] == []
    settings = well.extensions["settings"]
    older = (Fernet.generate_key().decode(), FIELD_KEY)
    well.extensions["settings"] = replace(settings, field_keys=older)
    well.extensions["field_cipher"] = FieldCipher(older, INDEX_KEY)
    assert "older keys are needed still" in examined(well)["keys"]["said"]


def set_cipher(field_key: str, index_key: str) -> Callable[[Flask, pytest.MonkeyPatch], None]:
    def change(app: Flask, _patch: pytest.MonkeyPatch) -> None:
        app.extensions["field_cipher"] = FieldCipher([field_key], index_key)

    return change


def have_a_newer_release(_app: Flask, patch: pytest.MonkeyPatch) -> None:
    with db.engine.connect() as connection:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    patch.setattr(health, "_revisions", lambda: (frozenset({found, "next"}), "next"))


def have_an_old_sqlite(_app: Flask, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(doctor, "SQLITE_SOUND", (99, 0, 0))


def stop_the_mail(app: Flask, _patch: pytest.MonkeyPatch) -> None:
    url = f"smtp://robin:secret@127.0.0.1:{free_ports(1)[0]}"
    app.extensions["settings"] = replace(app.extensions["settings"], smtp_url=url)


def want_a_font(_app: Flask, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(press, "stylesheet", lambda: 'p { font-family: "Noto Sans Nowhere" }')


def fill_the_disk(_app: Flask, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1024))


ILLS: dict[str, tuple[str, Callable[[Flask, pytest.MonkeyPatch], None], str]] = {
    "lost key": ("keys", set_cipher(Fernet.generate_key().decode(), INDEX_KEY), "Add the key"),
    "other index key": ("keys", set_cipher(FIELD_KEY, "another index key, which is long enough"), "INDEX_KEY"),
    "old schema": ("migrations", have_a_newer_release, "migrate-database"),
    "old SQLite": ("database", have_an_old_sqlite, "99.0.0 or newer"),
    "no mail server": ("mail", stop_the_mail, "SMTP_URL"),
    "no font": ("fonts", want_a_font, "Noto Sans Nowhere"),
    "full disk": ("disk", fill_the_disk, "make room"),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_ill_is_named_with_what_to_do(well: Flask) -> None:
    for ill, (check, bring_on, said) in ILLS.items():
        kept = dict(well.extensions)
        with pytest.MonkeyPatch.context() as patch:
            bring_on(well, patch)
            found = examined(well)
        well.extensions.update(kept)
        assert [name for name, each in found.items() if not each["ok"]] == [check], ill
        assert said in found[check]["said"], ill
        assert "secret" not in str(found)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_time_tells_on_workers_backups_and_clocks(well: Flask) -> None:
    with clock.fixed_at(clock.now() + timedelta(days=3)):
        found = examined(well)
    assert {name for name, each in found.items() if not each["ok"]} == {"clock", "worker", "backups"}
    assert "NTP" in found["clock"]["said"]
    assert "start `flask" in found["worker"]["said"]
    assert "72 h ago" in found["backups"]["said"]


def test_without_settings_or_a_database_it_says_so_and_no_more() -> None:
    for fault, said in (
        (ConfigError("INDEX_KEY is not set"), "INDEX_KEY is not set"),
        (OSError("password"), "DATABASE_URL"),
    ):
        found = examined(offline_app(fault))
        assert list(found) == ["settings"]
        assert said in found["settings"]["said"]
        assert "password" not in found["settings"]["said"]
