"""Old holds are settled by asking intake; the ledger check shows in the metrics."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import Depends, FastAPI, Response
from fastapi.responses import JSONResponse

from common.actor import Actor
from common.auth import current_actor
from common.db import ALL_CITIES, cities
from common.inprocess import InProcessClient
from common.jobs import JobContext, Worker
from common.testing import settings_for, tokens_of
from quota.holds import service as holds
from quota.settings import Settings
from quota.settlements.service import GIVE_UP_AFTER, settle_overdue
from quota.sweeps import CHECK, SETTLE, Gauges, mismatches, sweeps

NOW = timedelta()


@dataclass
class Intake:
    """A stand-in with intake's settle door. `answers` by subject; others are void."""

    answers: dict[UUID, Any] = field(default_factory=dict)
    asked: list[UUID] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    up: bool = True

    def app(self) -> FastAPI:
        app = FastAPI()
        app.state.tokens = tokens_of("intake")

        @app.post("/v1/holds/{subject}/settle")
        async def settle(subject: UUID, actor: Annotated[Actor, Depends(current_actor)]) -> Response:
            assert actor == Actor(caller="quota", cities=frozenset({"330800"}))
            self.asked.append(subject)
            self.reached.set()
            answer = self.answers.get(subject, "void")
            if isinstance(answer, int):
                return JSONResponse({"code": "intake.refused"}, status_code=answer)
            return JSONResponse(answer if isinstance(answer, dict) else {"outcome": answer})

        return app

    def client(self) -> InProcessClient:
        app = self.app()
        return InProcessClient(settings_for(Settings), lambda _name: app if self.up else None)


async def states(house: Any, *subjects: UUID) -> list[str]:
    async with house.db.read(cities(house.city)) as session:
        found = {hold.subject: hold.state.value for hold in await holds.batch(session, subjects)}
    return [found[subject] for subject in subjects]


async def test_committed_is_confirmed_and_void_is_freed(quota: Any) -> None:
    await quota.allot({"major/city": 3})
    stays, goes, done = [(await quota.take("major/city")).subject for _ in range(3)]
    await quota.confirm(done)
    intake = Intake({stays: "committed"})
    client = intake.client()
    first = await settle_overdue(quota.db, client, NOW)
    second = await settle_overdue(quota.db, client, NOW)
    await client.close()
    assert (first.confirmed, second.confirmed, second.voided) == (1, 0, 0)
    assert [subject for subject in intake.asked if subject in (stays, goes, done)] == [
        stays,
        goes,
    ]  # the oldest first; nobody asks about a confirmed one, or twice
    assert await states(quota, stays, goes, done) == ["confirmed", "void", "confirmed"]
    assert (await quota.pool("major/city")).used == 2
    last = (await quota.ledger("major/city"))[-1]
    assert (last.kind, last.by, last.reason) == ("void", "service:quota", "settled: void")
    assert await quota.explained()


async def test_young_holds_are_left_alone(quota: Any) -> None:
    await quota.allot({"major/city": 1})
    await quota.take("major/city")
    intake = Intake()
    client = intake.client()
    await settle_overdue(quota.db, client, timedelta(minutes=1))
    await client.close()
    assert intake.asked == []


async def test_while_intake_is_down_the_place_stays_held(quota: Any) -> None:
    await quota.allot({"major/city": 9})
    subjects = [(await quota.take("major/city")).subject for _ in range(GIVE_UP_AFTER + 2)]
    intake = Intake(dict.fromkeys(subjects, "committed"), up=False)
    client = intake.client()
    down = await settle_overdue(quota.db, client, NOW)
    assert (down.unanswered, down.confirmed, down.voided) == (GIVE_UP_AFTER, 0, 0)
    assert await states(quota, *subjects) == ["held"] * len(subjects)
    assert (await quota.pool("major/city")).used == len(subjects)
    intake.up = True
    back = await settle_overdue(quota.db, client, NOW)
    await client.close()
    assert (back.unanswered, back.confirmed) == (0, len(subjects))
    assert await quota.explained()


@pytest.mark.parametrize("answer", [{}, {"outcome": "perhaps"}, {"outcome": None}, 404, 409, 500])
async def test_an_answer_that_says_nothing_changes_nothing_and_stops_nobody(quota: Any, answer: Any) -> None:
    await quota.allot({"major/city": 2})
    odd, sound = [(await quota.take("major/city")).subject for _ in range(2)]
    client = Intake({odd: answer, sound: "committed"}).client()
    done = await settle_overdue(quota.db, client, NOW)
    await client.close()
    assert done.refused + done.unanswered == 1
    assert await states(quota, odd, sound) == ["held", "confirmed"]


async def test_a_hold_voided_while_intake_is_asked_stays_void(quota: Any) -> None:
    """Intake says committed about a subject that was voided here: reported, never taken back."""
    await quota.allot({"major/city": 1})
    subject = (await quota.take("major/city")).subject
    async with quota.db.read(ALL_CITIES) as session:
        (seen,) = [hold for hold in await holds.overdue(session, NOW, None, 100) if hold.subject == subject]
    assert seen.state == "held"
    client = Intake({subject: "committed"}).client()

    class VoidingFirst:
        async def call(self, *args: Any, **options: Any) -> Any:
            await quota.void(subject)
            return await client.call(*args, **options)

    done = await settle_overdue(quota.db, VoidingFirst(), NOW)  # type: ignore[arg-type]  # only call is used
    await client.close()
    assert (done.refused, done.confirmed) == (1, 0)
    assert await states(quota, subject) == ["void"]
    assert (await quota.pool("major/city")).used == 0


async def test_pages_of_old_holds(quota: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quota.settlements.service.PAGE", 2)
    await quota.allot({"major/city": 5})
    subjects = [(await quota.take("major/city")).subject for _ in range(5)]
    intake = Intake(dict.fromkeys(subjects[:4], 409))  # those who refuse do not hide those behind them
    client = intake.client()
    done = await settle_overdue(quota.db, client, NOW)
    await client.close()
    assert done.refused == 4
    assert [subject for subject in intake.asked if subject in subjects] == subjects
    assert await states(quota, *subjects) == ["held"] * 4 + ["void"]


async def test_two_sweeps_and_a_late_commit_at_once(live: Any) -> None:
    await live.allot({"major/city": 40})
    subjects = [(await live.take("major/city")).subject for _ in range(20)]
    client = Intake(dict.fromkeys(subjects, "committed")).client()
    await asyncio.gather(
        settle_overdue(live.db, client, NOW),
        settle_overdue(live.db, client, NOW),
        *(live.confirm(subject) for subject in subjects),
    )
    await client.close()
    assert set(await states(live, *subjects)) == {"confirmed"}
    assert [entry.kind for entry in await live.ledger("major/city")].count("confirmed") == len(subjects)


async def test_the_worker_settles_by_itself(live: Any, db_url: Callable[[str], str]) -> None:
    await live.allot({"major/city": 1})
    subject = (await live.take("major/city")).subject
    intake = Intake({subject: "committed"})
    client = intake.client()
    settings = settings_for(Settings, database_url=db_url("quota"), settle_after_s=1e-6)
    worker = Worker(settings, sweeps(settings, Gauges()), live.db, client)
    worker.start()
    await asyncio.wait_for(intake.reached.wait(), 20)
    await worker.stop()  # lets the running round end
    await client.close()
    assert await states(live, subject) == ["confirmed"]


async def test_the_metric_counts_pools_that_nothing_explains(quota: Any) -> None:
    settings = settings_for(Settings)
    gauges = Gauges()
    gauge, jobs = gauges.mismatch, sweeps(settings, gauges)
    assert set(jobs.periodic) == {SETTLE, CHECK}
    _, check = jobs.periodic[CHECK]
    client = Intake().client()
    context = JobContext(quota.db, client, settings, 1)
    await check(context)
    assert [sample.value for sample in next(iter(gauge.collect())).samples] == [0.0]
    await quota.allot({"major/city": 3, "major/kecheng": 3, "major/qujiang": 3})
    await quota.take("major/city", "major/kecheng")
    async with quota.db.write(cities(quota.city)) as session:
        connection = await session.connection()
        for statement, row in (
            ("UPDATE pools SET used = used + 1 WHERE key = $1", "major/city"),  # the counter alone
            ("UPDATE hold_pools SET n = 2 WHERE key = $1", "major/kecheng"),  # the hold alone
        ):
            await connection.exec_driver_sql(statement, (quota.key(row),))
    await check(context)
    await client.close()
    assert [sample.value for sample in next(iter(gauge.collect())).samples] == [2.0]
    assert set(await mismatches(quota.db)) == {
        (await quota.pool(row)).id for row in ("major/city", "major/kecheng")
    }


async def test_the_metrics_page_has_it_and_says_nothing_before_the_first_check(quota: Any) -> None:
    async with quota.by_intake() as anyone:
        page = (await anyone.get("/metrics")).text
    assert "quota_ledger_mismatch NaN" in page
