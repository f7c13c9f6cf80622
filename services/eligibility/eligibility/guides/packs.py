"""Compiled packs in memory: immutable by content hash, so a kept one is never stale."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from guide import Pack, load_pack


class Packs:
    """The packs used last, by version.

    Args:
        size: how many are kept.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[str, Pack] = OrderedDict()
        self._loading: dict[str, asyncio.Future[Pack]] = {}

    def kept(self, version: str) -> Pack | None:
        """The pack of a version, if it is in memory."""
        return self._kept.get(version)

    async def get(self, version: str, text: Callable[[], Awaitable[str]]) -> Pack:
        """The pack of a version; its text is fetched and compiled (in a thread) at the first use only.

        Requests that arrive meanwhile wait for the same work. A failure is not kept.
        """
        known = self._kept.get(version)
        if known is not None:
            self._kept.move_to_end(version)
            return known
        running = self._loading.get(version)
        if running is None:
            # a task of its own: a caller that gives up leaves the work to the others
            running = self._loading[version] = asyncio.ensure_future(self._load(version, text))
            running.add_done_callback(lambda done: self._forget(version, done))
        return await asyncio.shield(running)

    def _forget(self, version: str, done: "asyncio.Future[Pack]") -> None:
        self._loading.pop(version, None)
        if not done.cancelled():
            done.exception()  # marks it as seen where every caller has gone

    async def _load(self, version: str, text: Callable[[], Awaitable[str]]) -> Pack:
        pack = await asyncio.to_thread(load_pack, await text())
        self._kept[version] = pack
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return pack
