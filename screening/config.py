"""Settings from the environment alone, checked together, so that all that is missing is named at once."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet
from pyrage import IdentityError, x25519

DEMO_MARK = "demo-"
"""Every secret made for the demo begins with this, so that production can refuse it."""

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"


class ConfigError(Exception):
    """The environment is not fit to start with. The message lists every fault, one a line."""


@dataclass(frozen=True)
class Settings:
    mode: str
    """"production", "demo" or "test"."""
    database_url: str
    secret_key: str = field(repr=False)
    field_keys: tuple[str, ...] = field(repr=False)
    """Fernet keys, the one that encrypts first, older ones after it."""
    index_key: str = field(repr=False)
    """Key of the blind indexes."""
    password_salt: str = field(repr=False)
    audit_key: str = field(repr=False)
    """Key of the MACs that chain audit events."""
    base_url: str
    smtp_url: str | None = field(default=None, repr=False)
    """smtp://user:password@host:port, or smtps://; none: alerts show on screens only."""
    mail_from: str = "screening@localhost"
    rules_dir: Path | None = None
    instruments_dir: Path | None = None
    """A folder of FHIR Questionnaires with the official wording of instruments; none: our own wording is asked."""
    rules_overlay: Path | None = None
    """A file of the clinic's own thresholds."""
    instance: Path = INSTANCE
    pdf_signing_cert: Path | None = None
    """A PKCS#12 file with the clinic's certificate and key, with which letters are signed; none: they are not."""
    pdf_signing_password_file: Path | None = None
    """A file that holds its password alone."""
    secure_cookies: bool = True
    trusted_proxies: int = 0
    """How many proxies of the clinic's own stand in front, each adding to X-Forwarded-For."""
    audit_anchor: str = ""
    """Where the end of the audit chain is noted each minute: a file, or "syslog:"; empty: nowhere."""
    tombstones: Path | None = None
    """The file that says who was erased, so that a restored backup is purged again; none: in the instance folder."""
    backup_key: str | None = field(default=None, repr=False)
    """The age identity that backups are sealed with; none: no backups."""
    metrics_port: int = 0
    """Where gunicorn tells this machine of its requests; 0: nowhere."""
    worker_metrics_port: int = 0
    """Where the worker tells this machine of what waits; 0: nowhere."""

    @property
    def tombstones_file(self) -> Path:
        return self.tombstones or self.instance / TOMBSTONES_FILE

    @property
    def demo(self) -> bool:
        return self.mode == "demo"

    @property
    def uses_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


REQUIRED = {
    "SECRET_KEY": "signs forms; any long random text",
    "FIELD_KEYS": "encrypt answers and names; Fernet keys separated by commas, the newest first",
    "INDEX_KEY": "finds names without reading them; any long random text, never changed",
    "PASSWORD_SALT": "for staff passwords; any long random text, never changed",
    "AUDIT_KEY": "chains audit events, so that no change stays unseen; any long random text, never changed",
    "BASE_URL": "the address that patients and staff use, such as https://screening.example.org",
}
NUMBERS = {
    "TRUSTED_PROXIES": "how many proxies of your own stand in front",
    "METRICS_PORT": "the port where gunicorn gives metrics to this machine",
    "WORKER_METRICS_PORT": "the port where the worker does",
}
LONG_TEXTS = ("SECRET_KEY", "INDEX_KEY", "PASSWORD_SALT", "AUDIT_KEY")
IN_FILES = (*LONG_TEXTS, "FIELD_KEYS", "BACKUP_KEY", "DATABASE_URL", "SMTP_URL")
"""Each of these may stand in a file, which the same name with _FILE behind it names."""
ANCHOR_FILE = "audit-anchor.jsonl"
TOMBSTONES_FILE = "tombstones.jsonl"


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Settings for this process. Raises ConfigError naming everything that is missing or unfit."""
    mode = environ.get("SCREENING_MODE", "production")
    instance = Path(environ.get("INSTANCE_DIR", str(INSTANCE)))
    if mode == "demo":
        environ = {**_demo_secrets(instance), **environ}
    environ, faults = _with_files(environ)
    faults += [f"{name} is not set: {what}" for name, what in REQUIRED.items() if not environ.get(name)]
    faults += _unfit(environ, mode)
    if faults:
        raise ConfigError("The settings are not complete.\n" + "\n".join(faults))
    return Settings(
        mode=mode,
        database_url=environ.get("DATABASE_URL") or f"sqlite:///{instance / 'screening.sqlite3'}",
        secret_key=environ["SECRET_KEY"],
        field_keys=_field_keys(environ),
        index_key=environ["INDEX_KEY"],
        password_salt=environ["PASSWORD_SALT"],
        audit_key=environ["AUDIT_KEY"],
        base_url=environ["BASE_URL"].rstrip("/"),
        smtp_url=environ.get("SMTP_URL") or None,
        mail_from=environ.get("MAIL_FROM", "screening@localhost"),
        rules_dir=Path(environ["RULES_DIR"]) if environ.get("RULES_DIR") else None,
        rules_overlay=Path(environ["RULES_OVERLAY"]) if environ.get("RULES_OVERLAY") else None,
        instruments_dir=Path(environ["INSTRUMENTS_DIR"]) if environ.get("INSTRUMENTS_DIR") else None,
        pdf_signing_cert=_path(environ, "PDF_SIGNING_CERT"),
        pdf_signing_password_file=_path(environ, "PDF_SIGNING_PASSWORD_FILE"),
        instance=instance,
        secure_cookies=environ["BASE_URL"].startswith("https://"),
        trusted_proxies=int(environ.get("TRUSTED_PROXIES") or 0),
        metrics_port=int(environ.get("METRICS_PORT") or 0),
        worker_metrics_port=int(environ.get("WORKER_METRICS_PORT") or 0),
        audit_anchor=environ.get("AUDIT_ANCHOR") or str(instance / ANCHOR_FILE),
        tombstones=_path(environ, "TOMBSTONES"),
        backup_key=environ.get("BACKUP_KEY") or None,
    )


def _with_files(environ: Mapping[str, str]) -> tuple[Mapping[str, str], list[str]]:
    """The environment with what stands in files, and the files that cannot be read."""
    read, faults = {}, []
    for name in IN_FILES:
        if path := environ.get(f"{name}_FILE"):
            try:
                read[name] = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as fault:
                faults.append(f"{name}_FILE cannot be read: {type(fault).__name__}")
    return {**environ, **read}, faults


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]) if environ.get(name) else None


def _field_keys(environ: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(key.strip().removeprefix(DEMO_MARK) for key in environ.get("FIELD_KEYS", "").split(",") if key.strip())


def _unfit(environ: Mapping[str, str], mode: str) -> list[str]:
    faults = []
    if mode not in ("production", "demo", "test"):
        faults.append(f"SCREENING_MODE is {mode!r}: use production or demo")
    for name, what in NUMBERS.items():
        if not (environ.get(name) or "0").isdecimal():
            faults.append(f"{name} is not a whole number: {what}")
    for key in _field_keys(environ):
        try:
            Fernet(key)
        except ValueError:
            faults.append("FIELD_KEYS holds a key that is not a Fernet key (32 bytes in URL-safe base64)")
    if environ.get("BACKUP_KEY"):
        try:
            x25519.Identity.from_str(environ["BACKUP_KEY"])
        except IdentityError:
            faults.append("BACKUP_KEY is not an age identity (AGE-SECRET-KEY-1…)")
    return faults + (_unfit_for_production(environ) if mode == "production" else [])


def _unfit_for_production(environ: Mapping[str, str]) -> list[str]:
    faults = []
    for name in ("FIELD_KEYS", *LONG_TEXTS):
        if DEMO_MARK in environ.get(name, ""):
            faults.append(f"{name} is a secret made for the demo: make one of your own")
    for name in LONG_TEXTS:
        if environ.get(name) and len(environ[name]) < 32:
            faults.append(f"{name} is shorter than 32 characters")
    if environ.get("BASE_URL") and not environ["BASE_URL"].startswith("https://"):
        faults.append("BASE_URL must begin with https:// in production")
    return faults


def _demo_secrets(instance: Path) -> dict[str, str]:
    """The demo's secrets, made once and kept in the instance folder, readable by its owner alone."""
    path = instance / "demo-secrets.json"
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    made = {name: DEMO_MARK + secrets.token_urlsafe(32) for name in LONG_TEXTS}
    made["FIELD_KEYS"] = DEMO_MARK + Fernet.generate_key().decode()
    made["BASE_URL"] = "http://127.0.0.1:8000"
    if made.keys() - kept.keys():
        instance.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps({**made, **kept}, indent=2), encoding="utf-8")
    return {**made, **kept}
