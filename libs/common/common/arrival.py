"""When a request reached us: business time at the outermost door, before it waits for anything.

The middleware notes it before a request queues, and calls to other services carry it along. So whoever came
in time is in time, however long it then waits inside; what is refused has not arrived.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Final

from fastapi import Request

from common.clock import clock

HEADER: Final = "request-arrived"
OLDEST: Final = timedelta(minutes=5)  # nothing waits longer inside; an older claim is not believed

_here: ContextVar[datetime | None] = ContextVar("arrived", default=None)


@contextmanager
def noted() -> Iterator[None]:
    """For the time of a request: now is when it reached this process."""
    token = _here.set(clock.business())
    try:
        yield
    finally:
        _here.reset(token)


def of(request: Request) -> datetime:
    """When a request arrived: here, or earlier at the service that asks for it.

    Only for routes that verify the caller's service token: the header is the caller's word, as the body is.
    """
    here = _here.get() or clock.business()
    claimed = _parsed(request.headers.get(HEADER))
    return claimed if claimed is not None and here - OLDEST <= claimed < here else here


def current() -> datetime | None:
    """What a call made on behalf of the running request carries along; None outside a request."""
    return _here.get()


def _parsed(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
