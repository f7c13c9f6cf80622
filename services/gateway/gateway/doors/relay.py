"""Streams passed through: bytes as they come, only the headers that belong to the outside."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from common.actor import Actor
from common.client import ServiceClient

_IN = {
    "accept",
    "content-length",
    "content-type",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "range",
}
_OUT = {
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-range",
    "content-security-policy",
    "content-type",
    "deprecation",
    "etag",
    "last-modified",
    "link",
    "referrer-policy",
    "retry-after",
    "vary",
}


async def relay(
    request: Request,
    service: str,
    actor: Actor,
    *,
    more_headers: frozenset[str] = frozenset(),
    body: AsyncIterator[bytes] | None = None,
    path: str | None = None,
) -> StreamingResponse:
    """The same request to a service, its answer streamed back; neither body is ever held whole.

    Args:
        more_headers: further request headers to pass on, lower-case.
        body: the request's body, when it has one.
        path: the service's, where it is another one than here.

    Raises:
        OwnerUnavailable: the service cannot be reached.
    """
    client: ServiceClient = request.app.state.client
    passed = {name: value for name, value in request.headers.items() if name in _IN | more_headers}
    async with AsyncExitStack() as opening:
        answer = await opening.enter_async_context(
            client.stream(
                service,
                request.method,
                path or request.url.path,
                actor=actor,
                headers=passed,
                params=dict(request.query_params) or None,
                body=body,
            )
        )
        held = opening.pop_all()
    headers = {name: value for name, value in answer.headers.items() if name in _OUT}

    async def chunks() -> AsyncIterator[bytes]:
        async with held:
            async for chunk in answer.chunks:
                yield chunk

    return StreamingResponse(chunks(), answer.status, headers, background=BackgroundTask(held.aclose))
