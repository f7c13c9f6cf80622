"""A job is written with the change, runs once it is committed, and is retried until it succeeds."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from common import jobs as jobs_module
from common import trace
from common.client import HttpClient
from common.db import Database, cities
from common.jobs import JobContext, Jobs, Worker, enqueue, withdraw
from common.settings import CommonSettings

SCOPE = cities("330800")


class Seen:
    """What a handler saw, and a way to wait for it."""

    def __init__(self, wanted: int) -> None:
        self.payloads: list[dict[str, Any]] = []
        self.traces: list[str | None] = []
        self._wanted = wanted
        self._done = asyncio.Event()

    def note(self, payload: dict[str, Any]) -> None:
        self.payloads.append(payload)
        self.traces.append(trace.current_id())
        if len(self.payloads) >= self._wanted:
            self._done.set()

    async def all(self) -> None:
        async with asyncio.timeout(20):
            await self._done.wait()


@pytest.fixture
def committed(probe_engine: AsyncEngine, metadata: Any) -> Database:
    return Database(probe_engine, metadata)


async def _run(settings: CommonSettings, jobs: Jobs, database: Database, until: Callable[[], Any]) -> None:
    client = HttpClient(settings)
    worker = Worker(settings, jobs, database, client)
    worker.start()
    try:
        await until()
    finally:
        await worker.stop()
        await client.close()


async def test_a_committed_job_runs_and_a_rolled_back_one_does_not(
    committed: Database, probe_settings: CommonSettings
) -> None:
    jobs, seen = Jobs(), Seen(1)

    @jobs.handler("gateway.note_word")
    async def handle(context: JobContext, payload: dict[str, Any]) -> None:
        seen.note(payload)

    async def fail() -> None:
        async with committed.write(SCOPE) as session:
            await enqueue(session, "gateway.note_word", {"word": "lost"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    with trace.use(trace.from_header(None)) as current:
        async with committed.write(SCOPE) as session:
            await enqueue(session, "gateway.note_word", {"word": "kept"})
    await _run(probe_settings, jobs, committed, seen.all)
    assert seen.payloads == [{"word": "kept"}]
    assert seen.traces == [current.trace_id]


async def test_a_job_that_is_no_longer_needed_is_taken_back_by_its_key(
    committed: Database, probe_settings: CommonSettings
) -> None:
    jobs, seen = Jobs(), Seen(1)

    @jobs.handler("gateway.spare_word")
    async def handle(context: JobContext, payload: dict[str, Any]) -> None:
        seen.note(payload)

    async with committed.write(SCOPE) as session:
        for key in ("gone", "kept"):
            await enqueue(session, "gateway.spare_word", {"word": key}, key=f"spare/{key}")

    async def undecided() -> None:
        async with committed.write(SCOPE) as session:
            await withdraw(session, "gateway.spare_word", key="spare/kept")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await undecided()
    async with committed.write(SCOPE) as session:
        await withdraw(session, "gateway.spare_word", key="spare/gone")
        await withdraw(session, "gateway.other", key="spare/kept")
    await _run(probe_settings, jobs, committed, seen.all)
    assert seen.payloads == [{"word": "kept"}]


async def test_a_failing_job_is_tried_again(
    committed: Database, probe_settings: CommonSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "LONGEST_PAUSE_S", 0.05)
    jobs, seen, attempts = Jobs(), Seen(1), []

    @jobs.handler("gateway.fail_twice")
    async def handle(context: JobContext, payload: dict[str, Any]) -> None:
        attempts.append(context.attempt)
        if len(attempts) < 3:
            raise RuntimeError("not yet")
        seen.note(payload)

    async with committed.write(SCOPE) as session:
        await enqueue(session, "gateway.fail_twice", {})
    await _run(probe_settings, jobs, committed, seen.all)
    assert attempts == [1, 2, 3]


async def test_a_keyed_job_waits_only_once(committed: Database, probe_settings: CommonSettings) -> None:
    jobs, seen = Jobs(), Seen(2)

    @jobs.handler("gateway.keyed")
    async def handle(context: JobContext, payload: dict[str, Any]) -> None:
        seen.note(payload)

    async with committed.write(SCOPE) as session:
        for number in (1, 2):
            await enqueue(session, "gateway.keyed", {"number": number}, key="same")
        await enqueue(session, "gateway.keyed", {"number": 3}, key="other")
    await _run(probe_settings, jobs, committed, seen.all)
    assert sorted(payload["number"] for payload in seen.payloads) == [1, 3]


async def test_a_sweep_survives_its_errors(committed: Database, probe_settings: CommonSettings) -> None:
    jobs, seen = Jobs(), Seen(3)

    @jobs.every(0.01, "probe.sweep")
    async def sweep(context: JobContext) -> None:
        seen.note({})
        raise RuntimeError("again")

    await _run(probe_settings, jobs, committed, seen.all)
    assert len(seen.payloads) >= 3
