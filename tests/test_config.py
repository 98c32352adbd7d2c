"""Production settings come from the environment, and all that is missing is named at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import request

from screening import create_app
from screening.config import REQUIRED, ConfigError, load_settings

FIT = {
    "SECRET_KEY": "s" * 40,
    "FIELD_KEYS": Fernet.generate_key().decode(),
    "INDEX_KEY": "i" * 40,
    "PASSWORD_SALT": "p" * 40,
    "AUDIT_KEY": "a" * 40,
    "BASE_URL": "https://screening.example.org/",
}


def test_a_fit_environment_gives_settings() -> None:
    settings = load_settings(FIT)
    assert settings.mode == "production"
    assert settings.base_url == "https://screening.example.org"
    assert settings.secure_cookies


def test_everything_missing_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as fault:
        load_settings({})
    assert all(name in str(fault.value) for name in REQUIRED)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter"),
        ({"FIELD_KEYS": "not a key"}, "not a Fernet key"),
        ({"BASE_URL": "http://screening.example.org"}, "https://"),
        ({"BACKUP_KEY": "AGE-SECRET-KEY-1NONE"}, "BACKUP_KEY is not an age identity"),
        ({"SCREENING_MODE": "staging"}, "'staging'"),
        ({"TRUSTED_PROXIES": "one"}, "TRUSTED_PROXIES is not a whole number"),
        ({"INDEX_KEY": "demo-" + "i" * 40}, "INDEX_KEY is a secret made for the demo"),
        ({"FIELD_KEYS": "demo-" + Fernet.generate_key().decode()}, "FIELD_KEYS is a secret made for the demo"),
    ],
)
def test_an_unfit_setting_is_refused(changes: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_settings({**FIT, **changes})


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("k" * 40 + "\n")
    without = {name: value for name, value in FIT.items() if name != "INDEX_KEY"}
    assert load_settings({**without, "INDEX_KEY_FILE": str(tmp_path / "index")}).index_key == "k" * 40
    with pytest.raises(ConfigError, match="INDEX_KEY_FILE cannot be read: FileNotFoundError"):
        load_settings({**without, "INDEX_KEY_FILE": str(tmp_path / "nowhere")})


def test_the_demo_makes_its_secrets_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    environ = {"SCREENING_MODE": "demo", "INSTANCE_DIR": str(tmp_path)}
    first = load_settings(environ)
    assert load_settings(environ) == first
    kept = tmp_path / "demo-secrets.json"
    assert kept.stat().st_mode & 0o077 == 0
    older = json.loads(kept.read_text(encoding="utf-8"))
    del older["AUDIT_KEY"]
    kept.write_text(json.dumps(older), encoding="utf-8")
    topped = load_settings(environ)
    assert (topped.secret_key, load_settings(environ)) == (first.secret_key, topped)


def test_production_refuses_the_secrets_of_the_demo(tmp_path: Path) -> None:
    demo = load_settings({"SCREENING_MODE": "demo", "INSTANCE_DIR": str(tmp_path)})
    taken = {"SECRET_KEY": demo.secret_key, "INDEX_KEY": demo.index_key, "PASSWORD_SALT": demo.password_salt}
    with pytest.raises(ConfigError) as fault:
        load_settings({**FIT, **taken})
    assert str(fault.value).count("made for the demo") == 3


def test_no_secret_is_printed_with_the_settings() -> None:
    shown = repr(load_settings(FIT))
    assert not any(FIT[name] in shown for name in FIT.keys() - {"BASE_URL"})


def test_the_folder_of_instruments_is_optional() -> None:
    assert load_settings(FIT).instruments_dir is None
    assert load_settings({**FIT, "INSTRUMENTS_DIR": "/srv/instruments"}).instruments_dir == Path("/srv/instruments")


@pytest.mark.parametrize(("proxies", "address"), [("", "127.0.0.1"), ("1", "203.0.113.7")])
def test_an_address_is_taken_from_a_trusted_proxy_alone(tmp_path: Path, proxies: str, address: str) -> None:
    environ = {"SCREENING_MODE": "demo", "INSTANCE_DIR": str(tmp_path), "TRUSTED_PROXIES": proxies}
    app = create_app(load_settings(environ))
    app.add_url_rule("/address", view_func=lambda: request.remote_addr or "")
    forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}
    assert app.test_client().get("/address", headers=forwarded).text == address
