"""Guide packs, read once per published version: a version never changes."""

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from common.errors import OwnerUnavailable
from guide import Pack, PackRefused, load_pack

if TYPE_CHECKING:
    from gateway.graph.context import Context

_KEPT = 64


class Packs:
    """Cache of packs by guide and version, shared by all requests of this process."""

    def __init__(self) -> None:
        self._packs: OrderedDict[tuple[str, str], Pack] = OrderedDict()
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    async def version(self, context: "Context", guide: str, version: str) -> Pack:
        """A published version.

        Raises:
            OwnerUnavailable: intake does not answer, or answers with something that is no pack.
            RemoteProblem: there is no such version.
        """
        key = (guide, version)
        if key not in self._packs:
            lock = self._locks.setdefault(key, asyncio.Lock())
            async with lock:
                if key not in self._packs:
                    await self._read(context, key)
            self._locks.pop(key, None)
        self._packs.move_to_end(key)
        return self._packs[key]

    async def _read(self, context: "Context", key: tuple[str, str]) -> None:
        answer: dict[str, Any] = await context.ask("intake", "GET", f"/v1/guides/{key[0]}/versions/{key[1]}")
        try:
            pack = await asyncio.to_thread(load_pack, answer["text"])
        except PackRefused as error:
            raise OwnerUnavailable("intake") from error
        self._packs[key] = pack
        while len(self._packs) > _KEPT:
            self._packs.popitem(last=False)

    async def current(self, context: "Context", guide: str) -> Pack | None:
        """The version that the call points to now; None: no such call, or nothing published."""
        call = await context.loaders.calls.load(guide)
        if call is None or not call.get("version"):
            return None
        return await self.version(context, guide, call["version"])
