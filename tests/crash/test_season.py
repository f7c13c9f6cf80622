"""The whole season while services, workers and Postgres are killed at random moments; SHENBAO_CRASH=full.

The moments come from a seed that the run prints; SHENBAO_SEED repeats them as far as a machine can.
"""

import asyncio
import os
import random
import secrets
import time
from contextlib import suppress

import httpx
import pytest
from tests.crash import invariants
from tests.crash.conftest import crashable
from tests.crash.site import POSTGRES, WORKERS, Site

from cli import operations, project
from cli.demo.season import play
from cli.demo.season.doors import AT_ONCE, Door
from cli.demo.season.season import Season
from cli.house import SERVICES

VICTIMS = (*SERVICES, *(f"{service}-worker" for service in WORKERS), POSTGRES)
# preparations by the operator, who looks at what comes back; and strangers, whose refusals are counted
CALM = ("signing up", "base data", "drafts and papers", "registers", "strangers")
DOWN_S, UP_S = (0.0, 1.0), (2.0, 8.0)
PATIENCE_S = 300.0
# the key of a request whose process died is free after twice this time
SETTINGS = {f"{service.upper()}_REQUEST_TIMEOUT_S": "10" for service in SERVICES}


async def _kill(site: Site, moments: random.Random, over: asyncio.Event) -> list[str]:
    """Kill one after the other until it is over; all stand again then.

    On a slow machine all stand longer between two kills, or the house would be down for most of the time.
    """
    died: list[str] = []
    took = 0.0
    while not over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), moments.uniform(*UP_S) + 2 * took)
            break
        died.append(site.kill(moments.choice(VICTIMS), 0))
        began = time.monotonic()
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), moments.uniform(*DOWN_S))
        await site.start_again(died[-1])
        took = time.monotonic() - began
    return died


@pytest.mark.skipif(os.environ.get("SHENBAO_CRASH") != "full", reason="minutes: set SHENBAO_CRASH=full")
@pytest.mark.timeout(1800)
async def test_the_season_ends_as_the_notice_demands_whoever_dies() -> None:
    seed = int(os.environ.get("SHENBAO_SEED") or secrets.randbelow(2**32))
    moments, died = random.Random(seed), list[str]()
    print(f"SHENBAO_SEED={seed}")  # noqa: T201  # to repeat a run that failed
    limits = httpx.Limits(max_connections=2 * AT_ONCE)
    with crashable(SETTINGS) as (house, cluster, folder):
        guide = project.root() / "deploy/guides/qz-2020.yaml"
        operations.publish(house.intake_url, house.keys, guide)
        async with httpx.AsyncClient(
            base_url=house.gateway_url, timeout=30, trust_env=False, limits=limits
        ) as http:
            season = Season.of(house, Door(http))
            season.patience_s = PATIENCE_S
            site = Site(house, cluster, season, folder / "faults", guide)
            for name, work in play.PHASES:
                over = asyncio.Event()
                killing = None if name in CALM else asyncio.create_task(_kill(site, moments, over))
                try:
                    await season.phase(name, work)
                except Exception as error:
                    error.add_note(await invariants.at_work(site))
                    raise
                finally:
                    over.set()
                    died += await killing if killing else []
            await invariants.quiet(site)
            assert await play.report(season) == 0, season.wrong
            await invariants.hold(site, clean=False)
    assert len(set(died)) > 1, "nobody died in the time that the season took"
