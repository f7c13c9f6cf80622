"""A service client that is counted, timed and traced."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import httpx

from common.answers import StreamedAnswer
from common.breaker import State
from common.client import RemoteProblem, ServiceClient
from common.telemetry import Telemetry


class WatchedClient:
    """Hands every call on to `client`; see `common.client.ServiceClient`."""

    def __init__(self, client: ServiceClient, telemetry: Telemetry) -> None:
        self.client, self._telemetry = client, telemetry
        telemetry.metrics.watch_each(
            "breaker_open", "1 while calls to this service are refused", "callee", self._open
        )

    async def call(self, service: str, method: str, path: str, **rest: Any) -> Any:
        with self._telemetry.call(service, method, lambda error: self._outcome(service, error)):
            return await self.client.call(service, method, path, **rest)

    @asynccontextmanager
    async def stream(
        self, service: str, method: str, path: str, **rest: Any
    ) -> AsyncIterator[StreamedAnswer]:
        async with AsyncExitStack() as opened:
            # until the answer begins: its end may come in another task, which has another trace
            with self._telemetry.call(service, method, lambda error: self._outcome(service, error)):
                answer = await opened.enter_async_context(self.client.stream(service, method, path, **rest))
            yield answer

    def states(self) -> dict[str, State]:
        return self.client.states()

    async def close(self) -> None:
        await self.client.close()

    def _open(self) -> dict[str, float]:
        return {service: float(state == "open") for service, state in self.states().items()}

    def _outcome(self, service: str, error: BaseException) -> str:
        """refused (4xx), timed_out, away, open (by the breaker), cancelled, or failed (5xx, nonsense)."""
        if isinstance(error, RemoteProblem):
            return "refused"
        if not isinstance(error, Exception):
            return "cancelled"
        cause = error.__cause__
        if isinstance(cause, TimeoutError | httpx.TimeoutException):
            return "timed_out"
        if isinstance(cause, OSError | aiohttp.ClientError | httpx.RequestError):
            return "away"
        return "open" if cause is None and self.states().get(service) == "open" else "failed"
