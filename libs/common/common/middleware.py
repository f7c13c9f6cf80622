"""What surrounds every request: arrival, trace id, its turn, limits, metrics, and the last net for errors."""

import asyncio
import time
from collections.abc import Sequence

from fastapi import Request
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common import arrival, problems, trace
from common.errors import Busy, DomainError, TimedOut, TooLarge, Unstorable, is_transient, is_unstorable
from common.log import log, naming
from common.settings import CommonSettings
from common.telemetry import OPERATIONS, Telemetry

SMALL_BODY = 65_536
"""Bytes that a server holds for a request anyway."""


class Surround:
    """The one middleware.

    Args:
        stream_paths: path prefixes of streamed bodies, with places of their own; their handlers set size and
            time limits themselves. Batch reads (`…/batch`) below such a prefix keep the usual limits.
    """

    def __init__(
        self, app: ASGIApp, settings: CommonSettings, telemetry: Telemetry, stream_paths: Sequence[str]
    ) -> None:
        self._app, self._settings, self._telemetry = app, settings, telemetry
        self._stream_paths = tuple(stream_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        begun = trace.from_header(request.headers.get("traceparent"))
        with naming(self._settings.service), arrival.noted(), trace.use(begun) as current:
            started, status = time.perf_counter(), 500

            async def send_marked(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    message["headers"] = [
                        *message["headers"],
                        (b"trace-id", current.trace_id.encode()),
                        (b"x-content-type-options", b"nosniff"),
                    ]
                    if scope["app"].state.draining:  # the caller's next request goes to another process
                        message["headers"].append((b"connection", b"close"))
                await send(message)

            try:
                await self._guarded(scope, receive, send_marked)
            finally:
                seconds = time.perf_counter() - started
                route = _template(scope)
                self._telemetry.request(request.method, route, status, seconds)
                log.debug("http.request", method=request.method, route=route, status=status)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, begun, queues = Request(scope), False, scope["app"].state.queues

        async def send_noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            if scope["path"] in OPERATIONS:  # answered at once, however many others wait
                await self._limited(scope, receive, send_noting)
            # batch reads are JSON wherever they stand
            elif scope["path"].startswith(self._stream_paths) and not scope["path"].endswith("/batch"):
                async with queues.streams.place():
                    await self._app(scope, receive, send_noting)
            else:
                receive = await self._taken_in(request, receive)
                async with queues.requests.place():
                    await self._limited(scope, receive, send_noting)
        except Exception as error:
            if begun:
                raise
            await self._refusal(request, error)(scope, receive, send)

    async def _taken_in(self, request: Request, receive: Receive) -> Receive:
        """Read a small body now: a server gives none once the client has gone, and whoever came in time and
        gave up waiting in our queue has come in time. Longer ones are read when their turn comes."""
        declared = request.headers.get("content-length", "")
        if not declared.isdigit() or not 0 < int(declared) <= SMALL_BODY:
            return receive
        messages: list[Message] = []
        async with asyncio.timeout(self._settings.request_timeout_s):
            while not messages or messages[-1].get("more_body", False):
                messages.append(await receive())
        messages.reverse()

        async def again() -> Message:
            return messages.pop() if messages else await receive()

        return again

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        limited = _limited(Request(scope), receive, self._settings.max_body_bytes)
        async with asyncio.timeout(self._settings.request_timeout_s):
            await self._app(scope, limited, send)

    def _refusal(self, request: Request, error: Exception) -> ASGIApp:
        if isinstance(error, TimeoutError):
            error = TimedOut(headers={"Retry-After": "2"})
        elif is_transient(error):
            log.warning("http.busy", error=type(error).__name__)
            error = Busy(headers={"Retry-After": "1"})
        elif is_unstorable(error):
            # logged all the same: a value that a service of ours made up would look alike
            log.warning("http.unstorable", error=type(error).__name__, place=_place(error))
            error = Unstorable()
        if isinstance(error, DomainError):
            return problems.domain(request, error)
        # the message may quote a row or an answer, so only the kind and the place are logged
        log.error("http.failed", error=type(error).__name__, place=_place(error), causes=_causes(error))
        return problems.internal(request)


def _place(error: Exception) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_globals.get('__name__')}:{frame.tb_lineno}" if frame else "unknown"


def _causes(error: BaseException) -> list[str]:
    found: list[str] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(found) < 5:
        found.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return found


def _limited(request: Request, receive: Receive, limit: int) -> Receive:
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise TooLarge(extra={"limit": limit})
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLarge(extra={"limit": limit})
        return message

    return counted


def _template(scope: Scope) -> str:
    route = scope.get("route")
    if route is not None:
        return str(getattr(route, "path", "other"))
    app = scope.get("app")
    for candidate in getattr(getattr(app, "router", None), "routes", ()):
        if candidate.matches(scope)[0] is not Match.NONE:
            return str(getattr(candidate, "path", "other"))
    return "other"
