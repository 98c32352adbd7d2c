"""The file of a print job, kept and read piece by piece: nobody holds all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from secrets import token_hex

from sqlalchemy import func, select

from screening.actions.unit import Actor, unit_of_work
from screening.models import PrintJob, PrintPiece, db

PIECE_BYTES = 1024 * 1024
"""Of a piece, at least; the last may be shorter."""


@dataclass(frozen=True)
class PrintedFile:
    size: int
    """In bytes."""
    pieces: Iterator[bytes]
    """In their order. Raises NoResultFound if the file is forgotten meanwhile."""


def has_file(job: PrintJob) -> bool:
    return job.finished_at is not None and bool(job.pieces or job.pdf)


def file_of(job: PrintJob) -> PrintedFile:
    if job.pdf is not None:
        return PrintedFile(len(job.pdf), iter([job.pdf]))
    of_job = (PrintPiece.job_id == job.id, PrintPiece.attempt == job.pieces)
    count, size = db.session.execute(select(func.count(), func.sum(PrintPiece.size)).where(*of_job)).one()
    return PrintedFile(size, _read(job.id, job.pieces, count))


def keep(job_id: int, file: Iterable[bytes], by: Actor) -> str:
    """Keep a file. Returns the name of this attempt, which the job has to tell before it counts."""
    attempt = token_hex(8)
    for number, content in enumerate(_pieces(file)):
        with unit_of_work(by):
            piece = PrintPiece(job_id=job_id, attempt=attempt, number=number, size=len(content), content=content)
            db.session.add(piece)
    return attempt


def _read(job_id: int, attempt: str | None, count: int) -> Iterator[bytes]:
    of_job = select(PrintPiece.content).where(PrintPiece.job_id == job_id, PrintPiece.attempt == attempt)
    for number in range(count):
        content = db.session.scalars(of_job.where(PrintPiece.number == number)).one()
        # Whoever is sent the file may be slow: no transaction waits for them.
        db.session.rollback()
        yield content


def _pieces(file: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for some in file:
        held += some
        if len(held) >= PIECE_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
