"""What is written down about the running application: events and code places, never people's words.

The text of an exception may quote an answer or a name, and so may a local variable: neither is logged.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from copy import copy
from typing import Any

import structlog


def configure_logs(*, quote_exceptions: bool) -> None:
    """One JSON object a line on standard error. Exceptions are quoted in full only where the people are invented."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if quote_exceptions else _code_places,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    formatter = logging.Formatter(_LINE) if quote_exceptions else _PlaceFormatter(_LINE)
    handler = _StandardError()
    handler.setFormatter(formatter)
    handler.set_name(_OWN)
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if kept.get_name() != _OWN] + [handler]


_OWN = "screening"
_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def code_places(fault: BaseException) -> list[str]:
    """Where an exception went through, outermost first, and its type and those of its causes; no message."""
    places = [f"{step.filename}:{step.lineno} {step.name}" for step in traceback.extract_tb(fault.__traceback__)]
    names = []
    cause: BaseException | None = fault
    while cause is not None:
        names.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__ or cause.__context__
    return [*places, " from ".join(names)]


def _code_places(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    given = event.pop("exc_info", None)
    fault = given if isinstance(given, BaseException) else sys.exception() if given else None
    if fault is not None:
        event["exception"] = code_places(fault)
    return event


class _StandardError(logging.Handler):
    """Writes to standard error as it is at that moment: it may be redirected after the start."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.PrintLogger(sys.stderr).msg(self.format(record))


class _PlaceFormatter(logging.Formatter):
    """For the libraries that log through the standard library."""

    def format(self, record: logging.LogRecord) -> str:
        # Whichever formatter comes first leaves the exception's text in the record for all others.
        own = copy(record)
        own.exc_text = None
        return super().format(own)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return "\n".join(code_places(ei[1]))
