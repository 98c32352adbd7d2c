"""What Prometheus may know: how many pages were asked for and how long they took, and how much waits. No address, no
name: a page is known by its endpoint.

Under gunicorn each process counts in files of a folder that gunicorn.conf.py names; its first process adds them up.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from wsgiref.simple_server import WSGIServer

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Gauge, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.pool import QueuePool

from screening import clock
from screening.config import Settings
from screening.models import db
from screening.queries.health import last_beats, waiting

HERE = "127.0.0.1"
"""Metrics are for this machine alone: whoever collects them elsewhere brings a way that is guarded."""

REQUESTS = Histogram(
    "screening_request_seconds",
    "Requests and the time until their answer began.",
    ["endpoint", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
)
CONNECTIONS = Gauge(
    "screening_database_connections", "Connections to the database that are in use.", multiprocess_mode="livesum"
)


def init_metrics(app: Flask, settings: Settings) -> None:
    """Count requests, if a port is set."""
    if not settings.metrics_port:
        return

    def begin() -> None:
        g.began = time.perf_counter()

    app.before_request_funcs.setdefault(None, []).insert(0, begin)

    @app.after_request
    def count(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        REQUESTS.labels(request.endpoint or "none", response.status_code).observe(seconds)
        if isinstance(db.engine.pool, QueuePool):
            CONNECTIONS.set(db.engine.pool.checkedout())
        return response


def serve_worker_metrics(app: Flask, port: int) -> WSGIServer | None:
    """Tell this machine of what waits, if a port is set. A failing database fails the answer, which is an alarm too."""
    if not port:
        return None
    registry = CollectorRegistry()
    registry.register(_Waiting(app))
    return start_http_server(port, addr=HERE, registry=registry)[0]


class _Waiting(Collector):
    """Read from the database each time that somebody asks."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        with self._app.app_context(), db.engine.connect() as connection:
            depths, beats = waiting(connection), last_beats(connection)
        depth = GaugeMetricFamily("screening_waiting", "What is due and not done.", labels=["what"])
        for what, number in depths.items():
            depth.add_metric([what], number)
        yield depth
        age = GaugeMetricFamily("screening_worker_silent_seconds", "Since a worker was heard of.", labels=["host"])
        for host, beat in beats.items():
            age.add_metric([host], (clock.now() - beat).total_seconds())
        yield age
