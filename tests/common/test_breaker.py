"""The breaker of a called service: when it opens, whom it lets through while open, what closes it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response

from common.breaker import Breaker, BreakerOpen
from common.client import Caller, HttpClient, RemoteProblem
from common.errors import OwnerUnavailable
from common.inprocess import InProcessClient
from common.settings import CommonSettings
from common.testing import settings_for

PATIENCE_S = 2.0


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def breaker(hands: Hands) -> Breaker:
    return Breaker("quota", failures=3, window_s=10, pause_s=1, now=hands)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.admit(PATIENCE_S)
        breaker.failed()


def test_it_opens_after_so_many_failures_in_a_row(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)
    assert breaker.state == "closed"
    fail(breaker, 1)
    assert breaker.state == "open"
    with pytest.raises(BreakerOpen) as refused:
        breaker.admit(PATIENCE_S)
    assert refused.value.service == "quota"
    assert int(refused.value.headers["Retry-After"]) in (1, 2)


def test_failures_that_are_long_past_do_not_count(breaker: Breaker, hands: Hands) -> None:
    fail(breaker, 2)
    hands.at += 10.1
    fail(breaker, 1)
    assert breaker.state == "closed"


def test_one_at_a_time_probes_and_a_success_closes(breaker: Breaker, hands: Hands) -> None:
    fail(breaker, 3)
    hands.at += 1.51  # the longest pause
    breaker.admit(PATIENCE_S)
    with pytest.raises(BreakerOpen):
        breaker.admit(PATIENCE_S)
    breaker.failed()
    with pytest.raises(BreakerOpen):
        breaker.admit(PATIENCE_S)
    hands.at += 1.51
    breaker.admit(PATIENCE_S)
    breaker.succeeded()
    assert breaker.state == "closed"
    fail(breaker, 2)
    assert breaker.state == "closed"  # it counts from nothing again


def test_a_probe_that_never_comes_back_only_costs_a_pause(breaker: Breaker, hands: Hands) -> None:
    fail(breaker, 3)
    hands.at += 1.51
    breaker.admit(PATIENCE_S)
    hands.at += PATIENCE_S + 0.01
    breaker.admit(PATIENCE_S)


def test_pauses_differ(hands: Hands) -> None:
    waits = set()
    for _ in range(20):
        one = Breaker("quota", failures=1, window_s=10, pause_s=100, now=hands)
        fail(one, 1)
        with pytest.raises(BreakerOpen) as refused:
            one.admit(PATIENCE_S)
        waits.add(int(refused.value.headers["Retry-After"]))
    assert len(waits) > 1
    assert min(waits) >= 50
    assert max(waits) <= 150


class Callee:
    """A service whose answer can be changed, and which counts what reaches it."""

    def __init__(self) -> None:
        self.answer: Callable[[], Any] = lambda: {"well": True}
        self.reached = 0
        self.app = FastAPI()

        @self.app.get("/{path:path}")
        async def everything(path: str, request: Request) -> Any:
            self.reached += 1
            return self.answer()


Make = Callable[..., Caller]


@pytest.fixture
def callee() -> Callee:
    return Callee()


class Quiet(uvicorn.Server):
    """Leaves the signals alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@pytest.fixture
async def url(callee: Callee) -> AsyncIterator[str]:
    """The callee behind a socket."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Quiet(uvicorn.Config(callee.app, lifespan="off", log_config=None))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.fixture(params=["http", "in process"])
async def make(request: pytest.FixtureRequest, callee: Callee, hands: Hands, url: str) -> AsyncIterator[Make]:
    """`make(breaker_failures=2)`: a client that reaches the callee under every name."""
    made: list[Caller] = []

    def client(**values: Any) -> Caller:
        kind = type("Settings", (CommonSettings,), {"service": "intake"})
        usual = {"breaker_failures": 3, "breaker_pause_s": 600.0, "quota_url": url, "eligibility_url": url}
        settings = settings_for(kind, **usual | values)
        if request.param == "http":
            one: Caller = HttpClient(settings)
        else:
            one = InProcessClient(settings, lambda service: callee.app)
        made.append(one)
        return one

    yield client
    for one in made:
        await one.close()


async def ask(client: Caller, service: str = "quota", **options: Any) -> Any:
    return await client.call(service, "GET", "/v1/pools", cities=["330800"], **options)


def status(code: int, content: bytes = b"{}") -> Callable[[], Response]:
    return lambda: Response(content, code, media_type="application/json")


@pytest.mark.parametrize(
    "answer",
    [status(500), status(200, b'{"half": '), lambda: Response("<html>", 200, media_type="text/html")],
    ids=["an error", "half an answer", "somebody else's page"],
)
async def test_a_service_that_only_fails_is_left_alone(make: Make, callee: Callee, answer: Any) -> None:
    client = make()
    callee.answer = answer
    for _ in range(5):
        with pytest.raises(OwnerUnavailable):
            await ask(client)
    assert callee.reached == 3
    assert client.states() == {"quota": "open"}
    callee.answer = lambda: {"well": True}
    assert await ask(client, "eligibility") == {"well": True}
    assert client.states() == {"quota": "open", "eligibility": "closed"}


async def test_a_service_that_fails_one_time_in_three_is_asked_on(make: Make, callee: Callee) -> None:
    client, outcomes = make(), []
    for number in range(12):
        callee.answer = status(500) if number % 3 == 0 else status(200, b'"well"')
        try:
            outcomes.append(await ask(client))
        except OwnerUnavailable:
            outcomes.append("away")
    assert outcomes == ["away", "well", "well"] * 4
    assert callee.reached == 12


async def test_a_refusal_is_an_answer(make: Make, callee: Callee) -> None:
    client = make()
    for kind in (500, 500, 409, 500, 500, 422):
        callee.answer = status(kind, b'{"code": "quota.refused"}')
        with pytest.raises(RemoteProblem if kind < 500 else OwnerUnavailable):
            await ask(client)
    assert client.states() == {"quota": "closed"}


async def test_whoever_passes_on_another_s_absence_is_not_away(make: Make, callee: Callee) -> None:
    client = make()
    callee.answer = status(503, b'{"code": "common.owner_unavailable", "service": "documents"}')
    for _ in range(6):
        with pytest.raises(OwnerUnavailable) as away:
            await ask(client)
        assert away.value.service == "documents"
    assert callee.reached == 6
    assert client.states() == {"quota": "closed"}


async def test_it_closes_when_the_service_answers_a_probe(make: Make, callee: Callee) -> None:
    client = make(breaker_pause_s=0.001)
    callee.answer = status(500)
    for _ in range(3):
        with pytest.raises(OwnerUnavailable):
            await ask(client)
    callee.answer = lambda: {"well": True}
    async with asyncio.timeout(10):
        while client.states() != {"quota": "closed"}:
            try:
                assert await ask(client) == {"well": True}
            except BreakerOpen:
                await asyncio.sleep(0)


async def test_hanging_calls_open_it_and_a_call_that_had_no_time_left_does_not(
    make: Make, callee: Callee
) -> None:
    client = make(call_timeout_s=0.2)
    hanging = asyncio.Event()

    @callee.app.get("/hang")
    async def hang() -> None:
        await hanging.wait()

    callee.app.router.routes.insert(0, callee.app.router.routes.pop())

    async def hung(timeout: float) -> None:
        with pytest.raises(OwnerUnavailable):
            await client.call("quota", "GET", "/hang", cities=["330800"], timeout=timeout)

    for _ in range(4):
        await hung(0.01)
    assert client.states() == {"quota": "closed"}
    await asyncio.gather(*(hung(0.15) for _ in range(3)))
    assert client.states() == {"quota": "open"}
    hanging.set()
