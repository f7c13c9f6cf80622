"""Processes that judge for one impact: they start with it, end with it, and give way to everything else."""

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar, TypeVarTuple

from common.admission import Admission
from eligibility.impact import replay

Ts = TypeVarTuple("Ts")
R = TypeVar("R")


class Workers:
    """The processes of one impact."""

    def __init__(self, pool: ProcessPoolExecutor, count: int) -> None:
        self._pool = pool
        self.count = count

    def start(self, function: Callable[[*Ts], R], *arguments: *Ts) -> "asyncio.Future[R]":
        """Have it done by one of them; what is still waiting when the impact ends is dropped."""
        return asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)


class Impacts:
    """How many impacts run in this process, and with how many processes each.

    Args:
        at_once: more are refused.
        processes: None: one for each processor.
    """

    def __init__(self, at_once: int, processes: int | None) -> None:
        self._places = Admission(at_once, 0)
        self._processes = processes or os.cpu_count() or 1

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Workers]:
        """A place, and the processes, for as long as somebody listens.

        Raises:
            Busy: as many impacts as may be are running.
        """
        async with self._places.place():
            # spawned, not forked: this process has threads, connections and an event loop
            context: Any = multiprocessing.get_context("spawn")
            pool = ProcessPoolExecutor(
                self._processes, mp_context=context, initializer=replay.leave_with_parent
            )
            try:
                yield Workers(pool, self._processes)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
