"""`flask print-cases`: all of today that is not printed as it stands, as one file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from flask.cli import with_appcontext

from screening import clock, rendering
from screening.access import Permission, may
from screening.actions import accounts, printing
from screening.actions.print_pieces import has_file
from screening.actions.unit import SYSTEM, Actor
from screening.clinic import current_clinic
from screening.models import PrintJob
from screening.queries import desk
from screening.queries.batches import left_out, print_job


@click.command("print-cases")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--email", prompt="Your e-mail address", help="Of your own account: the prints are noted as yours.")
@with_appcontext
def print_cases(file: Path, email: str) -> None:
    """Make all of today's summaries that are not printed as they stand, and write them to FILE, which must be new.

    What is made is kept: stopped with Ctrl-C and run again, it soon comes to where it was.
    """
    by = _printer(email)
    clinic, now = current_clinic(), clock.now()
    case_ids = desk.todays_cases(clock.midnight(clinic.today(now), clinic.zone), printing.CASES_MAX)
    if not case_ids:
        click.echo("All of today is printed.")
        return
    if file.exists():
        raise click.ClickException(f"{file} is there already. Name a file that is not.")
    job = _made(case_ids, by)
    if not has_file(job):
        raise click.ClickException("No summary could be made. The answers are on the pages of the cases.")
    _write(file, printing.open_file(job_id=job.id, by=by).pieces)
    for reference in left_out(job):
        click.echo(f"{reference} could not be made and is not in the file. Print it from its page.")
    click.echo(f"{file} is ready to print, and its cases are noted as printed. Delete it afterwards.")


def _printer(email: str) -> Actor:
    user = accounts.find(email)
    if user is None or not may(user, Permission.PRINT_CASES):
        raise click.ClickException("This is not the e-mail address of an account that may print cases.")
    return Actor("staff", user.id, user.full_name)


def _made(case_ids: Sequence[int], by: Actor) -> PrintJob:
    rendering.start(rendering.WORKER_PROCESSES)
    job_id = printing.request(case_ids=case_ids, by=by, taken=True).id
    try:
        with click.progressbar(length=len(case_ids), label="Summaries", show_pos=True) as bar:
            printing.make(job_id=job_id, by=SYSTEM, progress=bar.update)
    except KeyboardInterrupt:
        printing.cancel(job_id=job_id, by=by)
        raise
    job = print_job(job_id, by.user_id)
    if job is None:
        raise click.ClickException("The file was forgotten before it was done.")
    return job


def _write(file: Path, pieces: Iterable[bytes]) -> None:
    """Into a new file that its owner alone can read."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        try:
            written.writelines(pieces)
            written.flush()
        except BaseException:
            # Half a file would be printed as if it were all.
            file.unlink()
            raise
