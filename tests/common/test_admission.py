"""How many are served at once, how many wait, who is refused; and that waiting costs nobody the deadline."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.types import Message

from common import arrival
from common.admission import Admission
from common.app import create_app, drain
from common.auth import PublicDep
from common.clock import clock
from common.errors import Busy
from common.inprocess import InProcessClient
from common.jobs import Jobs
from common.roles import Role
from common.settings import CommonSettings
from common.testing import actor, http, settings_for

WAIT_S = 10
Make = Callable[..., FastAPI]


async def until(check: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not check():  # noqa: ASYNC110  # a counter tells nobody when it changes
            await asyncio.sleep(0)


async def test_places_are_given_in_order_and_one_too_many_is_refused() -> None:
    admission, order, go_on = Admission(1, 2), [], asyncio.Event()

    async def served(name: str) -> None:
        async with admission.place():
            await go_on.wait()
            order.append(name)

    async with asyncio.TaskGroup() as group:
        for name in ("first", "second", "third"):
            group.create_task(served(name))
            await asyncio.sleep(0)
        assert (admission.serving, admission.waiting) == (1, 2)
        with pytest.raises(Busy) as refused:
            await served("fourth")
        assert refused.value.headers["Retry-After"] == "5"
        go_on.set()
    assert order == ["first", "second", "third"]
    assert (admission.serving, admission.waiting) == (0, 0)


async def test_whoever_gives_up_waiting_leaves_no_trace() -> None:
    admission, go_on = Admission(1, 1), asyncio.Event()

    async def served() -> None:
        async with admission.place():
            await go_on.wait()

    first = asyncio.create_task(served())
    await until(lambda: admission.serving == 1)
    second = asyncio.create_task(served())
    await until(lambda: admission.waiting == 1)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert admission.waiting == 0
    third = asyncio.create_task(served())
    await until(lambda: admission.waiting == 1)
    go_on.set()
    await asyncio.gather(first, third)
    assert (admission.serving, admission.waiting) == (0, 0)


class Gate:
    """A route that answers when it is let go, with its arrival; and a stream that waits likewise."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.bodies: list[dict[str, str]] = []
        self.router = APIRouter(prefix="/v1")

        @self.router.get("/held")
        async def held(actor: PublicDep, arrived: Annotated[datetime, Depends(arrival.of)]) -> str:
            await self.open.wait()
            return arrived.isoformat()

        @self.router.post("/held")
        async def noted(actor: PublicDep, body: dict[str, str]) -> None:
            await self.open.wait()
            self.bodies.append(body)

        @self.router.get("/streams/held")
        async def stream(actor: PublicDep) -> None:
            await self.open.wait()


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def make(gate: Gate) -> AsyncIterator[Make]:
    """`make(max_waiting_requests=1)`: a service with the gate's routes."""

    def made(**values: Any) -> FastAPI:
        kind = type("Settings", (CommonSettings,), {"service": "gateway"})
        settings = settings_for(kind, **{"max_concurrent_requests": 1, "max_waiting_requests": 1} | values)
        return create_app(
            settings, title="Gate", routers=[gate.router], jobs=Jobs(), stream_paths=["/v1/streams"]
        )

    yield made
    gate.open.set()


async def test_under_more_load_than_it_serves_a_service_refuses_early(make: Make, gate: Gate) -> None:
    app = make()
    queue = app.state.queues.requests
    async with http(app, actor(Role.officer)) as client, asyncio.TaskGroup() as group:
        first = group.create_task(client.get("/v1/held"))
        await until(lambda: queue.serving == 1)
        second = group.create_task(client.get("/v1/held"))
        await until(lambda: queue.waiting == 1)
        refused = await client.get("/v1/held")
        assert (refused.status_code, refused.json()["code"]) == (503, "common.busy")
        assert refused.headers["retry-after"] == "5"
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await client.get(path)).status_code == 200, path
        gate.open.set()
    assert (first.result().status_code, second.result().status_code) == (200, 200)


async def test_streams_take_no_places_of_requests(make: Make, gate: Gate) -> None:
    app = make(max_concurrent_streams=1)
    async with http(app, actor(Role.officer)) as client, asyncio.TaskGroup() as group:
        group.create_task(client.get("/v1/streams/held"))
        await until(lambda: app.state.queues.streams.serving == 1)
        assert (await client.get("/v1/streams/held")).status_code == 503
        held = group.create_task(client.get("/v1/held"))
        await until(lambda: app.state.queues.requests.serving == 1)
        gate.open.set()
    assert held.result().status_code == 200


async def test_the_time_limit_begins_with_one_s_turn(make: Make, gate: Gate) -> None:
    app = make(request_timeout_s=0.3)
    async with http(app, actor(Role.officer)) as client, asyncio.TaskGroup() as group:
        first = group.create_task(client.get("/v1/held"))
        await until(lambda: app.state.queues.requests.serving == 1)
        second = group.create_task(client.get("/v1/held"))
        await until(lambda: app.state.queues.requests.waiting == 1)
        assert (await first).status_code == 408
        gate.open.set()
    assert second.result().status_code == 200


async def test_arrival_is_before_the_queue(make: Make, gate: Gate, business_clock: Any) -> None:
    app = make()
    business_clock.at("2020-06-28T16:59:59+08:00")
    async with http(app, actor(Role.officer)) as client, asyncio.TaskGroup() as group:
        group.create_task(client.get("/v1/held"))
        await until(lambda: app.state.queues.requests.serving == 1)
        waiting = group.create_task(client.get("/v1/held"))
        await until(lambda: app.state.queues.requests.waiting == 1)
        business_clock.at("2020-06-28T17:00:03+08:00")
        gate.open.set()
    arrived = datetime.fromisoformat(waiting.result().json())
    assert arrived == datetime.fromisoformat("2020-06-28T16:59:59+08:00")


async def test_arrival_is_at_the_first_door(make: Make, gate: Gate, business_clock: Any) -> None:
    """It goes with the caller's calls; a claim from the future, too old or unreadable is not believed."""
    app, kind = make(), type("Settings", (CommonSettings,), {"service": "intake"})
    client = InProcessClient(settings_for(kind), lambda service: app)
    gate.open.set()
    business_clock.at("2020-06-28T16:59:59+08:00")
    in_time = clock.business()
    with arrival.noted():
        business_clock.at("2020-06-28T17:00:03+08:00")
        told = await client.call("gateway", "GET", "/v1/held", actor=actor(Role.officer))
    await client.close()
    assert datetime.fromisoformat(told) == in_time
    late = clock.business()
    claims = {
        in_time.isoformat(): in_time,
        (late + timedelta(seconds=1)).isoformat(): late,
        (late - arrival.OLDEST - timedelta(seconds=1)).isoformat(): late,
        "2020-06-28T16:59:59": late,
        "yesterday": late,
    }
    async with http(app, actor(Role.officer)) as direct:
        for claim, believed in claims.items():
            answer = await direct.get("/v1/held", headers={arrival.HEADER: claim})
            assert datetime.fromisoformat(answer.json()) == believed, claim


async def test_a_service_that_leaves_says_so_and_serves_on(make: Make, gate: Gate) -> None:
    app = make()
    gate.open.set()
    async with http(app, actor(Role.officer)) as client:
        assert "connection" not in (await client.get("/v1/held")).headers
        drain(app)
        ready, held = await client.get("/readyz"), await client.get("/v1/held")
    assert (ready.status_code, ready.json()["checks"]["stays"]) == (503, False)
    assert (held.status_code, held.headers["connection"]) == (200, "close")


async def test_whoever_has_sent_everything_and_left_the_queue_is_served_all_the_same(
    make: Make, gate: Gate
) -> None:
    """As uvicorn does: once the client has gone, `receive` tells that and gives no body any more."""
    app, gone = make(), asyncio.Event()
    queue = app.state.queues.requests

    async def receive() -> Message:
        if gone.is_set():
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": b'{"who": "late"}', "more_body": False}

    async def send(message: Message) -> None:
        assert gone.is_set()

    async with http(app, actor(Role.officer)) as client, asyncio.TaskGroup() as group:
        headers = [
            (b"authorization", client.headers["authorization"].encode()),
            (b"content-type", b"application/json"),
            (b"content-length", b"15"),
        ]
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/held",
            "headers": headers,
            "query_string": b"",
        }
        group.create_task(client.get("/v1/held"))
        await until(lambda: queue.serving == 1)
        group.create_task(app(scope, receive, send))
        await until(lambda: queue.waiting == 1)
        gone.set()
        gate.open.set()
        await until(lambda: gate.bodies == [{"who": "late"}])
