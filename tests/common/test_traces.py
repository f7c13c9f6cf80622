"""Spans for a collector: ids of our own, nothing but names and numbers, and no harm when it is away."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import SecretStr
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.collector import Collector, running_collector

from common import trace
from common.app import create_app
from common.db import cities
from common.errors import OwnerUnavailable
from common.jobs import JobContext, Jobs, enqueue
from common.roles import Role
from common.settings import CommonSettings
from common.spans import FLUSH_S
from common.testing import actor, http

Started = Callable[[FastAPI], AbstractAsyncContextManager[FastAPI]]
SERVER, CLIENT, CONSUMER = 2, 3, 5
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
HEADER = {"traceparent": f"00-{TRACE}-{PARENT}-01"}


@pytest.fixture
def collector() -> Iterator[tuple[Collector, str]]:
    with running_collector() as running:
        yield running


@pytest.fixture
def made(
    probe_engine: AsyncEngine,
    probe_settings: CommonSettings,
    probe_routers: list[APIRouter],
    metadata: MetaData,
) -> Any:
    """`made(otlp_endpoint=…)`: the probe with these settings and its own pool."""

    def make(jobs: Jobs | None = None, **values: Any) -> FastAPI:
        settings = probe_settings.model_copy(update=values)
        return create_app(settings, title="Probe", routers=probe_routers, metadata=metadata, jobs=jobs)

    return make


async def test_a_request_is_a_span_under_the_callers(
    started: Started, made: Any, collector: tuple[Collector, str]
) -> None:
    heard, endpoint = collector
    secret = {"x-key": SecretStr("only-for-us")}
    probe = made(otlp_endpoint=endpoint, otlp_headers=secret, instance="probe-1")
    async with started(probe), http(probe, actor(Role.officer)) as client:
        answer = await client.get("/v1/notes?secret=words", headers=HEADER)
        failed = await client.get("/v1/broken")
        await client.get("/readyz")
        await client.get("/metrics")
    assert answer.headers["trace-id"] == TRACE
    block, request = sorted(heard.of_trace(TRACE), key=lambda span: span.kind, reverse=True)
    assert (request.name, request.kind, request.parent_id) == ("GET /v1/notes", SERVER, PARENT)
    assert request.attributes == {
        "http.request.method": "GET",
        "http.route": "/v1/notes",
        "http.response.status_code": 200,
    }
    assert not request.failed
    assert (block.name, block.kind, block.parent_id) == ("read block", CLIENT, request.span_id)
    assert set(block.attributes) == {"db.system.name", "db.wait_ms"}
    assert 0 < block.seconds <= request.seconds
    assert request.resource == {
        "service.name": "gateway",
        "service.version": "0.1.0",
        "service.instance.id": "probe-1",
        "deployment.environment.name": "test",
    }
    (broken,) = heard.of_trace(failed.headers["trace-id"])
    assert (broken.failed, broken.attributes["error.type"], broken.parent_id) == (True, "500", "")
    # probes leave no traces
    assert {span.name for span in heard.spans} == {"GET /v1/notes", "read block", "GET /v1/broken"}
    assert {headers["x-key"] for headers in heard.headers} == {"only-for-us"}


async def test_a_job_belongs_to_the_trace_that_asked_for_it(
    started: Started, made: Any, collector: tuple[Collector, str]
) -> None:
    heard, endpoint = collector
    jobs, done = Jobs(), asyncio.Event()

    @jobs.handler("gateway.traced")
    async def handle(context: JobContext, payload: dict[str, Any]) -> None:
        done.set()

    async with started(made(jobs, otlp_endpoint=endpoint, worker="on")) as app:
        with trace.use(trace.from_header(HEADER["traceparent"])) as asking:
            async with app.state.database.write(cities("330800")) as session:
                await enqueue(session, "gateway.traced", {"word": "secret-words"})
        async with asyncio.timeout(20):
            await done.wait()
    spans = {span.name: span for span in heard.of_trace(TRACE)}
    assert set(spans) == {"write block", "gateway.traced"}
    job = spans["gateway.traced"]
    assert (job.kind, job.parent_id) == (CONSUMER, asking.span_id)
    assert job.attributes == {"job.attempt": 1, "outcome": "ok"}
    sweeps = {span.name: span for span in heard.spans if span.name.startswith("common.delete")}
    assert {span.parent_id for span in sweeps.values()} == {""}


async def test_a_call_is_a_span_between_caller_and_callee(
    started: Started, made: Any, collector: tuple[Collector, str]
) -> None:
    heard, endpoint = collector
    async with started(made(otlp_endpoint=endpoint, quota_url="http://127.0.0.1:9")) as app:
        calling = app.state.client.call("quota", "GET", "/v1/pools/secret-words", cities=["330800"])
        with trace.use(trace.from_header(HEADER["traceparent"])) as asking, pytest.raises(OwnerUnavailable):
            await calling
    (call,) = heard.of_trace(TRACE)
    assert (call.name, call.kind, call.parent_id) == ("GET quota", CLIENT, asking.span_id)
    assert call.failed
    assert call.attributes == {
        "http.request.method": "GET",
        "peer.service": "quota",
        "outcome": "away",
        "error.type": "away",
    }


async def test_a_ratio_sends_whole_traces_or_nothing_of_them(
    started: Started, made: Any, collector: tuple[Collector, str]
) -> None:
    heard, endpoint = collector
    low, high = f"{7:032x}", "f" * 32
    probe = made(otlp_endpoint=endpoint, otlp_ratio=0.5)
    async with started(probe), http(probe, actor(Role.officer)) as client:
        for trace_id in (low, high):
            await client.get("/v1/notes", headers={"traceparent": f"00-{trace_id}-{PARENT}-01"})
    assert len(heard.of_trace(low)) == 2
    assert heard.of_trace(high) == []


async def test_a_collector_that_refuses_or_is_away_changes_nothing(
    started: Started, made: Any, collector: tuple[Collector, str], capsys: pytest.CaptureFixture[str]
) -> None:
    heard, endpoint = collector
    heard.status = 400
    for where in (endpoint, "http://127.0.0.1:9"):
        async with asyncio.timeout(FLUSH_S + 15), started(made(otlp_endpoint=where)) as app:
            async with http(app, actor(Role.officer)) as client:
                answers = [await client.get("/v1/notes") for _ in range(3)]
            assert {answer.status_code for answer in answers} == {httpx.codes.OK}
    assert heard.refused >= 1
    assert heard.spans == []
    said = capsys.readouterr().err
    assert "telemetry.collector_away" in said
    assert "127.0.0.1" not in said


def test_without_a_collector_nothing_of_it_is_imported() -> None:
    program = "import sys, common.app; sys.exit('opentelemetry.sdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
