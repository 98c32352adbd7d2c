"""A few processes of their own that print: started once, used again, replaced after a while, and ended when a print
takes too long or too much memory. A page never waits in line behind a print, and no print can bring a page down.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import shutil
import tempfile
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLong

from pebble import ProcessExpired, ProcessPool
from structlog import get_logger

import press
from press import Pages, Printed
from press.worker import begin

PROCESSES = int(os.environ.get("PRINT_PROCESSES", "1"))
WORKER_PROCESSES = int(os.environ.get("PRINT_PROCESSES", "2"))
"""The job worker's, which makes many summaries at once."""
PRINTS_BEFORE_REPLACED = 500
SECONDS = 20.0
KEPT_UNFETCHED = 8
"""Prints that were done and that nobody came back for."""
MEMORY_BYTES = 2 * 1024**3
"""Of address space, of which a usual print touches a twentieth."""

WARM_UP = Pages('<html lang="en"><head><title>Warm</title></head><body><p>Warm</p></body></html>', "A4")
"""The first print of a process finds the fonts and parses the styles: it is one that nobody waits for."""

_LOCK = threading.Lock()
_under_way: dict[str, Future[Printed]] = {}
_pools: dict[int, tuple[ProcessPool, str]] = {}
"""By process: a pool does not outlive a fork."""

log = get_logger()


class NotPrinted(Exception):
    """The pages could not be printed within the limits of time and memory."""


def start(processes: int = PROCESSES) -> ProcessPool:
    """The pool of this process, with its processes on their way."""
    with _LOCK:
        if os.getpid() not in _pools:
            scratch = tempfile.mkdtemp(prefix="print-")
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["press.printing"])
            pool = ProcessPool(processes, PRINTS_BEFORE_REPLACED, begin, (scratch, MEMORY_BYTES), context=context)
            _pools[os.getpid()] = (pool, scratch)
            for _ in range(processes):
                pool.schedule(press.print_pages, args=(WARM_UP,), timeout=SECONDS)
        return _pools[os.getpid()][0]


def submit(pages: Pages, seconds: float = SECONDS) -> Future[Printed]:
    """Begin to print. `finished` makes the answer of it."""
    future: Future[Printed] = start().schedule(press.print_pages, args=(pages,), timeout=seconds)
    return future


def finished(future: Future[Printed], wait: float | None = None) -> bytes:
    """The PDF of a print that was begun. Raises NotPrinted, or TimeoutError if it is still under way after `wait` s."""
    try:
        printed = future.result(wait)
    except TooLong:
        if not future.done():
            raise
        raise NotPrinted("it took too long") from None
    except (ProcessExpired, MemoryError) as fault:
        raise NotPrinted(f"its process ended: {fault}") from fault
    if printed.warnings:
        log.warning("the press warned", of=sorted(set(printed.warnings)))
    return printed.pdf


def once(key: str, pages: Pages, wait: float | None = None) -> bytes:
    """Print what `key` stands for, or wait on for it if that is under way. Raises as `finished` does."""
    future = begin_once(key, pages)
    try:
        return finished(future, wait)
    finally:
        if future.done():
            _under_way.pop(key, None)


def begin_once(key: str, pages: Pages) -> Future[Printed]:
    """The print that `key` stands for: begun by now, or done and not fetched yet."""
    with _LOCK:
        abandoned = [each for each, future in _under_way.items() if future.done() and each != key]
        for each in abandoned[:-KEPT_UNFETCHED]:
            del _under_way[each]
    future = _under_way.get(key)
    if future is None:
        future = _under_way[key] = submit(pages)
    return future


def stop() -> None:
    """End the processes, and clear what they left behind."""
    with _LOCK:
        pool, scratch = _pools.pop(os.getpid(), (None, ""))
    if pool is not None:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()
        shutil.rmtree(scratch, ignore_errors=True)


atexit.register(stop)
