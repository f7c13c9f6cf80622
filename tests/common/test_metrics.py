"""What a scrape shows: the queue, the pool, calls by how they ended; and that the database is away."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import MetaData, delete, table, text
from sqlalchemy.ext.asyncio import AsyncEngine

from common import figures
from common import jobs as jobs_module
from common.app import create_app
from common.client import RemoteProblem
from common.clock import clock
from common.db import ALL_CITIES, cities
from common.errors import OwnerUnavailable
from common.jobs import JobContext, Jobs, enqueue
from common.settings import CommonSettings
from common.telemetry import Telemetry
from common.testing import http
from common.watched import WatchedClient

QUEUE = table("pgqueuer", schema="gateway_jobs")
Started = Callable[[FastAPI], AbstractAsyncContextManager[FastAPI]]
Shown = dict[tuple[str, ...], float]


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each scrape reads anew."""
    monkeypatch.setattr(figures, "KEPT_S", 0.0)


@pytest.fixture(autouse=True)
async def empty_queue(probe_engine: AsyncEngine) -> None:
    """Other tests leave jobs behind."""
    async with probe_engine.begin() as connection:
        await connection.execute(delete(QUEUE))


@pytest.fixture
def made(
    probe_engine: AsyncEngine,
    probe_settings: CommonSettings,
    probe_routers: list[APIRouter],
    metadata: MetaData,
) -> Callable[..., FastAPI]:
    """`made(jobs, worker="on")`: the probe with a pool of its own."""

    def make(jobs: Jobs | None = None, **values: Any) -> FastAPI:
        settings = probe_settings.model_copy(update=values)
        return create_app(settings, title="Probe", routers=probe_routers, metadata=metadata, jobs=jobs)

    return make


async def scrape(app: FastAPI) -> Shown:
    """(series, its labels' values in the order of their names, without the service) -> value."""
    async with http(app) as client:
        answer = await client.get("/metrics", headers={"authorization": ""})
    assert answer.status_code == httpx.codes.OK
    return read(answer.text)


def read(shown: str) -> Shown:
    found: Shown = {}
    for family in text_string_to_metric_families(shown):
        for sample in family.samples:
            labels = {name: value for name, value in sample.labels.items() if name != "service"}
            found[sample.name, *(labels[name] for name in sorted(labels))] = sample.value
    return found


async def test_the_queue_is_shown_though_nobody_works(started: Started, made: Callable[..., FastAPI]) -> None:
    async with started(made()) as app:
        async with app.state.database.write(cities("330800")) as session:
            for number in range(3):
                await enqueue(session, "gateway.waiting", {"number": number})
            await enqueue(session, "gateway.later", {}, delay=timedelta(hours=1))
            await session.execute(
                text(
                    "UPDATE gateway_jobs.pgqueuer SET execute_after = now() - interval '90 seconds'"
                    " WHERE entrypoint = 'gateway.waiting'"
                )
            )
        shown = await scrape(app)
        assert shown["jobs_waiting", "gateway.waiting"] == 3
        assert shown["jobs_running", "gateway.waiting"] == 0
        assert 90 <= shown["jobs_age_seconds", "gateway.waiting"] < 150
        assert shown["jobs_tries", "gateway.waiting"] == 0
        assert shown["jobs_waiting", "gateway.later"] == 1
        assert shown["jobs_age_seconds", "gateway.later"] == 0


async def test_tries_and_crashes_are_counted(
    started: Started, made: Callable[..., FastAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "LONGEST_PAUSE_S", 0.05)
    jobs, third, go_on = Jobs(), asyncio.Event(), asyncio.Event()

    @jobs.handler("gateway.stubborn")
    async def handle(context: JobContext, payload: dict[str, Any]) -> None:
        if context.attempt < 3:
            raise RuntimeError("not yet")
        third.set()
        await go_on.wait()

    async with started(made(jobs, worker="on")) as app:
        async with app.state.database.write(cities("330800")) as session:
            await enqueue(session, "gateway.stubborn", {})
        async with asyncio.timeout(20):
            await third.wait()
        shown = await scrape(app)
        assert shown["jobs_running", "gateway.stubborn"] == 1
        assert shown["jobs_tries", "gateway.stubborn"] == 3
        assert shown["job_seconds_count", "gateway.stubborn", "failed"] == 2
        # a worker that dies leaves the job taken; another takes it once more, which is no further attempt
        async with app.state.database.write(ALL_CITIES) as session:
            await session.execute(
                text(
                    "INSERT INTO gateway_jobs.pgqueuer_log (job_id, status, priority, entrypoint)"
                    " SELECT id, 'picked', priority, entrypoint FROM gateway_jobs.pgqueuer"
                    " WHERE entrypoint = 'gateway.stubborn'"
                )
            )
        assert (await scrape(app))["jobs_tries", "gateway.stubborn"] == 4
        go_on.set()
    assert read_own(app)["job_seconds_count", "gateway.stubborn", "ok"] == 1


def read_own(app: FastAPI) -> Shown:
    """As `scrape`, after the end."""
    return read(generate_latest(app.state.telemetry.metrics.registry).decode())


async def test_sweeps_say_when_they_last_went_well(started: Started, made: Callable[..., FastAPI]) -> None:
    jobs, failed, began = Jobs(), asyncio.Event(), clock.system().timestamp()

    @jobs.every(0.01, "gateway.well")
    async def well(context: JobContext) -> None:
        """All is well."""

    @jobs.every(0.01, "gateway.badly")
    async def badly(context: JobContext) -> None:
        failed.set()
        raise RuntimeError("never")

    async with started(made(jobs, worker="on")) as app:
        async with asyncio.timeout(20):
            await failed.wait()
        shown = await scrape(app)
    assert shown["sweep_last_success_timestamp_seconds", "gateway.well"] >= began
    assert ("sweep_last_success_timestamp_seconds", "gateway.badly") not in shown
    assert shown["sweep_seconds_count", "failed", "gateway.badly"] >= 1


async def test_the_pool_and_its_waiters_are_seen(started: Started, made: Callable[..., FastAPI]) -> None:
    async with started(made(db_pool_size=3)) as app:
        async with app.state.database.read(ALL_CITIES):
            shown = read_own(app)
            assert shown["database_pool_size",] == 3
            assert shown["database_pool_in_use",] == 1
        before = read_own(app)["database_wait_seconds_count",]
        await scrape(app)
        after = read_own(app)
        assert after["database_pool_in_use",] == 0
        assert after["database_wait_seconds_count",] > before
        assert after["database_figures_read",] == 1


async def test_a_scrape_is_answered_while_the_database_is_away(
    started: Started, made: Callable[..., FastAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "PATIENCE_S", 0.05)
    async with started(made(db_pool_size=1)) as app:
        async with app.state.database.write(cities("330800")) as session:
            await enqueue(session, "gateway.waiting", {})
        assert (await scrape(app))["jobs_waiting", "gateway.waiting"] == 1
        held = await app.state.database.engine.connect()  # the only connection
        try:
            shown = await scrape(app)
        finally:
            await held.close()
        assert shown["database_figures_read",] == 0
        assert ("jobs_waiting", "gateway.waiting") not in shown
        assert (await scrape(app))["database_figures_read",] == 1


async def test_figures_are_read_once_in_a_while(
    started: Started, made: Callable[..., FastAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "KEPT_S", 3600.0)
    async with started(made()) as app:
        await asyncio.gather(*(scrape(app) for _ in range(5)))
        assert read_own(app)["database_block_seconds_count", "read"] == 1


class Answering:
    """A client whose next call ends as told."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.open: dict[str, Any] = {}

    async def call(self, service: str, method: str, path: str, **rest: Any) -> Any:
        if self.error is not None:
            raise self.error

    def stream(self, service: str, method: str, path: str, **rest: Any) -> Any:
        raise NotImplementedError

    def states(self) -> dict[str, Any]:
        return self.open

    async def close(self) -> None:
        """Nothing is open."""


def away(cause: Exception | None) -> OwnerUnavailable:
    error = OwnerUnavailable("quota")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "state", "outcome"),
    [
        (None, "closed", "ok"),
        (RemoteProblem("quota", 409, {"code": "quota.place_exhausted"}), "closed", "refused"),
        (away(TimeoutError()), "closed", "timed_out"),
        (away(httpx.ReadTimeout("")), "closed", "timed_out"),
        (away(httpx.ConnectError("")), "closed", "away"),
        (away(ConnectionRefusedError()), "closed", "away"),
        (away(ValueError()), "closed", "failed"),
        (away(None), "open", "open"),
    ],
)
async def test_calls_are_told_apart_by_how_they_ended(
    probe_settings: CommonSettings, error: Exception | None, state: str, outcome: str
) -> None:
    telemetry, answering = Telemetry(probe_settings), Answering()
    client = WatchedClient(answering, telemetry)
    answering.error, answering.open = error, {"quota": state}
    if error is None:
        await client.call("quota", "GET", "/v1/pools")
    else:
        with pytest.raises(type(error)):
            await client.call("quota", "GET", "/v1/pools")
    found = {
        sample.labels["outcome"]: sample.value
        for family in telemetry.metrics.registry.collect()
        for sample in family.samples
        if sample.name == "call_seconds_count"
    }
    assert found == {outcome: 1.0}
    assert telemetry.metrics.registry.get_sample_value(
        "breaker_open", {"service": "gateway", "callee": "quota"}
    ) == float(state == "open")
