"""What is written down about the running application: events and code places, never people's words.

The text of an exception may quote an answer or a name, and so may a local variable: neither is logged.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog


def configure_logs(*, quote_exceptions: bool) -> None:
    """One JSON object a line on standard error. Exceptions are quoted in full only where the people are invented.

    A line and its end are one write: several processes write to the same place.
    """
    each = (
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    fault = structlog.processors.format_exc_info if quote_exceptions else _code_places
    as_json = structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*each, fault, as_json],
        logger_factory=lambda *_names: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*each, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, fault, as_json],
        )
    )
    handler.set_name(_OWN)
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if kept.get_name() != _OWN] + [handler]


_OWN = "screening"


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
    # The libraries hand over a triple, structlog the exception itself or True for the one that is handled.
    given = given[1] if isinstance(given, tuple) else given
    fault = given if isinstance(given, BaseException) else sys.exception() if given else None
    if fault is not None:
        event["exception"] = code_places(fault)
    return event


class _StandardError(logging.Handler):
    """Writes to standard error as it is at that moment: it may be redirected after the start."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.WriteLogger(sys.stderr).msg(self.format(record))
