"""How many requests one process serves at a time, and how many may wait for their turn.

More at once would not be served sooner: they would share the same processors and connections until all are
late. So the rest waits in order, outside, where a request costs next to nothing; where even that is too many,
it hears so at once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from common.errors import Busy
from common.settings import CommonSettings

RETRY_AFTER_S = 5


class Admission:
    """Places for requests, given in the order of arrival.

    Args:
        places: served at the same time.
        most_waiting: more are refused.
    """

    def __init__(self, places: int, most_waiting: int) -> None:
        self._free = asyncio.Semaphore(places)
        self._most_waiting = most_waiting
        self.serving = 0
        self.waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for the time of the block.

        Raises:
            Busy: none is free, and too many wait already.
        """
        if self._free.locked() and self.waiting >= self._most_waiting:
            raise Busy(headers={"Retry-After": str(RETRY_AFTER_S)})
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.serving += 1
        try:
            yield
        finally:
            self.serving -= 1
            self._free.release()


class Queues:
    """The two queues of a process: requests; and up- and downloads, as long as their client likes."""

    def __init__(self, settings: CommonSettings) -> None:
        self.requests = Admission(settings.max_concurrent_requests, settings.max_waiting_requests)
        self.streams = Admission(settings.max_concurrent_streams, 0)
