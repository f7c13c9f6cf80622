"""Calls to other services, behind one interface: over HTTP, or straight into the app in the same process."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Protocol

import httpx
import orjson
from fastapi import Depends, Request

from common import trace
from common.actor import Actor
from common.db import forbid_open_block
from common.errors import DomainError, OwnerUnavailable
from common.ids import as_text
from common.settings import CommonSettings
from common.tokens import ServiceTokens


class RemoteProblem(DomainError):
    """Another service refused (4xx). Unhandled, it reaches our own caller as the same problem.

    Attributes:
        remote_status: HTTP status.
        remote_code: the problem's stable code.
        problem: the whole problem document.
    """

    def __init__(self, service: str, status: int, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("detail"))
        self.service = service
        self.remote_status = status
        self.remote_code = str(problem.get("code", "common.bad_request"))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (lower-case names) and body of a service's answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class StreamedAnswer:
    """As `Answer`, with the body still to come."""

    status: int
    headers: dict[str, str]
    chunks: AsyncIterator[bytes]


class ServiceClient(Protocol):
    """How one service asks another."""

    async def call(
        self,
        service: str,
        method: str,
        path: str,
        *,
        actor: Actor | None = None,
        cities: Iterable[str] = (),
        json: Any = None,
        params: dict[str, Any] | None = None,
        timeout: float | None = None,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> Any:
        """Send JSON, get JSON (None for an empty answer).

        Args:
            actor: on whose behalf; None: this service for itself, in `cities`.
            timeout: seconds for the whole call.

        Raises:
            OwnerUnavailable: no answer in time, or 5xx.
            RemoteProblem: refused.
            BlockOpen: a database block is open.
        """
        ...

    def stream(
        self,
        service: str,
        method: str,
        path: str,
        *,
        actor: Actor | None = None,
        headers: dict[str, str] | None = None,
        params: dict[str, Any] | None = None,
        body: AsyncIterator[bytes] | None = None,
    ) -> AbstractAsyncContextManager[StreamedAnswer]:
        """Send and receive bodies of any length by chunks, always over HTTP. Refusals are answers too."""
        ...

    async def close(self) -> None: ...


@cache
def _certificates() -> ssl.SSLContext:
    """The machine's certificate authorities, read once: that takes longer than all the rest of a client."""
    return ssl.create_default_context()


class Caller:
    """What both kinds of client share: headers out, problems in; `_send` is theirs."""

    def __init__(self, settings: CommonSettings) -> None:
        self._settings = settings
        self._tokens = ServiceTokens(settings)
        self._http = httpx.AsyncClient(
            timeout=settings.call_timeout_s,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=50),
            trust_env=False,
            verify=_certificates(),
        )

    def _headers(self, service: str, actor: Actor | None, cities: Iterable[str]) -> dict[str, str]:
        headers = {"authorization": f"Bearer {self._tokens.mint(service, actor, cities)}"}
        if actor is not None:
            headers["accept-language"] = actor.lang
        current = trace.current()
        if current is not None:
            headers["traceparent"] = current.header()
        return headers

    async def _send(
        self,
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Answer:
        raise NotImplementedError

    async def call(
        self,
        service: str,
        method: str,
        path: str,
        *,
        actor: Actor | None = None,
        cities: Iterable[str] = (),
        json: Any = None,
        params: dict[str, Any] | None = None,
        timeout: float | None = None,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> Any:
        forbid_open_block(f"calling {service}")
        headers = self._headers(service, actor, cities)
        if idempotency_key is not None:
            headers["idempotency-key"] = idempotency_key
        if if_match is not None:
            headers["if-match"] = f'"{if_match}"'
        body = None
        if json is not None:
            headers["content-type"] = "application/json"
            body = orjson.dumps(json, default=as_text)
        if params:
            path = f"{path}?{httpx.QueryParams({k: v for k, v in params.items() if v is not None})}"
        answer = await self._send(
            service, method, path, headers, body, timeout or self._settings.call_timeout_s
        )
        return _content(service, answer)

    @asynccontextmanager
    async def stream(
        self,
        service: str,
        method: str,
        path: str,
        *,
        actor: Actor | None = None,
        headers: dict[str, str] | None = None,
        params: dict[str, Any] | None = None,
        body: AsyncIterator[bytes] | None = None,
    ) -> AsyncIterator[StreamedAnswer]:
        sent = {**(headers or {}), **self._headers(service, actor, ())}
        url = self._settings.url_of(service) + path
        timeout = httpx.Timeout(self._settings.call_timeout_s, read=60.0, write=60.0)
        try:
            async with self._http.stream(
                method, url, headers=sent, params=params, content=body, timeout=timeout
            ) as response:
                yield StreamedAnswer(
                    response.status_code,
                    {name.lower(): value for name, value in response.headers.items()},
                    response.aiter_raw(),
                )
        except httpx.TransportError as error:
            raise OwnerUnavailable(service) from error

    async def close(self) -> None:
        await self._http.aclose()


def _content(service: str, answer: Answer) -> Any:
    if answer.status >= 500:
        raise OwnerUnavailable(service)
    if not answer.body:
        content: Any = None
    elif "json" in answer.headers.get("content-type", ""):
        content = orjson.loads(answer.body)
    else:
        raise OwnerUnavailable(service)
    if answer.status >= 400:
        raise RemoteProblem(service, answer.status, content if isinstance(content, dict) else {})
    return content


class HttpClient(Caller):
    """Over HTTP, for services in processes of their own."""

    async def _send(
        self,
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Answer:
        url = self._settings.url_of(service) + path
        try:
            async with asyncio.timeout(timeout):
                response = await self._http.request(
                    method, url, headers=headers, content=body, timeout=timeout
                )
        except (httpx.TransportError, TimeoutError) as error:
            raise OwnerUnavailable(service) from error
        found = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, found, response.content)


async def get_client(request: Request) -> ServiceClient:
    """The app's service client."""
    client: ServiceClient = request.app.state.client
    return client


ClientDep = Annotated[ServiceClient, Depends(get_client)]
