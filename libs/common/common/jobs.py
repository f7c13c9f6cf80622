"""Jobs: work that may lag, written in the same transaction as the change that asks for it.

The queue is pgqueuer in a second schema of the service (`<service>_jobs`). `enqueue` is the only door to it:
it runs pgqueuer's SQL through SQLAlchemy's connection, so a rollback takes the job back. A job is retried for
ever with a growing pause (at most five minutes); its receiver must be idempotent.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any

import asyncpg
import orjson
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.executors import EntrypointExecutor
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Context, Job
from pgqueuer.domain.settings import DBSettings
from sqlalchemy.ext.asyncio import AsyncSession

from common import faults, trace
from common.client import ServiceClient
from common.db import Database
from common.ids import as_text
from common.log import log
from common.settings import CommonSettings
from common.telemetry import Telemetry

POLL = timedelta(seconds=1)
HEARTBEAT = timedelta(seconds=4)
AT_ONCE = 4
"""Jobs that one worker runs at the same time: a thousand that are due must not take all from the requests."""
LONGEST_PAUSE_S = 300.0
_RESTART_PAUSE_S = 1.0


@lru_cache
def queue_settings(service: str) -> DBSettings:
    """Where a service's queue lies: its own schema and its own channel."""
    return DBSettings(db_schema=f"{service}_jobs", channel=f"ch_{service}_jobs")


def queries(service: str, connection: "asyncpg.Connection[Any]") -> Queries:
    """pgqueuer's queries for this service's queue."""
    settings = queue_settings(service)
    return Queries(
        AsyncpgDriver(connection),
        QueryBuilderEnvironment(settings),
        QueryQueueBuilder(settings),
        QuerySchedulerBuilder(settings),
    )


@lru_cache
def _enqueue_sql(service: str) -> str:
    return QueryQueueBuilder(queue_settings(service)).build_enqueue_query("skip")


async def enqueue(
    session: AsyncSession,
    name: str,
    payload: dict[str, Any],
    *,
    key: str | None = None,
    delay: timedelta = timedelta(),
) -> None:
    """Ask for a job when the session's transaction commits.

    Args:
        name: a handler's name, `<service>.<verb>_<noun>`.
        payload: JSON values and UUIDs; ids only, never personal data.
        key: while a job with this key waits or runs, another is not added.
        delay: not before this long after the commit (machine time).
    """
    service = name.partition(".")[0]
    current = trace.current()
    headers = orjson.dumps({"traceparent": current.header()} if current else {}).decode()
    await session.flush()
    connection = await session.connection()
    await connection.exec_driver_sql(
        _enqueue_sql(service),
        ([0], [name], [orjson.dumps(payload, default=as_text)], [delay], [key], [headers]),
    )


@lru_cache
def _withdraw_sql(service: str) -> str:
    table = queue_settings(service)
    queue, log_table = (f"{table.db_schema}.{name}" for name in (table.queue_table, table.queue_table_log))
    return (
        f"WITH gone AS (DELETE FROM {queue} WHERE dedupe_key = $1 AND entrypoint = $2 "  # noqa: S608  # our names
        "AND status = 'queued' RETURNING id, entrypoint, priority) "
        f"INSERT INTO {log_table} (job_id, status, entrypoint, priority) "
        "SELECT id, 'deleted', entrypoint, priority FROM gone"
    )


async def withdraw(session: AsyncSession, name: str, *, key: str) -> None:
    """Take a job back that is no longer needed, when the session's transaction commits; one that runs stays.

    Args:
        name, key: as it was asked for.
    """
    connection = await session.connection()
    await connection.exec_driver_sql(_withdraw_sql(name.partition(".")[0]), (key, name))


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a handler works with. `attempt` counts from 1."""

    db: Database
    client: ServiceClient
    settings: CommonSettings
    attempt: int


Handler = Callable[[JobContext, dict[str, Any]], Awaitable[None]]
Periodic = Callable[[JobContext], Awaitable[object]]


@dataclass
class Jobs:
    """The handlers of one service; filled by decorators, run by `Worker`."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    periodic: dict[str, tuple[float, Periodic]] = field(default_factory=dict)

    def handler(self, name: str) -> Callable[[Handler], Handler]:
        """Register a handler; its name begins with the service's."""

        def register(function: Handler) -> Handler:
            if name in self.handlers:
                raise ValueError(f"job {name} has a handler already")
            self.handlers[name] = function
            return function

        return register

    def every(self, seconds: float, name: str) -> Callable[[Periodic], Periodic]:
        """Register a sweep that each worker repeats; it must bear running in several processes at once."""

        def register(function: Periodic) -> Periodic:
            self.periodic[name] = (seconds, function)
            return function

        return register

    def with_sweeps(self, others: "Jobs") -> "Jobs":
        """These, and the sweeps of others."""
        return Jobs(self.handlers, {**others.periodic, **self.periodic})


class _RetryForEver(EntrypointExecutor):
    """Any exception asks for another try; pgqueuer's own retrying executor gives up and deletes the job."""

    async def execute(self, job: Job, context: Context) -> None:
        try:
            await super().execute(job, context)
        except Exception as error:
            pause = min(LONGEST_PAUSE_S, 0.5 * 2 ** min(job.attempts, 20))
            log.warning("job.failed", job=job.entrypoint, attempts=job.attempts, error=type(error).__name__)
            # from None: the queue's log keeps the traceback with all causes, and their words may quote a row
            raise RetryRequested(delay=timedelta(seconds=pause), reason=type(error).__name__) from None


class Worker:
    """Runs a service's jobs and sweeps until stopped; survives a lost database."""

    def __init__(
        self,
        settings: CommonSettings,
        jobs: Jobs,
        database: Database,
        client: ServiceClient,
        telemetry: Telemetry | None = None,
    ) -> None:
        self._settings, self._jobs, self._database, self._client = settings, jobs, database, client
        self._telemetry = telemetry or Telemetry(settings)
        self._stopping = asyncio.Event()
        self._manager: QueueManager | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.healthy = False

    def start(self) -> None:
        """Begin in the background."""
        if self._jobs.handlers:
            self._tasks.append(asyncio.create_task(self._supervise()))
        else:
            self.healthy = True
        for name, (seconds, function) in self._jobs.periodic.items():
            self._tasks.append(asyncio.create_task(self._repeat(name, seconds, function)))

    def leave(self) -> None:
        """Take no more jobs; those that run go on."""
        self._stopping.set()
        if self._manager is not None:
            self._manager.shutdown.set()

    async def stop(self) -> None:
        """Take no more jobs, and wait for those that run."""
        self.leave()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _supervise(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._run()
            except Exception as error:
                log.warning("worker.lost_database", error=type(error).__name__)
            self.healthy = False
            await self._pause(_RESTART_PAUSE_S)

    async def _run(self) -> None:
        connection = await asyncpg.connect(
            self._settings.direct_dsn(),
            server_settings={"application_name": f"{self._settings.service}-worker"},
        )
        try:
            store = queries(self._settings.service, connection)
            channel = queue_settings(self._settings.service).channel
            self._manager = QueueManager(store, channel=channel)
            for name, function in self._jobs.handlers.items():
                self._manager.entrypoint(
                    name, accepts_context=False, on_failure="hold", executor_factory=_RetryForEver
                )(self._entrypoint(function))
            self.healthy = True
            if not self._stopping.is_set():
                await self._manager.run(
                    dequeue_timeout=POLL,
                    heartbeat_timeout=HEARTBEAT,
                    batch_size=AT_ONCE // 2,
                    max_concurrent_tasks=AT_ONCE,
                    shutdown_on_listener_failure=True,
                    log_aggregation_interval=timedelta(),
                )
        finally:
            self._manager = None
            with contextlib.suppress(Exception):
                await connection.close(timeout=2)

    def _entrypoint(self, function: Handler) -> Callable[[Job], Awaitable[None]]:
        async def run(job: Job) -> None:
            headers = job.headers or {}
            begun, attempt = trace.from_header(str(headers.get("traceparent"))), job.attempts + 1
            with trace.use(begun), self._telemetry.job(job.entrypoint, attempt):
                await faults.reach(f"{job.entrypoint}.taken")
                await function(self._context(attempt), orjson.loads(job.payload or b"{}"))
                await faults.reach(f"{job.entrypoint}.done")

        return run

    async def _repeat(self, name: str, seconds: float, function: Periodic) -> None:
        while not self._stopping.is_set():
            try:
                with trace.use(trace.from_header(None)), self._telemetry.sweep(name):
                    await function(self._context(1))
            except Exception as error:
                log.warning("sweep.failed", sweep=name, error=type(error).__name__)
            await self._pause(seconds)

    def _context(self, attempt: int) -> JobContext:
        return JobContext(self._database, self._client, self._settings, attempt)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
