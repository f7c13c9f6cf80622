"""A service told to end says so while it still serves; in a process of its own, and as one of several."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from cli import house, ports
from cli.fleet import Fleet
from cli.house import Addresses
from cli.keys import Keys
from cli.project import RunDir

WAIT_S = 60
LOOK_S = 0.02
GATEWAY = {"gateway": "gateway.app:create_app"}  # the one service that needs no database


@contextmanager
def gateway(run: RunDir, drain_s: str, *, single: bool) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    where = Addresses({name: ports.free() for name in house.SERVICES}, ())
    env = house.environment(Keys(run.keys), where, {}, clock_file=run.clock, files=run.path)
    fleet = Fleet(GATEWAY, where, env | {"GATEWAY_DRAIN_S": drain_s}, run.logs, single=single)
    with fleet:
        (child,) = fleet.children.values()
        yield child, where.url("gateway")


def answer(url: str) -> httpx.Response | None:
    """None: the port is closed."""
    try:
        return httpx.get(url, trust_env=False, timeout=10)
    except httpx.TransportError:
        return None


def until(check: Callable[[], Any]) -> Any:
    deadline, pause = time.monotonic() + WAIT_S, threading.Event()
    while not (found := check()):
        assert time.monotonic() < deadline, f"did not come about in {WAIT_S} s"
        pause.wait(LOOK_S)
    return found


def leaves(url: str) -> httpx.Response | None:
    found = answer(f"{url}/readyz")
    return found if found is not None and found.status_code == 503 else None


@pytest.mark.parametrize("single", [False, True], ids=["own process", "one process"])
def test_it_is_not_ready_serves_on_and_a_second_signal_closes(run: RunDir, single: bool) -> None:
    with gateway(run, "600", single=single) as (child, url):
        child.send_signal(signal.SIGTERM)
        ready = until(lambda: leaves(url))
        assert ready.json()["checks"]["stays"] is False
        assert ready.headers["connection"] == "close"
        asked = httpx.post(f"{url}/graphql", json={"query": "{ __typename }"}, trust_env=False)
        assert asked.json() == {"data": {"__typename": "Query"}}
        assert child.poll() is None
        child.send_signal(signal.SIGTERM)
        assert child.wait(WAIT_S) == 0
        assert answer(f"{url}/healthz") is None


def test_without_a_pause_it_ends_at_once(run: RunDir) -> None:
    with gateway(run, "0", single=False) as (child, _):
        child.send_signal(signal.SIGINT)
        assert child.wait(WAIT_S) == 0
    assert "service.draining" not in (run.logs / "gateway.log").read_text()


def test_a_port_that_is_taken_ends_the_start(run: RunDir) -> None:
    with gateway(run, "0", single=False) as (_, url):
        where = Addresses({name: ports.free() for name in house.SERVICES}, ())
        env = house.environment(Keys(run.keys), where, {}, clock_file=run.clock, files=run.path)
        command = [
            sys.executable,
            "-m",
            "common.serving",
            GATEWAY["gateway"],
            "--port",
            url.rpartition(":")[2],
        ]
        done = subprocess.run(command, env=env, check=False, timeout=WAIT_S, capture_output=True)
        assert done.returncode != 0
