"""Calls to other services, behind one interface: over HTTP, or straight into the app in the same process."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import Annotated, Any, Protocol

import aiohttp
import httpx
import orjson
from fastapi import Depends, Request

from common import arrival, trace
from common.actor import Actor
from common.answers import Answer, StreamedAnswer, Unusable, away_behind, read
from common.breaker import Breaker, State
from common.db import forbid_open_block
from common.errors import DomainError, OwnerUnavailable
from common.ids import as_text
from common.settings import CommonSettings
from common.tokens import ServiceTokens
from common.wires import NoneFree, Wires


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
            OwnerUnavailable: no answer in time or none that can be read, 5xx, or its breaker is open.
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

    def states(self) -> dict[str, State]:
        """The breakers' states, by called service; those not called yet are left out."""
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
        self._breakers: dict[str, Breaker] = {}
        self._pools: dict[str, httpx.AsyncClient] = {}

    def _breaker(self, service: str) -> Breaker:
        if service not in self._breakers:
            self._breakers[service] = Breaker(
                service,
                failures=self._settings.breaker_failures,
                window_s=self._settings.breaker_window_s,
                pause_s=self._settings.breaker_pause_s,
            )
        return self._breakers[service]

    def _streams(self, service: str) -> httpx.AsyncClient:
        """Connections of its own for the streams of each service: nobody eats those of the others."""
        if service not in self._pools:
            most = self._settings.max_concurrent_streams
            self._pools[service] = httpx.AsyncClient(
                limits=httpx.Limits(max_connections=most, max_keepalive_connections=most // 2),
                trust_env=False,
                verify=_certificates(),
            )
        return self._pools[service]

    def states(self) -> dict[str, State]:
        return {service: breaker.state for service, breaker in self._breakers.items()}

    def _headers(self, service: str, actor: Actor | None, cities: Iterable[str]) -> dict[str, str]:
        headers = {"authorization": f"Bearer {self._tokens.mint(service, actor, cities)}"}
        if actor is not None:
            headers["accept-language"] = actor.lang
        current = trace.current()
        if current is not None:
            headers["traceparent"] = current.header()
        arrived = arrival.current()
        if arrived is not None:
            headers[arrival.HEADER] = arrived.isoformat()
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
        """
        Raises:
            TimeoutError, OSError, aiohttp.ClientError: no answer.
        """
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
        patience = timeout or self._settings.call_timeout_s
        breaker = self._breaker(service)
        breaker.admit(patience)
        try:
            content = read(await self._send(service, method, path, headers, body, patience))
        except _FAILURES as error:
            if self._counts(error, patience):
                breaker.failed()
            raise OwnerUnavailable(service) from error
        breaker.succeeded()
        return _accepted(service, *content)

    def _counts(self, error: Exception, patience_s: float) -> bool:
        """Does it tell something about the service? Not when we had no connection left, or hardly waited."""
        if isinstance(error, NoneFree):
            return False
        return not isinstance(error, TimeoutError) or patience_s >= self._settings.call_timeout_s / 2

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
        patience, breaker = self._settings.call_timeout_s, self._breaker(service)
        timeout = httpx.Timeout(patience, read=60.0, write=60.0)
        breaker.admit(patience)
        try:
            async with self._streams(service).stream(
                method, url, headers=sent, params=params, content=body, timeout=timeout
            ) as response:
                breaker.succeeded()
                yield StreamedAnswer(
                    response.status_code,
                    {name.lower(): value for name, value in response.headers.items()},
                    response.aiter_raw(),
                )
        except httpx.TransportError as error:
            if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                breaker.failed()
            raise OwnerUnavailable(service) from error

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()


_FAILURES = (Unusable, TimeoutError, OSError, aiohttp.ClientError)


def _accepted(service: str, status: int, content: Any) -> Any:
    """
    Raises:
        OwnerUnavailable, RemoteProblem: as `ServiceClient.call`.
    """
    if status >= 500:
        raise OwnerUnavailable(away_behind(content) or service)
    if status >= 400:
        raise RemoteProblem(service, status, content if isinstance(content, dict) else {})
    return content


class HttpClient(Caller):
    """Over HTTP, for services in processes of their own."""

    def __init__(self, settings: CommonSettings) -> None:
        super().__init__(settings)
        self._wires = Wires(settings.max_connections)

    async def _send(
        self,
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Answer:
        async with asyncio.timeout(timeout):
            return await self._wires.send(
                service, method, self._settings.url_of(service) + path, headers, body, timeout
            )

    async def close(self) -> None:
        await self._wires.close()
        await super().close()


async def get_client(request: Request) -> ServiceClient:
    """The app's service client."""
    client: ServiceClient = request.app.state.client
    return client


ClientDep = Annotated[ServiceClient, Depends(get_client)]
