"""Plays a day of a clinic with sixty patients, two desks and two physicians, on SQLite and on PostgreSQL.

Run `python -m bench.clinic_day [patients] [seed]`. Fails if an answer is missing that a patient was told is saved, if a
case is not printed as it stands, or if a flagged one is not decided on.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from random import Random

from screening import clock, create_app, rendering
from screening.models import db
from screening.views import front_desk
from tests.clinic_day import Day, colleagues, patients, verify
from tests.conftest import NOON, QUICK_HASH, Browser
from tests.databases import PostgresServer, migrate, settings_for

PATIENTS, SEED = 60, 1


def play(url: str, instance: Path, number: int, seed: int) -> None:
    migrate(url, instance)
    app = create_app(settings_for(url, instance))
    app.test_client_class = Browser
    app.extensions["security"].pwd_context.update(**QUICK_HASH)
    start, begins = time.monotonic(), NOON - timedelta(hours=4)
    with app.app_context():
        with clock.fixed_at(begins):
            day = Day(**colleagues(app), patients=patients(number), rng=Random(seed), now=begins)  # noqa: S311 - a play
        day.play()
        verify(day)
        db.session.remove()
        db.engine.dispose()
    if day.seen["sent"] + day.seen["keyed in from paper"] != number:
        sys.exit(f"{number} patients came, and not so many forms were sent: {day.seen}")
    print(f"{url.split(':')[0]}: {number} patients, from {begins:%H:%M} to {day.now:%H:%M} by the play's own clock")
    for event, times in sorted(day.seen.items()):
        print(f"  {times:4} {event}")
    taken = time.monotonic() - start
    print(f"  every answer kept, every case printed as it stands, every flagged one decided; {taken:.0f} s")


def main() -> None:
    number, seed = (int(given) for given in (sys.argv[1:] + [str(PATIENTS), str(SEED)][len(sys.argv) - 1 :])[:2])
    front_desk.PATIENCE = 60.0
    rendering.start()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        here = Path(folder)
        for part in ("sqlite", "pg", "on_pg"):
            (here / part).mkdir()
        play(f"sqlite:///{here}/sqlite/screening.sqlite3", here / "sqlite", number, seed)
        server = PostgresServer(here / "pg")
        try:
            server.run("CREATE DATABASE clinic")
            play(server.url("clinic"), here / "on_pg", number, seed)
        finally:
            server.stop("fast")
    rendering.stop()


if __name__ == "__main__":
    main()
