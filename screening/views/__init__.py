"""Views: parse, authorise, call one action, respond. Each carries @public or @requires (see access.py)."""

from __future__ import annotations

from flask import Flask

from screening.views import admin, alerts, front_desk, health, patient, physician

BLUEPRINTS = (patient.bp, front_desk.bp, physician.bp, alerts.bp, admin.bp, health.bp)


def init_views(app: Flask) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
