"""Metrics: of a real gunicorn by endpoint, of the worker what waits, and with nobody's name."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from screening import clock
from screening.config import ROOT
from screening.jobs import say_at_work
from screening.metrics import serve_worker_metrics
from screening.models import db
from tests.conftest import close
from tests.databases import settings_for
from tests.factories import EMERGENCY, submit_case

BIN = Path(sys.executable).parent
PATIENCE_SECONDS = 60
PAGES = 5
COLLECTS = "collects garbage: True"
WITHOUT_PRINTS = """
import gc
from runpy import run_path

globals().update(run_path("gunicorn.conf.py"))


def post_worker_init(worker):
    worker.log.info(f"collects garbage: {gc.isenabled()}")
"""
"""Our configuration, without the processes that print: they take seconds to be ready."""


def free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(closing(socket.create_server(("127.0.0.1", 0)))) for _ in range(number)]
        return [int(probe.getsockname()[1]) for probe in probes]


def environment(database_url: str, folder: Path, **more: Any) -> dict[str, str]:
    settings = settings_for(database_url, folder)
    own = {
        "DATABASE_URL": database_url,
        "INSTANCE_DIR": folder,
        "SECRET_KEY": settings.secret_key,
        "FIELD_KEYS": settings.field_keys[0],
        "INDEX_KEY": settings.index_key,
        "PASSWORD_SALT": settings.password_salt,
        "AUDIT_KEY": settings.audit_key,
        "BASE_URL": "https://screening.example.org",
        **more,
    }
    return {**os.environ, **{name: str(value) for name, value in own.items()}}


@contextmanager
def running(command: list[str], environ: dict[str, str], until: str, log: Path) -> Iterator[None]:
    """A process that has said `until`; what it says goes to `log`."""
    program = [str(BIN / command[0]), *command[1:]]
    with (
        log.open("w") as kept,
        subprocess.Popen(
            program, cwd=ROOT, env=environ, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
        ) as process,
    ):
        assert process.stderr is not None
        for line in process.stderr:
            kept.write(line)
            if until in line:
                break
        try:
            assert process.poll() is None, f"{command[0]} ended: {log.read_text()}"
            yield
        finally:
            process.terminate()
            kept.write(process.communicate(timeout=PATIENCE_SECONDS)[1])


def fetch(port: int, path: str = "/metrics") -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE_SECONDS) as answer:
        text: str = answer.read().decode()
        return text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_pages_are_counted_by_endpoint_over_all_processes(app: Flask, database_url: str, tmp_path: Path) -> None:
    reference = submit_case(name="Zebulon Quist", **EMERGENCY).reference
    close(app)
    web, metrics = free_ports(2)
    config, log = tmp_path / "gunicorn.conf.py", tmp_path / "web.log"
    config.write_text(WITHOUT_PRINTS)
    command = ["gunicorn", "--config", str(config), "--bind", f"127.0.0.1:{web}", "wsgi:app"]
    with running(command, environment(database_url, tmp_path, METRICS_PORT=metrics), "Listening at", log):
        for _ in range(PAGES):
            fetch(web, "/")
        assert "ok" in fetch(web, "/healthz")
        told = fetch(metrics)

    counted = re.findall(r'request_seconds_count\{endpoint="([\w.]+)",status="(\d+)"\} ([\d.]+)', told)
    assert sorted(counted) == [("health.healthz", "200", "1.0"), ("patient.start", "200", f"{PAGES}.0")]
    assert "screening_database_connections" in told
    assert not any(word in told for word in (reference, "Zebulon", "Quist"))
    lines = log.read_text().splitlines()
    assert [line for line in map(json.loads, lines) if "Listening" in line["event"] and line["timestamp"]]
    assert [line for line in map(json.loads, lines) if line["event"] == COLLECTS], "switched off for the start alone"


def test_the_worker_says_what_waits_and_when_workers_were_heard_of(app: Flask) -> None:
    submit_case(name="Zebulon Quist", **EMERGENCY)
    with clock.fixed_at(clock.now() - timedelta(seconds=90)):
        say_at_work()
    db.session.remove()
    server = serve_worker_metrics(app, *(ports := free_ports(1)))
    assert server is not None
    try:
        told = fetch(ports[0])
    finally:
        server.shutdown()
        server.server_close()
    assert 'screening_waiting{what="alerts"} 1.0' in told
    assert 'screening_waiting{what="prints"} 0.0' in told
    age = re.search(rf'screening_worker_silent_seconds\{{host="{socket.gethostname()}"\}} ([\d.]+)', told)
    assert age and 90 <= float(age[1]) < 600
    assert "Zebulon" not in told
