"""A house with a yesterday and a today, and a backup of each.

Yesterday two applications were recommended. Today one of them is withdrawn, the other approved, a third is
recommended, a fourth submitted, and a new version of the guide moves a place from one row to another.
"""

import json
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli import operations, project
from cli.demo import applying, bureau, cast
from cli.demo.applying import raw_id
from cli.demo.story import Story, open_call
from cli.local import House, Plan, running_house
from cli.main import main
from cli.project import RunDir

PACK = "deploy/guides/qz-2020.yaml"
APPROVED, WITHDRAWN, RECOMMENDED, SUBMITTED = "09", "10", "11", "12"
GIVES, GETS = "qz-2020/qz20-rd/longyou", "qz-2020/qz20-rd/jiangshan"
_LOOK_S = 0.05
_MARKS = {"expert-1": 88, "expert-2": 84}


@dataclass
class Days:
    """The house as it is, and its two backups.

    Attributes:
        recommendations: application number -> raw id of its recommendation.
        version: of the guide, published today.
    """

    house: House
    story: Story
    yesterday: Path
    today: Path
    recommendations: dict[str, str]
    version: str

    def back(self, backup: Path, *services: str) -> None:
        """Restore these services, whatever they hold; stopped before, started after."""
        named = [word for service in services for word in ("--service", service)]
        with self.stopped(*services):
            assert main(["restore", "--from", str(backup), "--replace", *named]) == 0

    @contextmanager
    def stopped(self, *services: str) -> Iterator[None]:
        """These services are down in the block."""
        for service in services:
            self.house.fleet.stop_service(service)
        try:
            yield
        finally:
            for service in services:
                self.house.fleet.start_service(service)
            self.house.fleet.wait_ready()

    def used(self) -> dict[str, tuple[int, int]]:
        """(used, limit) of every row of the guide that is used or was moved."""
        query = 'query { quotaRows(guide: "qz-2020") { key used limit } }'
        rows = self.story.staff["officer"].ask(query)["quotaRows"]
        return {
            row["key"]: (row["used"], row["limit"])
            for row in rows
            if row["used"] or row["key"] in (GIVES, GETS)
        }


def until(check: Callable[[], Any]) -> Any:
    """Wait (at most 30 s) until `check()` is true; what it gave."""
    deadline, pause = time.monotonic() + 30, threading.Event()
    while not (found := check()):
        assert time.monotonic() < deadline, "did not come about in 30 s"
        pause.wait(_LOOK_S)
    return found


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that Postgres, as another user, may enter too."""
    made = Path(tempfile.mkdtemp(prefix="shenbao-restore-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def days(folder: Path) -> Iterator[Days]:
    wanted = dict(
        zip(("gateway", "intake", "eligibility", "quota", "documents"), range(18300, 18305), strict=True)
    )
    run = RunDir(folder / "run")
    run.path.mkdir()
    with (
        pytest.MonkeyPatch.context() as env,
        running_house(run.made(), Plan(lasting=False, wanted_ports=wanted), print) as house,
    ):
        env.setenv("SHENBAO_RUN_DIR", str(run.path))
        # servers close what was idle for 5 s; a client that keeps it as long may write into a closed one
        idle = httpx.Limits(keepalive_expiry=1)
        with httpx.Client(base_url=house.gateway_url, timeout=60, trust_env=False, limits=idle) as http:
            yield _live_through(Story(house, http), folder)


def _live_through(story: Story, folder: Path) -> Days:
    operations.publish(story.house.intake_url, story.house.keys, project.root() / PACK)
    open_call(story)
    story.clock("06-15T09:00:00")
    for number in (APPROVED, WITHDRAWN, RECOMMENDED, SUBMITTED):
        story.applications[number] = story.prepare(number)
    for number in (APPROVED, WITHDRAWN, RECOMMENDED):
        _submit(story, number)
    story.clock("06-20T10:00:00")
    made = {number: _recommend(story, number) for number in (APPROVED, WITHDRAWN)}
    days = Days(story.house, story, folder / "yesterday", folder / "today", made, "")
    _rest(days)
    assert main(["backup", "--to", str(days.yesterday)]) == 0
    story.clock("06-21T10:00:00")
    days.version = _move_a_place(story, folder)
    _submit(story, SUBMITTED)
    made[RECOMMENDED] = _recommend(story, RECOMMENDED)
    _recommender(story, WITHDRAWN).do(
        "withdrawRecommendation",
        "recommendation { state }",
        recommendationId=made[WITHDRAWN],
        reason="申报单位放弃",
    )
    _approve(story, APPROVED)
    _rest(days)
    assert main(["backup", "--to", str(days.today), "--link", str(days.yesterday)]) == 0
    return days


def _submit(story: Story, number: str) -> None:
    person = story.person(cast.applicant(story.plays[number]))
    payload = applying.submit(person, story.applications[number])
    assert payload["attempt"]["state"] == "admitted"


def _recommender(story: Story, number: str) -> Any:
    return story.person(cast.recommender(story.plays[number]["recommender"]))


def _recommend(story: Story, number: str) -> str:
    """The raw id of the recommendation."""
    person, application = _recommender(story, number), story.applications[number]["id"]
    applying.recommend(person, application)
    one = story.plays[number]
    row = ("1", one["title"], story.cast.unit_of(one)["name"], one["leader"], one["category"])
    applying.seal(person, application, story.cast.units[one["recommender"]]["name"], row)
    query = "query($id: ID!) { application(id: $id) { recommendation { id state } } }"
    found = story.staff["officer"].ask(query, id=application)["application"]["recommendation"]
    assert found["state"] == "recommended"
    return raw_id(found["id"])


def _move_a_place(story: Story, folder: Path) -> str:
    """Publish a version of the guide in which one row gives another a place; the version."""
    before, mark, rows = (
        (project.root() / PACK).read_text(encoding="utf-8").partition("  - category: qz20-rd\n")
    )
    for token, limits in (("longyou", ("5", "4")), ("jiangshan", ("5", "6"))):
        line = re.compile(rf"(\{{token: {token}, .*limit: ){limits[0]}\}}")
        rows, found = line.subn(rf"\g<1>{limits[1]}}}", rows, count=1)
        assert found
    file = folder / "moved.yaml"
    file.write_text(before + mark + rows, encoding="utf-8")
    return operations.publish(story.house.intake_url, story.house.keys, file)[1]


def _approve(story: Story, number: str) -> None:
    officer, head = story.staff["officer"], story.staff["head"]
    application = story.applications[number]["id"]
    story.clock("07-02T09:00:00")
    bureau.accept(officer, application)
    bureau.judge(story.staff["reviewer"], application)
    bureau.formal_review(story.staff["reviewer"], application)
    experts = {name: story.staff[name] for name in _MARKS}
    assigned = bureau.assign(
        officer, application, {name: applying.person_id(person) for name, person in experts.items()}
    )
    bureau.score(experts, assigned, _MARKS)
    officer.do("proposeApplications", "proposal { id }", guide="qz-2020", applicationIds=[application])
    starts, ends = story.clock("07-20T09:00:00"), story.clock("07-27T09:00:00")
    story.clock("07-20T09:00:00")
    bureau.publish_notice(officer, "qz-2020", [application], starts, ends)
    story.clock("07-28T09:00:00")
    head.do("approveApplication", "application { state } seq", applicationId=application)


def _rest(days: Days) -> None:
    """Wait until no job is under way: places are confirmed or given back, papers are read."""

    def quiet() -> bool:
        return reconcile_quietly() == 0 and not open_jobs(days.house)

    until(quiet)


def open_jobs(house: House) -> int:
    """Jobs of all services that are due and not done (expiries wait for their hour)."""
    import asyncio

    import asyncpg

    async def count() -> int:
        found = 0
        for service, dsn in house.dsns.items():
            connection = await asyncpg.connect(dsn)
            try:
                found += await connection.fetchval(
                    f"SELECT count(*) FROM {service}_jobs.pgqueuer WHERE execute_after <= now()"  # noqa: S608
                )
            finally:
                await connection.close()
        return found

    return asyncio.run(count())


def reconcile_quietly() -> int:
    return main(["reconcile", "--json", "--again-after", "0"])


@pytest.fixture
def reconciled(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, set[tuple[str, str, str]]]]:
    """`reconciled("--mend")`: the exit code, and (what, about, outcome) of every difference."""

    def run(*words: str) -> tuple[int, set[tuple[str, str, str]]]:
        capsys.readouterr()
        code = main(["reconcile", "--json", "--again-after", "0", *words])
        said = capsys.readouterr()
        assert said.out, said.err
        return code, {
            (one["what"], one["about"], one["outcome"])
            for city in json.loads(said.out)
            for check in city["checks"]
            for one in check["differences"]
        }

    return run
