"""A house whose services reach each other through proxies that can be made to fail."""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.partial.proxy import Proxy, running_proxy

from cli import operations, project
from cli.demo.story import Story, open_call
from cli.local import House, Plan, running_house
from cli.project import RunDir

LOOK_S = 0.05
WAIT_S = 60
OWNERS = ("eligibility", "documents", "quota")
CALLERS = ("INTAKE", "GATEWAY")
DRAINING = "eligibility"  # the one that is given time to drain
FAULTS_FOLDER = "faults"
QUICK = {
    "INTAKE_CALL_TIMEOUT_S": "1.5",
    "INTAKE_SUBMIT_BUDGET_S": "1.5",
    "INTAKE_FINISH_DELAY_S": "1",
    "INTAKE_BREAKER_PAUSE_S": "0.2",
    "GATEWAY_CALL_TIMEOUT_S": "1.5",
    "GATEWAY_BREAKER_PAUSE_S": "0.2",
    "ELIGIBILITY_DRAIN_S": "8",
    "QUOTA_SETTLE_AFTER_S": "600",
}
"""Short waits; nothing is settled by a sweep, so that what a retry leaves behind is seen."""


@pytest.fixture(scope="session")
def proxies() -> Iterator[dict[str, Proxy]]:
    """The proxy before each owner."""
    with ExitStack() as stack:
        yield {owner: stack.enter_context(running_proxy()) for owner in OWNERS}


@pytest.fixture(scope="session")
def house(proxies: dict[str, Proxy]) -> Iterator[House]:
    """Five processes; what intake and the gateway ask of the other three goes through the proxies."""
    folder = Path(tempfile.mkdtemp(prefix="shenbao-partial-"))
    folder.chmod(0o755)  # Postgres may run as another user
    urls = {
        f"{caller}_{owner.upper()}_URL": f"http://127.0.0.1:{proxy.port}"
        for caller in CALLERS
        for owner, proxy in proxies.items()
    }
    wanted = dict(
        zip(("gateway", "intake", "eligibility", "quota", "documents"), range(18100, 18105), strict=True)
    )
    faults = folder / FAULTS_FOLDER
    faults.mkdir()
    settings = QUICK | urls | {"INTAKE_FAULT_DIR": str(faults)}
    plan = Plan(lasting=False, wanted_ports=wanted, settings=settings)
    try:
        with running_house(RunDir(folder).made(), plan, print) as running:
            for owner, proxy in proxies.items():
                proxy.target = running.where.url(owner)
            pack = project.root() / "deploy/guides/qz-2020.yaml"
            operations.publish(running.intake_url, running.keys, pack)
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def story(house: House) -> Iterator[Story]:
    """The cast, signed up, with the registers filled; the business clock stands on 15 June 2020."""
    with httpx.Client(base_url=house.gateway_url, timeout=40, trust_env=False) as http:
        opened = Story(house, http)
        open_call(opened)
        opened.clock("06-15T09:00:00")
        yield opened


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], Any]], Any]:
    """`until(check)`: waits until `check()` is true, and returns what it gave."""

    def wait(check: Callable[[], Any]) -> Any:
        deadline, pause = time.monotonic() + WAIT_S, threading.Event()
        while not (found := check()):
            assert time.monotonic() < deadline, f"did not come about in {WAIT_S} s"
            pause.wait(LOOK_S)
        return found

    return wait
