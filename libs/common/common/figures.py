"""Gauges that are read from a service's database when somebody scrapes: what waits, and for how long.

Every process with a database has them, APIs too: they are seen while no worker runs. A reading is kept for
some seconds; while the database is away there are none, and `database_figures_read` is 0.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import ALL_CITIES, Database
from common.log import log
from common.metrics import Metrics

KEPT_S: Final = 5.0
PATIENCE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A gauge. `labels`: names of its labels, whose values come from the code or are city codes."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a figure, with its labels' values."""

    figure: Figure
    value: float
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures that are read together, in one short block over all cities."""

    described: Sequence[Figure]
    read: Callable[[AsyncSession], Awaitable[Iterable[Sample]]]


class Board(Collector):
    """The figures of one service, as Prometheus gets them."""

    def __init__(self, service: str, groups: Sequence[Figures], metrics: Metrics) -> None:
        self._service, self._groups = service, groups
        self._samples: list[Sample] = []
        self._read = False
        self._read_at = float("-inf")
        self._turn = asyncio.Lock()
        if groups:
            metrics.registry.register(self)
            metrics.watch("database_figures_read", "1: the last reading went well", lambda: self._read)

    @property
    def figures(self) -> list[Figure]:
        """What it shows."""
        return [figure for group in self._groups for figure in group.described]

    async def refresh(self, database: Database | None) -> None:
        """Read all figures, unless that has just been done; a database that is away is logged, not raised."""
        async with self._turn:
            if database is None or time.monotonic() - self._read_at < KEPT_S:
                return
            found: list[Sample] = []
            try:
                async with asyncio.timeout(PATIENCE_S):
                    for group in self._groups:
                        async with database.read(ALL_CITIES) as session:
                            found += await group.read(session)
            except Exception as error:
                self._samples, self._read = [], False
                log.warning("figures.unread", error=type(error).__name__)
            else:
                self._samples, self._read = found, True
            self._read_at = time.monotonic()

    def collect(self) -> Iterator[Metric]:
        families = {
            figure.name: GaugeMetricFamily(figure.name, figure.help, labels=["service", *figure.labels])
            for figure in self.figures
        }
        for sample in self._samples:
            families[sample.figure.name].add_metric([self._service, *sample.labels], sample.value)
        yield from families.values()
