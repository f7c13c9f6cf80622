"""Two populated cities, the five apps in this process on their databases, and people to call them.

A house of its own plays both cities once; the tests then speak to apps made here on the same databases,
inside transactions that are rolled back. So a command may really run, and the next test finds the cities
untouched.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from tests.strangers.towns import HERE, NOW, THERE, Town, populate
from tests.strangers.world import World, opened

from cli.local import House, Plan, running_house
from cli.project import RunDir
from common.clock import clock

PORTS = dict(
    zip(("gateway", "intake", "eligibility", "quota", "documents"), range(18600, 18605), strict=True)
)


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    # /tmp, not pytest's folder: as root Postgres runs as a user who may not enter that one
    folder = Path(tempfile.mkdtemp(prefix="shenbao-strangers-"))
    folder.chmod(0o755)
    plan = Plan(lasting=False, single=True, wanted_ports=PORTS)
    try:
        with running_house(RunDir(folder).made(), plan, print) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def towns(house: House) -> tuple[Town, Town]:
    """The city of the rows, and its twin."""
    with httpx.Client(base_url=house.gateway_url, timeout=30, trust_env=False) as http:
        here, there = (populate(house, http, city) for city in (HERE, THERE))
    return here, there


@pytest.fixture(scope="session")
async def all_apps(house: House, towns: tuple[Town, Town]) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        world = await opened(stack, house, towns)
        async with world.undone():
            await world.warm()
        yield world


@pytest.fixture
async def world(all_apps: World) -> AsyncIterator[World]:
    """The apps, with everything that a test does undone at its end; the business clock stands still."""
    with clock.frozen(NOW):
        async with all_apps.undone():
            yield all_apps
