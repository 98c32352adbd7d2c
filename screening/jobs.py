"""The queue: word of alerts, alerts of forms that were left, and housekeeping.

A queued task may be lost with its worker. The rows in the database are the truth: each task looks for
what is due, so a lost one is made good by the next, and running one twice does no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event, Lock
from typing import Any, cast

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from huey import Huey, PostgresHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from huey.serializer import SignedSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session, object_session
from structlog import get_logger
from structlog.contextvars import bound_contextvars

from screening import clock, rendering
from screening.actions import coming_back, printing, sign_in, what_if
from screening.actions.attempts import purge_attempts
from screening.actions.audit_care import anchor
from screening.actions.delivery import deliver_due, escalate, purge_sessions, raise_left_alerts
from screening.actions.erasing import note_tombstones
from screening.actions.forgetting import forget_due
from screening.actions.heartbeat import beat
from screening.actions.holding import purge_held
from screening.actions.invitations import remind_due
from screening.actions.patient_mail import deliver_patient_mail
from screening.actions.staff_mail import deliver_staff_mail
from screening.actions.summaries import prepare_due
from screening.actions.unit import SYSTEM
from screening.clinic import current_clinic
from screening.config import Settings
from screening.mail import smtp_sender
from screening.metrics import serve_worker_metrics
from screening.models import Case, OutboxMessage, PatientMail, PrintJob, StaffMail, db
from screening.models.base import Model
from screening.models.limits import CONNECT_SECONDS, LimitedConnection
from screening.request_ids import new_request_id, request_id

QUEUE = "screening"
EVERY_MINUTE = crontab()
EVERY_NIGHT = crontab(hour="3", minute="0")

log = get_logger()


def init_jobs(app: Flask, settings: Settings) -> None:
    queue = _queue(settings)
    app.extensions["queue"] = queue
    app.extensions["tasks"] = {
        work: queue.periodic_task(when, name=work.__name__)(_inside(app, work)) for work, when in WORK
    }


def tell_staff() -> None:
    """Raise the alerts of forms that were left, tell the next contacts, and send what is due to staff."""
    settings: Settings = current_app.extensions["settings"]
    clinic, now = current_clinic(), clock.now()
    raise_left_alerts(clinic=clinic, now=now, by=SYSTEM)
    escalate(clinic=clinic, now=now, by=SYSTEM)
    if settings.smtp_url:
        send = smtp_sender(settings.smtp_url, settings.mail_from)
        deliver_due(clinic=clinic, now=now, send=send, base_url=settings.base_url, by=SYSTEM)
        deliver_staff_mail(clinic=clinic, now=now, send=send, base_url=settings.base_url, by=SYSTEM)


def mail_patients() -> None:
    """Send the e-mails to patients that are due."""
    settings: Settings = current_app.extensions["settings"]
    if settings.smtp_url:
        send = smtp_sender(settings.smtp_url, settings.mail_from)
        clinic, now = current_clinic(), clock.now()
        deliver_patient_mail(clinic=clinic, now=now, send=send, base_url=settings.base_url, by=SYSTEM)


def forget_sessions() -> None:
    """Forget what has run out: sessions, tries to get in, and typed pages that nobody can claim any more."""
    now = clock.now()
    purge_sessions(now=now)
    purge_attempts(before=now - max(coming_back.LONGEST, sign_in.LONGEST), by=SYSTEM)
    purge_held(now=now, by=SYSTEM)
    printing.forget_old(by=SYSTEM)


def forget_for_good() -> None:
    """Forget what has been kept for its time, and note outside the database who was erased."""
    forget_due(by=SYSTEM)
    note_tombstones()


def run_what_if() -> None:
    """Do the next run that a medical lead waits for."""
    what_if.run_next()


def make_prints() -> None:
    """Make the next file of many summaries that somebody waits for."""
    printing.make_next(by=SYSTEM)


def prepare_summaries() -> None:
    """Have the printed summaries of new and changed cases ready before anyone asks for them."""
    prepare_due(by=SYSTEM)


def remind_invited() -> None:
    """Remind, once, the people who were invited some days ago and have not sent their form."""
    remind_due(by=SYSTEM)


def anchor_audit() -> None:
    """Note outside the database where the chain of audit events ends."""
    anchor()


def say_at_work() -> None:
    """Note that this worker is at work."""
    beat(by=SYSTEM)


WORK = (
    (tell_staff, EVERY_MINUTE),
    (mail_patients, EVERY_MINUTE),
    (remind_invited, EVERY_MINUTE),
    (forget_sessions, EVERY_NIGHT),
    (forget_for_good, EVERY_NIGHT),
    (run_what_if, EVERY_MINUTE),
    (make_prints, EVERY_MINUTE),
    (prepare_summaries, EVERY_MINUTE),
    (anchor_audit, EVERY_MINUTE),
    (say_at_work, EVERY_MINUTE),
)


THREADS = len(WORK) + 1
"""One for each kind of work, which runs once at a time in a worker, and one more for alerts, which wait for nothing."""


def _inside(app: Flask, work: Callable[[], None]) -> Callable[..., None]:
    do = work if work is tell_staff else one_at_a_time(work)

    def run(asked_by: str | None = None) -> None:
        """`asked_by` is the id of the request that wants it done at once."""
        with app.app_context(), bound_contextvars(job=work.__name__, request_id=asked_by or new_request_id()):
            do()

    return run


def one_at_a_time(work: Callable[[], None]) -> Callable[[], None]:
    """`work`, which a thread that is asked for it meanwhile does not begin too: it is done once more when it ends."""
    under_way, asked = Lock(), Event()

    def do() -> None:
        asked.set()
        if not under_way.acquire(blocking=False):
            return
        try:
            while asked.is_set():
                asked.clear()
                work()
        finally:
            under_way.release()

    return do


def _queue(settings: Settings) -> Huey:
    """One machine: a file of its own, since two SQLite libraries on one file break its locks. Many: PostgreSQL."""
    # Tasks are pickled: whoever could write into the queue could otherwise run anything in the worker.
    signed = SignedSerializer(secret=settings.secret_key, salt=QUEUE)
    common: dict[str, Any] = {"results": False, "create_tables": False, "serializer": signed}
    if settings.uses_sqlite:
        settings.instance.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(QUEUE, filename=str(settings.instance / "queue.sqlite3"), **common)
    dsn = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    connect = partial(LimitedConnection.connect, dsn, connect_timeout=CONNECT_SECONDS)
    return PostgresHuey(QUEUE, connection=connect, **common)


def prepare_queue() -> None:
    """Create the queue's own tables, where they are not there."""
    cast(Huey, current_app.extensions["queue"]).storage.initialize_schema()


@event.listens_for(OutboxMessage, "after_insert")
@event.listens_for(PatientMail, "after_insert")
@event.listens_for(StaffMail, "after_insert")
@event.listens_for(PrintJob, "after_insert")
@event.listens_for(Case, "after_insert")
def note_message(_mapper: Any, _connection: Any, message: Model) -> None:
    session = object_session(message)
    if session is not None:
        session.info.setdefault("to_send", set()).add(SENT_BY[type(message)])


SENT_BY: dict[type, Callable[[], None]] = {
    OutboxMessage: tell_staff,
    PatientMail: mail_patients,
    StaffMail: tell_staff,
    PrintJob: make_prints,
    Case: prepare_summaries,
}
"""The work that sends, or makes, each kind of row."""


@event.listens_for(db.session, "after_commit")
def wake_worker(session: Session) -> None:
    """Send what was written within seconds of its commit, not at the next full minute."""
    for work in session.info.pop("to_send", ()):
        try:
            current_app.extensions["tasks"][work](request_id())
        except Exception:
            # The row is committed and the minute's task will find it: a patient's page never fails over this.
            log.exception("the worker could not be woken")


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Run the job worker until it is stopped."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    prepare_queue()
    say_at_work()
    rendering.start(rendering.WORKER_PROCESSES)
    settings: Settings = app.extensions["settings"]
    serve_worker_metrics(app, settings.worker_metrics_port)
    log.info("the worker is at work")
    Consumer(app.extensions["queue"], workers=THREADS, periodic=True, max_delay=1.0).run()
