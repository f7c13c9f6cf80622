"""W3C trace context: one trace id from the first request through calls, jobs and audit rows."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")


@dataclass(frozen=True, slots=True)
class Trace:
    """trace_id: 32 hex digits, shared by everything that one request caused; span_id: 16, this step's."""

    trace_id: str
    span_id: str

    def header(self) -> str:
        """The `traceparent` to send on."""
        return f"00-{self.trace_id}-{self.span_id}-01"


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
    trace_id = match.group(1) if match and match.group(1) != "0" * 32 else secrets.token_hex(16)
    return Trace(trace_id=trace_id, span_id=secrets.token_hex(8))


@contextmanager
def use(trace: Trace) -> Iterator[Trace]:
    """Run the block inside this trace."""
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)
