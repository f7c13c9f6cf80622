"""`shenbao bench rush`: two thousand applicants in the last minute, on this machine.

Prints what came of it beside pgbench and a plain ORM transaction on the same cluster, writes it to
`bench/results/`, and fails where an invariant is broken; never because of a time.
"""

import asyncio
import time
from collections.abc import Sequence

from cli import project
from cli.bench import arrivals, report, scale
from cli.bench.applicants import Applicant, prepare
from cli.bench.rush import play, steady
from cli.local import House
from common.clock import clock

_ROUNDS = 3
_WARM = 40
_STEADY = 150


def bench(house: House, applicants: int, *, single: bool) -> int:
    """The whole benchmark; 0 where every invariant held."""
    late = round(applicants * arrivals.LATE_SHARE)
    began = time.monotonic()
    everybody = asyncio.run(prepare(house, applicants + late + _WARM + _ROUNDS * _STEADY))
    house.say(f"{len(everybody)} complete drafts ({time.monotonic() - began:.0f} s)")
    steady(house, everybody[:_WARM])  # every process has its code and its plans then
    people = everybody[_WARM:]
    rates = _rates(house, people[: _ROUNDS * _STEADY])
    house.say(f"the close is near: {applicants} in time, {late} too late")
    found = asyncio.run(play(house, people[_ROUNDS * _STEADY :], late))
    text = report.page(found, rates, single=single)
    house.say(text)
    file = (
        project.root()
        / "bench"
        / "results"
        / f"{clock.system():%Y-%m-%d}-rush{'-single' if single else ''}.md"
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    house.say(f"written to {file.relative_to(project.root())}")
    return 1 if found.findings.broken else 0


def _rates(house: House, people: Sequence[Applicant]) -> dict[str, list[float]]:
    """Rounds of all three, taken in turns."""
    asyncio.run(scale.prepare(house.admin_dsn))
    names = ("pgbench, one transaction", "a plain ORM session, the same", "whole submissions, all services")
    rates: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(_ROUNDS):
        by_pgbench = scale.pgbench(house.admin_dsn, house.work_dir)
        if by_pgbench is not None:
            rates[names[0]].append(by_pgbench)
        rates[names[1]].append(asyncio.run(scale.orm(house.admin_dsn)))
        rates[names[2]].append(steady(house, people[turn * _STEADY : (turn + 1) * _STEADY]))
    return rates
