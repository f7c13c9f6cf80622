"""What a service tells of its work: counts and times always, spans where a collector is named."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from prometheus_client import Histogram

from common import trace
from common.clock import clock
from common.errors import DomainError
from common.metrics import Metrics
from common.settings import CommonSettings

if TYPE_CHECKING:
    from common.spans import Spans

OPERATIONS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Routes of probes: counted, but in no trace."""
_ANSWERED: Final = ("ok", "refused")
Said = Mapping[str, str | int | float]
Outcome = Callable[[BaseException], str]


def _of_own_work(error: BaseException) -> str:
    return "failed" if isinstance(error, Exception) else "cancelled"


def _spans(settings: CommonSettings) -> "Spans | None":
    if settings.otlp_endpoint is None:
        return None
    from common.spans import Spans  # some megabytes, for those who want it

    return Spans(settings, settings.otlp_endpoint)


class Telemetry:
    """One service's; everything that works for it reports here."""

    def __init__(self, settings: CommonSettings) -> None:
        self._service = settings.service
        self.metrics = Metrics(settings)
        self._spans = _spans(settings)

    async def close(self) -> None:
        """Send what has not been sent yet."""
        if self._spans is not None:
            await self._spans.close()

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request has been answered; called inside its trace. `route` is the template, never the path."""
        self.metrics.requests.labels(self._service, method, route, str(status)).inc()
        self.metrics.seconds.labels(self._service, method, route).observe(seconds)
        if route not in OPERATIONS:
            said: Said = {
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": status,
            }
            self._ended(f"{method} {route}", "server", seconds, said, str(status) if status >= 500 else None)

    @contextmanager
    def call(self, callee: str, method: str, outcome_of: Outcome) -> Iterator[None]:
        """Around a call to another service, which is a step of its own in the trace."""
        current = trace.current()
        with trace.use(current.child() if current else trace.from_header(None)):
            said = {"http.request.method": method, "peer.service": callee}
            with self._step("client", f"{method} {callee}", self.metrics.calls, callee, said, outcome_of):
                yield

    @contextmanager
    def job(self, name: str, attempt: int) -> Iterator[None]:
        """Around one try of a job, inside its trace."""
        with self._step("job", name, self.metrics.jobs, name, {"job.attempt": attempt}):
            yield

    @contextmanager
    def sweep(self, name: str) -> Iterator[None]:
        """Around one round of a sweep, inside its trace."""
        with self._step("job", name, self.metrics.sweeps, name, {}):
            yield
        self.metrics.swept.labels(self._service, name).set(clock.system().timestamp())

    @contextmanager
    def block(self, kind: str) -> Iterator[Callable[[], None]]:
        """Around a database block; what it yields is called once the block has its connection."""
        started = time.perf_counter()
        connected_at = failure = None

        def connected() -> None:
            nonlocal connected_at
            connected_at = time.perf_counter()

        try:
            yield connected
        except Exception as error:
            failure = None if isinstance(error, DomainError) else type(error).__name__
            raise
        finally:
            ended = time.perf_counter()
            seconds, waited = ended - started, (connected_at or ended) - started
            self.metrics.waits.labels(self._service).observe(waited)
            self.metrics.blocks.labels(self._service, kind).observe(seconds)
            current = trace.current()
            if self._spans is not None and current is not None:
                said: Said = {"db.system.name": "postgresql", "db.wait_ms": round(waited * 1000, 3)}
                self._spans.ended(current.child(), f"{kind} block", "client", seconds, said, failure)

    @contextmanager
    def _step(
        self,
        kind: str,
        name: str,
        seconds_of: Histogram,
        what: str,
        said: Said,
        outcome_of: Outcome = _of_own_work,
    ) -> Iterator[None]:
        started, outcome = time.perf_counter(), "ok"
        try:
            yield
        except BaseException as error:
            outcome = outcome_of(error)
            raise
        finally:
            seconds = time.perf_counter() - started
            seconds_of.labels(self._service, what, outcome).observe(seconds)
            failure = None if outcome in _ANSWERED else outcome
            self._ended(name, kind, seconds, {**said, "outcome": outcome}, failure)

    def _ended(self, name: str, kind: str, seconds: float, said: Said, error: str | None) -> None:
        step = trace.current()
        if self._spans is not None and step is not None:
            self._spans.ended(step, name, kind, seconds, said, error)
