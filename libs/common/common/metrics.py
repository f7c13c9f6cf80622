"""What a service counts and times, for Prometheus. Labels are names from the code, never anybody's data."""

from collections.abc import Callable, Iterator
from importlib.metadata import version
from math import nan
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.pool import QueuePool

from common.clock import clock
from common.settings import CommonSettings

if TYPE_CHECKING:
    from common.db import Database

WAITS: Final = (0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0)
WORK: Final = (0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Metrics:
    """A service's own registry, so that several services can share a process."""

    def __init__(self, settings: CommonSettings) -> None:
        service = settings.service
        self._service, self.registry = service, CollectorRegistry()
        self.requests = self._counter("http_requests_total", "Requests answered", "method", "route", "status")
        self.seconds = self._histogram("http_request_seconds", "Time to answer", "method", "route")
        self.calls = self._histogram("call_seconds", "Calls to other services", "callee", "outcome")
        self.jobs = self._histogram("job_seconds", "Tries of jobs", "job", "outcome", buckets=WORK)
        self.sweeps = self._histogram("sweep_seconds", "Rounds of sweeps", "sweep", "outcome", buckets=WORK)
        self.swept = self._gauge("sweep_last_success_timestamp_seconds", "When it last went well", "sweep")
        self.waits = self._histogram(
            "database_wait_seconds", "Time until a block had its connection", buckets=WAITS
        )
        self.blocks = self._histogram("database_block_seconds", "Length of database blocks", "kind")
        self._gauge("service_info", "What runs", "version", "environment").labels(
            service, version(f"shenbao-{service}"), settings.environment
        ).set(1)
        self.watch("business_clock_offset_seconds", "Business clock minus machine's", _clock_offset)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)

    def watch(self, name: str, help: str, read: Callable[[], float]) -> None:
        """A gauge that is read when somebody scrapes."""
        self._gauge(name, help).labels(self._service).set_function(read)

    def watch_pool(self, database: Callable[[], "Database | None"]) -> None:
        """Show the connections of a pool: what it may open, and what is in use."""

        def of(read: Callable[[QueuePool], int]) -> Callable[[], float]:
            def value() -> float:
                found = database()
                pool = found.engine.sync_engine.pool if found and found.engine else None
                return read(pool) if isinstance(pool, QueuePool) else nan

            return value

        self.watch("database_pool_size", "Connections that the pool may open", of(QueuePool.size))
        self.watch("database_pool_in_use", "Connections that blocks hold", of(QueuePool.checkedout))

    def watch_each(self, name: str, help: str, label: str, read: Callable[[], dict[str, float]]) -> None:
        """The same with one label, whose values `read` gives."""
        self.registry.register(_Each(name, help, self._service, label, read))

    def _counter(self, name: str, help: str, *labels: str) -> Counter:
        return Counter(name, help, ["service", *labels], registry=self.registry)

    def _gauge(self, name: str, help: str, *labels: str) -> Gauge:
        return Gauge(name, help, ["service", *labels], registry=self.registry)

    def _histogram(
        self, name: str, help: str, *labels: str, buckets: tuple[float, ...] = Histogram.DEFAULT_BUCKETS
    ) -> Histogram:
        return Histogram(name, help, ["service", *labels], registry=self.registry, buckets=buckets)


def _clock_offset() -> float:
    return round((clock.business() - clock.system()).total_seconds(), 3)


class _Each(Collector):
    def __init__(
        self, name: str, help: str, service: str, label: str, read: Callable[[], dict[str, float]]
    ) -> None:
        self._name, self._help, self._service, self._label, self._read = name, help, service, label, read

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(self._name, self._help, labels=["service", self._label])
        for value, number in self._read().items():
            family.add_metric([self._service, value], number)
        yield family
