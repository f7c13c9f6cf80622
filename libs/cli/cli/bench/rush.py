"""The last minute of a call: people submit, most of them in the last seconds, some too late."""

import asyncio
import json
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from cli.bench import arrivals, checks
from cli.bench.applicants import Applicant
from cli.bench.checks import Findings
from cli.bench.client import Answer, Order
from cli.local import House
from common.clock import parse_instant

CLOSE = parse_instant("2020-06-28T17:00:00+08:00")
PAPERS = 4
_LEAD = timedelta(seconds=3)
_SETTLE_S = 180
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Rush:
    """What was measured.

    Attributes:
        answers: of all, in the order in which they were to come.
        findings: what the rows say.
        settled: seconds from the close to the last decision.
        memory: service -> MB of resident memory before and after; empty where the system does not say.
    """

    answers: list[Answer]
    findings: Findings
    settled: float
    memory: dict[str, tuple[float, float]]


async def play(
    house: House,
    people: Sequence[Applicant],
    late: int,
    *,
    window_s: float = arrivals.WINDOW_S,
    grace: timedelta = checks.GRACE,
) -> Rush:
    """Let these people submit around the close, the last `late` of them after it; wait for every decision.

    Raises:
        TimeoutError: an attempt is still undecided after three minutes.
    """
    in_time = len(people) - late
    offsets = [*(-s for s in arrivals.in_time(in_time, window_s)), *arrivals.late(late)]
    moments = [CLOSE + timedelta(seconds=offset) for offset in offsets]
    before = memory(house)
    house.set_clock(moments[0] - _LEAD, frozen=False)
    answers = await asyncio.to_thread(send, house, people, moments)
    ids = [one.application_id for one in people]
    db = await asyncpg.connect(house.admin_dsn)
    try:
        await _settled(db, ids)
        await asyncio.to_thread(_ask_again, house, people, answers)
        found = await checks.check(db, ids, answers, close=CLOSE, papers=PAPERS, grace=grace)
    finally:
        await db.close()
    last = max(found.decisions, default=CLOSE)
    after = memory(house)
    return Rush(
        answers,
        found,
        (last - CLOSE).total_seconds(),
        {name: (before[name], after[name]) for name in before if name in after},
    )


async def _settled(db: "asyncpg.Connection[Any]", ids: list[Any]) -> None:
    """Wait until all are decided; raises as `play`."""
    deadline = time.monotonic() + _SETTLE_S
    while left := await checks.undecided(db, ids):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{left} attempts are not decided after {_SETTLE_S} s")
        await asyncio.sleep(0.2)


def send(
    house: House,
    people: Sequence[Applicant],
    moments: Sequence[datetime] | None = None,
    at_once: int = _AT_ONCE,
) -> list[Answer]:
    """Have a process of its own submit for these people, at these instants, or so many at once."""
    plan_file, answers_file = house.work_dir / "plan.json", house.work_dir / "answers.json"
    orders: list[Order] = [
        {
            "at": moments[index].isoformat() if moments else None,
            "token": one.token,
            "application_id": urlsafe_b64encode(f"Application:{one.application_id}".encode())
            .decode()
            .rstrip("="),
            "revision": one.revision,
        }
        for index, one in enumerate(people)
    ]
    plan = {"url": house.gateway_url, "clock": str(house.run.clock), "orders": orders, "at_once": at_once}
    plan_file.write_bytes(orjson.dumps(plan))
    subprocess.run([sys.executable, "-m", "cli.bench.client", plan_file, answers_file], check=True)
    found: list[Answer] = json.loads(answers_file.read_bytes())
    return found


def _ask_again(house: House, people: Sequence[Applicant], answers: list[Answer]) -> None:
    """Whoever was told "received, being decided" sends the same again, and hears the decision."""
    open_ = [index for index, answer in enumerate(answers) if checks.is_open(answer)]
    again = send(house, [people[index] for index in open_]) if open_ else []
    for index, answer in zip(open_, again, strict=True):
        answers[index]["later"] = answer["body"]


def steady(house: House, people: Sequence[Applicant]) -> float:
    """Submissions a second with sixteen people at any time, a day before the close."""
    house.set_clock(CLOSE - timedelta(days=1), frozen=False)
    answers = send(house, people)
    sent = min(parse_instant(one["sent"]) for one in answers)
    return len(people) / (max(parse_instant(one["answered"]) for one in answers) - sent).total_seconds()


def memory(house: House) -> dict[str, float]:
    """Resident memory of each child in MB; empty where there is no /proc."""
    found = {}
    for name, child in house.fleet.children.items():
        status = Path(f"/proc/{child.pid}/status")
        if status.exists():
            (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmRSS:")]
            found[name] = int(line.split()[1]) / 1024
    return found
