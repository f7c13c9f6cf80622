"""Kill -9 at every named place of the main line: afterwards, with nobody helping, all is as it should be.

One case holds a process at a fault point, kills a victim, lets the others go on, starts the victim again and
waits until all is quiet. A sample runs always; all cases where SHENBAO_CRASH=full asks for their minutes.
"""

import asyncio
import os
from importlib import import_module
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet
from tests.crash import invariants, way
from tests.crash.site import CLIENT, POSTGRES, SELF, Site
from tests.crash.steps import STEPS, Step

from cli.house import SERVICES
from common import faults

CASES = [(step, point, victim) for step in STEPS for point in (*step.points, *step.jobs)
         for victim in step.victims(point)]  # fmt: skip
GO_ON = 60
SAMPLE = {
    ("submit", "intake.submit.opened", SELF),
    ("submit", "documents.bundle.sealing", POSTGRES),
    ("submit", "intake.submit.deciding", CLIENT),
    ("abandon a submission", "intake.finish_attempt.taken", SELF),
    ("recommend", "quota.hold.taking", SELF),
    ("recommend", "intake.recommend.held", SELF),
    ("recommend", "intake.confirm_hold.done", SELF),
    ("recommend", "eligibility.assessment.stored", "intake"),
    ("abandon a recommendation with a place", "quota.settle.answered", SELF),
    ("approve", "intake.approve.published", POSTGRES),
    ("approve", "intake.approve.committed", SELF),
    ("approve", "intake.register_project.done", SELF),
    ("approve", "gateway.command.answered", SELF),
}


def chosen() -> list[ParameterSet]:
    whole = os.environ.get("SHENBAO_CRASH") == "full"
    return [
        pytest.param(step, point, victim, id=f"{step.name}-{point}-{victim}")
        for step, point, victim in CASES
        if whole or (step.name, point, victim) in SAMPLE
    ]


def test_every_fault_point_is_in_the_matrix() -> None:
    apps = [import_module(f"{service}.app") for service in SERVICES]
    named = {point for point in faults.points() if point.startswith((*SERVICES, "common."))}
    handled = {name for app in apps for name in getattr(getattr(app, "jobs", None), "handlers", ())}
    jobs = {f"{name}.{at}" for name in handled for at in ("taken", "done")}
    assert jobs
    assert {point for _, point, _ in CASES} == named | jobs
    assert {(step.name, point, victim) for step, point, victim in CASES} >= SAMPLE


@pytest.mark.parametrize(("step", "point", "victim"), chosen())
async def test_whoever_dies_nothing_is_lost_and_nothing_happens_twice(
    site: Site, step: Step, point: str, victim: str
) -> None:
    season, entry = await step.prepare(site)
    site.arm(point)
    asking: asyncio.Task[Any] | None = None
    try:
        if step.act is not None:
            await step.act(site, season, entry)
        if step.order is not None and victim == CLIENT:
            with site.client(step.order(season, entry)) as client:
                await site.reached(point)
                client.kill()
        else:
            if step.order is not None:
                asking = asyncio.create_task(site.insist(step.order(season, entry)))
            died = site.kill(victim, await site.reached(point))
            site.let_go()
            await site.start_again(died)
    finally:
        site.let_go()
    if step.order is not None:
        await (asking or site.insist(step.order(season, entry)))
    await invariants.quiet(site)
    assert (await way.state_of(season, entry))["state"] == step.end
    await invariants.hold(site)


@pytest.mark.timeout(600)
async def test_what_was_hurt_goes_on_to_the_provincial_list(site: Site) -> None:
    """Applications of the cases above, spread over all, go from wherever they stand to their award."""
    chosen = site.begun[:: 1 + len(site.begun) // GO_ON]
    for season, entry in chosen:
        await way.to_the_end(season, entry)
        assert (await way.state_of(season, entry))["state"] == "approved"
    await invariants.quiet(site)
    await invariants.hold(site)
