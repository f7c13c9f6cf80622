"""The rush in miniature: sixty people around the close, and what must hold; no times."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from cli import operations, ports, project
from cli.bench import arrivals, checks, report
from cli.bench.applicants import prepare
from cli.bench.rush import CLOSE, PAPERS, Rush, play
from cli.house import SERVICES
from cli.local import Plan, running_house
from cli.project import RunDir
from common.clock import parse_instant

pytestmark = pytest.mark.timeout(300)
IN_TIME, LATE, SECONDS = 54, 6, 6.0
ANY = timedelta(days=1)  # how soon a request is taken up is a time, and no matter of a test
# few seats: most are received and told so, and decided by their jobs
FEW = {"INTAKE_SUBMIT_AT_ONCE": "2", "INTAKE_FINISH_DELAY_S": "2"}


@dataclass(frozen=True, slots=True)
class Played:
    rush: Rush
    ids: list[UUID]
    db: "asyncpg.Connection[Any]"

    async def check(self, **changed: Any) -> checks.Findings:
        """As the benchmark checks, with something changed."""
        given = {"answers": self.rush.answers, "close": CLOSE, "papers": PAPERS, "grace": ANY} | changed
        return await checks.check(self.db, self.ids, **given)


@pytest.fixture(scope="module")
async def played() -> AsyncIterator[Played]:
    # /tmp, not pytest's folder: as root Postgres runs as a user who may not enter that one
    folder = Path(tempfile.mkdtemp(prefix="shenbao-rush-"))
    folder.chmod(0o755)  # noqa: ASYNC240  # nothing else runs yet
    wanted = {service: ports.free() for service in SERVICES}
    plan = Plan(lasting=False, single=True, wanted_ports=wanted, settings=FEW)
    try:
        with running_house(RunDir(folder).made(), plan, print) as house:
            operations.publish(house.intake_url, house.keys, project.root() / "deploy/guides/qz-2020.yaml")
            people = await prepare(house, IN_TIME + LATE)
            rush = await play(house, people, LATE, window_s=SECONDS, grace=ANY)
            db = await asyncpg.connect(house.admin_dsn)
            yield Played(rush, [one.application_id for one in people], db)
            await db.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_most_come_at_the_end() -> None:
    offsets = arrivals.in_time(2000)
    assert len(offsets) == 2000
    assert offsets == sorted(offsets, reverse=True)
    assert 0 < offsets[-1] < offsets[0] <= arrivals.WINDOW_S
    assert sum(offset <= 10 for offset in offsets) in range(1050, 1150)
    assert all(0 < offset <= arrivals.LATE_S for offset in arrivals.late(100))


async def test_nobody_in_time_is_refused_nobody_late_admitted_and_receipts_are_true(played: Played) -> None:
    found = played.rush.findings
    assert found.broken == []
    admitted = sum(parse_instant(one["sent"]) <= CLOSE for one in played.rush.answers) - found.missed
    assert (found.admitted, found.refused) == (admitted, IN_TIME + LATE - admitted)
    assert found.receipts == found.admitted > 0


async def test_whoever_finds_no_seat_is_received_and_decided_later(played: Played) -> None:
    found = played.rush.findings
    assert found.left > 0
    assert found.decided + found.left == IN_TIME + LATE
    assert len(found.decisions) == IN_TIME + LATE
    assert await checks.undecided(played.db, played.ids) == 0


async def test_the_checks_see_what_is_wrong(played: Played) -> None:
    early = await played.check(close=CLOSE - timedelta(days=1))
    assert len(early.late_admitted) == played.rush.findings.admitted
    assert not early.in_time_refused
    late = await played.check(close=CLOSE + timedelta(seconds=30))
    assert len(late.in_time_refused) == played.rush.findings.refused
    assert len((await played.check(papers=PAPERS + 1)).untrue) == played.rush.findings.admitted
    forged = deepcopy(played.rush.answers)
    told = (forged[0]["later"] or forged[0]["body"])["data"]["submitApplication"]
    told["receipt"]["manifestSha256"] = "0" * 64
    assert len((await played.check(answers=forged)).untrue) == 2  # the manifest, and the digest over it


async def test_an_answer_without_an_attempt_is_a_refusal(played: Played) -> None:
    ids = [UUID(int=0), *played.ids[1:]]
    found = await checks.check(played.db, ids, played.rush.answers, close=CLOSE, papers=PAPERS, grace=ANY)
    assert len(found.in_time_refused) == 1


def test_the_page_names_what_is_broken(played: Played) -> None:
    rates = {"pgbench": [1000.0, 1100.0, 900.0], "orm": [100.0], "none": []}
    text = report.page(played.rush, rates, single=True)
    assert "| **in time refused** | 0 |" in text
    assert "| orm | 100 | 0.100 |" in text
    assert "| none | not installed |" in text
    assert "BROKEN" not in text
