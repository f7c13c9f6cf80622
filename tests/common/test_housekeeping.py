"""Keys and log lines go when they are old, and not before; several workers may sweep at once."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, table, text
from sqlalchemy.ext.asyncio import AsyncEngine

from common import housekeeping
from common import jobs as jobs_module
from common.client import HttpClient
from common.clock import clock
from common.db import ALL_CITIES, Database, cities
from common.ids import new_id
from common.jobs import JobContext, Jobs, Worker, enqueue
from common.settings import CommonSettings
from common.tables import IDEMPOTENCY

LOG = table("pgqueuer_log", schema="gateway_jobs")


@pytest.fixture
def context(probe_engine: AsyncEngine, probe_settings: CommonSettings, metadata: Any) -> JobContext:
    """With real commits: batches are transactions of their own."""
    return JobContext(Database(probe_engine, metadata), HttpClient(probe_settings), probe_settings, 1)


async def count(context: JobContext, rows: Any) -> int:
    async with context.db.read(ALL_CITIES) as session:
        return await session.scalar(select(func.count()).select_from(rows)) or 0


async def keys_of_age(context: JobContext, metadata: Any, number: int, hours: float) -> None:
    keys, started = metadata.tables[IDEMPOTENCY], clock.system() - timedelta(hours=hours)
    rows = [
        {
            "id": new_id(),
            "actor": "a",
            "route": f"POST /{hours}",
            "key": str(one),
            "body_hash": "",
            "status": 201,
        }
        | {"started_at": started, "media_type": "application/json", "body": b"{}"}
        for one in range(number)
    ]
    async with context.db.write(ALL_CITIES) as session:
        await session.execute(insert(keys), rows)


async def test_old_keys_go_by_batches_and_young_ones_stay(
    context: JobContext, metadata: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = metadata.tables[IDEMPOTENCY]
    async with context.db.write(ALL_CITIES) as session:
        await session.execute(delete(keys))
    kept = context.settings.idempotency_keep_h
    await keys_of_age(context, metadata, 7, kept + 0.1)
    await keys_of_age(context, metadata, 2, kept - 0.1)
    monkeypatch.setattr(housekeeping, "BATCH", 3)
    assert await housekeeping.delete_idempotency_keys(context) == 7
    assert await count(context, keys) == 2
    assert await housekeeping.delete_idempotency_keys(context) == 0


async def test_two_workers_sweep_side_by_side(
    context: JobContext, metadata: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = metadata.tables[IDEMPOTENCY]
    async with context.db.write(ALL_CITIES) as session:
        await session.execute(delete(keys))
    await keys_of_age(context, metadata, 40, 1000)
    monkeypatch.setattr(housekeeping, "BATCH", 3)
    done = await asyncio.gather(*(housekeeping.delete_idempotency_keys(context) for _ in range(4)))
    left = await count(context, keys)
    assert sum(done) + left == 40
    assert await housekeeping.delete_idempotency_keys(context) == left


async def test_the_log_of_the_queue_is_kept_for_a_while(context: JobContext) -> None:
    async with context.db.write(ALL_CITIES) as session:
        await session.execute(delete(LOG))
    async with context.db.write(cities("330800")) as session:
        for number in range(3):
            await enqueue(session, "gateway.logged", {"number": number}, delay=timedelta(days=1))
    assert await housekeeping.delete_job_log(context) == 0
    async with context.db.write(ALL_CITIES) as session:
        old = {"hours": context.settings.job_log_keep_h + 1}
        await session.execute(
            text("UPDATE gateway_jobs.pgqueuer_log SET created = now() - :hours * interval '1 hour'"), old
        )
    waiting = text("SELECT count(*) FROM gateway_jobs.pgqueuer WHERE entrypoint = 'gateway.logged'")
    assert await housekeeping.delete_job_log(context) == 3
    async with context.db.read(ALL_CITIES) as session:
        assert await session.scalar(waiting) == 3


async def test_the_log_of_the_queue_quotes_no_row(
    context: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "LONGEST_PAUSE_S", 0.05)
    jobs, again = Jobs(), asyncio.Event()

    @jobs.handler("gateway.quote")
    async def quote(ctx: JobContext, payload: dict[str, Any]) -> None:
        if ctx.attempt > 1:
            again.set()
            return
        async with ctx.db.read(ALL_CITIES) as session:
            await session.execute(text("SELECT CAST(:phone AS integer)"), {"phone": "139-words-of-a-row"})

    async with context.db.write(cities("330800")) as session:
        await enqueue(session, "gateway.quote", {})
    await _run(context, jobs, again.wait)
    async with context.db.read(ALL_CITIES) as session:
        logged = text(
            "SELECT traceback::text FROM gateway_jobs.pgqueuer_log"
            " WHERE entrypoint = 'gateway.quote' AND traceback IS NOT NULL"
        )
        (line,) = (await session.scalars(logged)).all()
    assert "RetryRequested" in line
    assert "words-of-a-row" not in line


async def _run(context: JobContext, jobs: Jobs, until: Callable[[], Any]) -> None:
    worker = Worker(context.settings, jobs, context.db, context.client)
    worker.start()
    try:
        async with asyncio.timeout(20):
            await until()
    finally:
        await worker.stop()
        await context.client.close()
