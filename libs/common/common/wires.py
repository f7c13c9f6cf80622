"""Connections to other services for JSON calls: kept open, bounded for each service, with aiohttp.

A call over httpx costs several times as much processor time, a fifth of a whole submission. It stays for
streams, which are few and long.
"""

import asyncio
from typing import Final

import aiohttp

from common.answers import Answer

FREE_WITHIN_S: Final = 1.0
"""How long a call waits for a connection when all are taken."""
_KEPT_S: Final = 4.0  # uvicorn closes a connection that was idle for five seconds
_UNSAID: Final = ("Accept", "Accept-Encoding", "User-Agent")


class NoneFree(TimeoutError):
    """All connections to the service were taken; it says nothing about the service."""


class Wires:
    """Connections to every service that is called, each with its own bound.

    Args:
        most: connections to one service.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._free: dict[str, asyncio.Semaphore] = {}
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self, service: str, method: str, url: str, headers: dict[str, str], body: bytes | None, timeout: float
    ) -> Answer:
        """One request and its whole answer; redirects are answers.

        Raises:
            NoneFree: no connection became free.
            TimeoutError: no answer within `timeout` seconds.
            OSError, aiohttp.ClientError: the connection failed, or what came was no HTTP.
        """
        free = self._free.setdefault(service, asyncio.Semaphore(self._most))
        await _taken(free, timeout)
        try:
            async with self._opened().request(
                method,
                url,
                headers=headers,
                data=body,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=timeout),
            ) as response:
                content = await response.read()
                found = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status, found, content)
        finally:
            free.release()

    async def close(self) -> None:
        """Let go of all connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Made in the loop that uses it."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEPT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=_UNSAID,
            )
        return self._session


async def _taken(free: asyncio.Semaphore, timeout: float) -> None:
    if not free.locked():
        await free.acquire()
        return
    try:
        async with asyncio.timeout(min(timeout, FREE_WITHIN_S)):
            await free.acquire()
    except TimeoutError:
        raise NoneFree from None
