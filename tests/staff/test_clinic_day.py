"""A day of a clinic, played with a few patients; `python -m bench.clinic_day` plays it with sixty."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from flask import Flask

from screening import clock
from tests.clinic_day import Day, colleagues, patients, verify

PATIENTS = 5
EVENTS = {
    "alert acknowledged",
    "called",
    "came back",
    "decided",
    "emergency page",
    "printed",
    "worse after the decision",
}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_day_ends_with_every_case_printed_and_every_flagged_one_decided(app: Flask, noon: datetime) -> None:
    begins = noon - timedelta(hours=4)
    with clock.fixed_at(begins):
        day = Day(**colleagues(app), patients=patients(PATIENTS), rng=Random(5), now=begins)  # noqa: S311 - a play
    day.play()
    verify(day)
    assert day.seen["sent"] + day.seen["keyed in from paper"] == PATIENTS
    assert {event for event, times in day.seen.items() if times} >= EVENTS
