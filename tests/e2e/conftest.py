"""A whole house for the tests of this folder: five processes, their own Postgres, the pack of Quzhou 2020."""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli import operations, project
from cli.demo.story import Story, open_call
from cli.local import House, Plan, running_house
from cli.project import RunDir

LOOK_S = 0.05


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    # /tmp, not pytest's folder: as root Postgres runs as a user who may not enter that one
    folder = Path(tempfile.mkdtemp(prefix="shenbao-e2e-"))
    folder.chmod(0o755)
    wanted = dict(
        zip(("gateway", "intake", "eligibility", "quota", "documents"), range(18000, 18005), strict=True)
    )
    plan = Plan(lasting=False, pgbouncer=os.environ.get("SHENBAO_PGBOUNCER") == "1", wanted_ports=wanted)
    try:
        with running_house(RunDir(folder).made(), plan, print) as running:
            operations.publish(
                running.intake_url, running.keys, project.root() / "deploy/guides/qz-2020.yaml"
            )
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def story(house: House) -> Iterator[Story]:
    """The cast, signed up, with the registers filled; the business clock stands on 15 June 2020."""
    with httpx.Client(base_url=house.gateway_url, timeout=30, trust_env=False) as http:
        opened = Story(house, http)
        open_call(opened)
        yield opened


@pytest.fixture
def drafted(story: Story) -> Callable[[str], dict[str, Any]]:
    """`drafted("10")`: a complete draft of that application, by its applicant, on 15 June 2020."""

    def make(number: str) -> dict[str, Any]:
        story.clock("06-15T09:00:00")
        return story.prepare(number)

    return make


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], Any]], Any]:
    """`until(check)`: waits (at most 30 s) until `check()` is true, and returns what it gave."""

    def wait(check: Callable[[], Any]) -> Any:
        deadline, pause = time.monotonic() + 30, threading.Event()
        while not (found := check()):
            assert time.monotonic() < deadline, "did not come about in 30 s"
            pause.wait(LOOK_S)
        return found

    return wait
