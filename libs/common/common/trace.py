"""W3C trace context: one trace id from the first request through calls, jobs and audit rows."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")


@dataclass(frozen=True, slots=True)
class Trace:
    """trace_id: 32 hex digits, shared by everything that one request caused; span_id: 16, this step's;
    parent_id: 16, the step that caused this one, None for the first."""

    trace_id: str
    span_id: str
    parent_id: str | None = None

    def header(self) -> str:
        """The `traceparent` to send on."""
        return f"00-{self.trace_id}-{self.span_id}-01"

    def child(self) -> "Trace":
        """A step that this one causes."""
        return Trace(self.trace_id, secrets.token_hex(8), self.span_id)


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """The trace that the running code belongs to."""
    return _current.get()


def current_id() -> str | None:
    """Its trace id."""
    trace = _current.get()
    return trace.trace_id if trace else None


def from_header(value: str | None) -> Trace:
    """Continue the caller's trace with a span of our own; a missing or malformed header begins a new one."""
    match = _TRACEPARENT.match(value or "")
    if match is None or match.group(1) == "0" * 32 or match.group(2) == "0" * 16:
        return Trace(secrets.token_hex(16), secrets.token_hex(8))
    return Trace(match.group(1), match.group(2)).child()


TraceOrNone = TypeVar("TraceOrNone", Trace, None)


@contextmanager
def use(trace: TraceOrNone) -> Iterator[TraceOrNone]:
    """Run the block inside this trace; None: in no trace, for probes of which nobody wants to hear."""
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)
