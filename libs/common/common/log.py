"""Structured logs: static event names with ids and enums. Never names, answers, or document text."""

import logging
import sys
from contextlib import AbstractContextManager
from typing import Any

import structlog
from structlog.typing import EventDict, FilteringBoundLogger

from common import trace


def _add_trace(_logger: Any, _method: str, event: EventDict) -> EventDict:
    current = trace.current()
    if current is not None:
        event.setdefault("trace_id", current.trace_id)
    return event


def configure(service: str, *, level: str = "info", style: str = "json") -> None:
    """Set up logging for a process; `style` is json (one object a line) or console.

    Several services in one process share the configuration; each line names its service.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if style == "console"
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=False)
    structlog.contextvars.bind_contextvars(service=service)


def naming(service: str) -> AbstractContextManager[None]:
    """Lines logged inside name this service: requests run in other contexts than `configure` did."""
    return structlog.contextvars.bound_contextvars(service=service)


log: FilteringBoundLogger = structlog.get_logger()
