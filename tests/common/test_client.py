"""Calls to other services: in this process or over HTTP, the caller sees the same."""

import asyncio
from collections.abc import AsyncIterator
from contextvars import ContextVar

import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from common import trace
from common.client import HttpClient, RemoteProblem
from common.errors import OwnerUnavailable
from common.inprocess import InProcessClient
from common.roles import Role
from common.settings import CommonSettings
from common.testing import actor, settings_for

_leaks: ContextVar[str] = ContextVar("leaks", default="clean")


@pytest.fixture
def caller_settings() -> CommonSettings:
    kind = type("Settings", (CommonSettings,), {"service": "intake"})
    return settings_for(kind, quota_url="http://127.0.0.1:9")


@pytest.fixture
async def client(caller_settings: CommonSettings, probe: FastAPI) -> AsyncIterator[InProcessClient]:
    # the probe answers under the name that its settings have
    one = InProcessClient(caller_settings, lambda service: probe if service == "gateway" else None)
    yield one
    await one.close()


async def test_a_person_is_carried_along(client: InProcessClient) -> None:
    made = await client.call("gateway", "POST", "/v1/notes", actor=actor(Role.officer), json={"word": "水"})
    assert made["word"] == "水"
    assert await client.call("gateway", "GET", "/v1/notes", actor=actor(Role.officer)) == ["水"]


async def test_a_service_acts_for_itself(client: InProcessClient) -> None:
    assert await client.call("gateway", "GET", "/v1/inside", cities=["330800"]) == {"caller": "intake"}


async def test_a_refusal_carries_its_problem(client: InProcessClient) -> None:
    with pytest.raises(RemoteProblem) as refused:
        await client.call("gateway", "POST", "/v1/notes", actor=actor(Role.applicant), json={"word": "水"})
    assert (refused.value.remote_status, refused.value.remote_code) == (403, "common.forbidden")


async def test_an_error_of_the_other_is_its_absence(client: InProcessClient) -> None:
    with pytest.raises(OwnerUnavailable):
        await client.call("gateway", "GET", "/v1/broken", cities=["330800"])


async def test_a_service_that_is_not_there(client: InProcessClient, caller_settings: CommonSettings) -> None:
    with pytest.raises(OwnerUnavailable):
        await client.call("documents", "GET", "/v1/files")
    http = HttpClient(caller_settings)
    with pytest.raises(OwnerUnavailable):
        await http.call("quota", "GET", "/v1/pools")
    await http.close()


async def test_the_callee_finishes_though_the_caller_gave_up(caller_settings: CommonSettings) -> None:
    finished = asyncio.Event()
    leaked: list[str] = []
    go_on = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        leaked.append(_leaks.get())
        await go_on.wait()
        finished.set()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    _leaks.set("the caller's")
    client = InProcessClient(caller_settings, lambda service: slow)
    with pytest.raises(OwnerUnavailable):
        await client.call("quota", "POST", "/v1/holds", json={}, timeout=0.01)
    go_on.set()
    async with asyncio.timeout(5):
        await finished.wait()
    await client.close()
    assert leaked == ["clean"]


async def test_the_trace_goes_on(client: InProcessClient, probe: FastAPI) -> None:
    with trace.use(trace.from_header(None)) as current, pytest.raises(RemoteProblem) as refused:
        await client.call("gateway", "GET", "/v1/nowhere", cities=["330800"])
    assert refused.value.problem["trace_id"] == current.trace_id
